#!/usr/bin/env python3
"""Start Routy: `python3 routy.py serve` installs what it needs on the first run, then hands over to routy.cli.

An installation is a virtual environment in `.venvs/`; `.venv` links to the one in use and changes when the next
is whole: a build cut off leaves what was there, a running server keeps its own. Not to be imported: `routy/` wins.
"""

import fcntl
import importlib.util
import os
import shutil
import signal
import sys
import time
from pathlib import Path
from subprocess import DEVNULL, PIPE, STDOUT, Popen, TimeoutExpired

try:
    import tomllib
except ImportError:
    sys.exit(f"routy: needs Python 3.11 or newer; {sys.executable} is {sys.version.split()[0]}")
ROOT = Path(__file__).resolve().parent
VENV, BUILDS = ROOT / ".venv", ROOT / ".venvs"


def main() -> None:
    if not usable(pins()):
        install()
    python = str(VENV.resolve() / "bin/python")  # not by way of the link, which may change while we run
    os.execv(python, [python, "-P", "-m", "routy.cli", *sys.argv[1:]])  # noqa: S606 — signals must reach it


def pins() -> list[str]:
    """The packages to install; an installation that once had tests, or the second engine, keeps what they need."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    testing = sys.argv[1:2] == ["test"] or (VENV / "bin/pytest").exists()
    edge = os.environ.get("ROUTY_SERVER_ENGINE") == "granian" or (VENV / "bin/granian").exists()
    return list(dict.fromkeys(project["dependencies"] + testing * extras["test"] + edge * extras["edge"]))


def usable(packages: list[str]) -> bool:
    """Whether `.venv` is whole, in its place, and holds exactly these."""
    env, stamp = VENV.resolve(), VENV.resolve() / "routy-stamp"
    return (env / "bin/python").exists() and stamp.exists() and stamp.read_bytes() == stamp_of(env, packages)


def stamp_of(env: Path, packages: list[str]) -> bytes:
    """A moved checkout, another Python behind the environment or a changed pin make it differ."""
    return os.fsencode("\n".join([str(env), str((env / "bin/python").resolve()), *packages]))


def install() -> None:
    """Build and switch over, one launcher at a time; whoever had to wait finds it done."""
    say(f"installing {len(pins())} packages, as on every first start and when their versions change")
    BUILDS.mkdir(exist_ok=True)
    (BUILDS / ".gitignore").write_text("*\n")
    fcntl.flock(os.open(BUILDS / "lock", os.O_CREAT | os.O_WRONLY, 0o644), fcntl.LOCK_EX)  # until exec or exit
    if usable(pins()):
        return
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})  # `run` looks for them
    for other in set(BUILDS.glob("*/")) - {VENV.resolve()}:  # cut off, or replaced by the one in use
        shutil.rmtree(other, ignore_errors=True)
    started, env = time.monotonic(), BUILDS / str(time.time_ns())
    try:
        build(env, pins())
    except BaseException:
        shutil.rmtree(env, ignore_errors=True)
        raise
    say(f"installed in {time.monotonic() - started:.0f} s")
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})


def build(env: Path, packages: list[str]) -> None:
    """Make `env`, step by step, and let `.venv` name it."""
    if not importlib.util.find_spec("ensurepip"):  # Debian keeps what puts pip into a venv in a package apart
        apt = f"apt-get update && apt-get install -y python3.{sys.version_info.minor}-venv"
        if os.geteuid() or not shutil.which("apt-get"):
            raise OSError(f"this Python has no ensurepip; as root, run: {apt}")
        run(["sh", "-c", apt], DEBIAN_FRONTEND="noninteractive")
    run([sys.executable, "-Im", "venv", str(env)], TMPDIR=str(env))  # what is left of it goes with it
    run([str(env / "bin/python"), "-Ium", "pip", "install", *packages], TMPDIR=str(env))
    next(env.glob("lib/*/site-packages")).joinpath("routy.pth").write_text("../../../../..\n")  # `import routy`
    os.sync()  # a power cut must not leave a stamp on files that never reached the disk
    (env / "routy-stamp").write_bytes(stamp_of(env, packages))
    if VENV.is_dir() and not VENV.is_symlink():
        VENV.rename(f"{env}-replaced")
    (env / "link").symlink_to(env.relative_to(ROOT))
    (env / "link").replace(VENV)


def run(command: list[str], **variables: str) -> None:
    """Run a step in a session of its own, ours alone to stop. Its words pass by; the last stay if it fails."""
    env, said = {**os.environ, **variables}, b""
    with Popen(command, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT, env=env, start_new_session=True) as child:  # noqa: S603
        while child.returncode is None:
            try:
                said, _ = child.communicate(timeout=0.1)
            except TimeoutExpired as running:
                words = [line for line in (running.output or b"").splitlines() if b"WARNING" not in line]
                say((words or [b"making .venv"])[-1].decode(errors="replace")[:90], end="")
                if signal.sigpending():
                    os.killpg(child.pid, signal.SIGHUP)
    if child.returncode:
        reason = ", the network does not answer" if b"Retrying (" in said or b"Failed to fetch" in said else ""
        raise OSError(f"cannot install{reason}\n" + b"\n".join(said.splitlines()[-4:]).decode(errors="replace"))


def say(text: str, end: str = "\n") -> None:
    """A line on stderr, as stdout is the command's own. On a terminal, one without an end gives way to the next."""
    if end or sys.stderr.isatty():
        print("\r\033[K" * sys.stderr.isatty() + f"routy: {text}", end=end, file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        main()
    except (KeyboardInterrupt, OSError) as error:
        say(str(error) if str(error) and not signal.sigpending() else "stopped; nothing half done is left")
        sys.exit(1)

"""The launcher, run as people run it, in a copy of the checkout that wants one small package from a local folder.

An installation takes seconds, so one is shared. Whether a start would install again is asked of a Python that
has no ensurepip and finds no apt-get: there, installing ends at once, and says so.
"""

import ast
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PYTHON = str(Path(sys.executable).resolve())
REPORT = """import json, os, signal, sys, importlib.metadata
found = {"arguments": sys.argv[1:], "folder": os.getcwd(), "process": os.getpid()}
found["deaf to"] = list(signal.pthread_sigmask(signal.SIG_BLOCK, []))
json.dump({**found, "pebble": importlib.metadata.version("pebble")}, sys.stdout)
"""


@dataclass(frozen=True)
class Ended:
    status: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, object]:
        """What the stub of routy.cli found; stdout held nothing else."""
        return dict(json.loads(self.out))


@dataclass(frozen=True)
class Checkout:
    root: Path
    shelf: Path

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        clean = {
            name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON", "DEBIAN"))
        }
        pip = {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.shelf)}
        return subprocess.Popen(
            [PYTHON, str(self.root / "routy.py"), *arguments],
            cwd=self.shelf,
            env={**clean, **pip, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, **variables: str) -> Ended:
        return ended(self.start(*arguments, **variables))

    def installs(self, home: Path, *arguments: str) -> bool:
        """Whether this start would install, asked where it cannot."""
        done = self.run(*arguments, PYTHONHOME=str(home), PATH="")
        return done.status == 1 and "ensurepip" in done.err

    def pin(self, version: str) -> None:
        extras = '[project.optional-dependencies]\ntest = ["gravel==1.0"]\nedge = ["basalt==1.0"]\n'
        lists = f'[project]\ndependencies = ["pebble=={version}"]\n{extras}'
        (self.root / "pyproject.toml").write_text(lists)

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    def builds(self) -> set[str]:
        return {build.name for build in (self.root / ".venvs").glob("*/")}


def ended(process: subprocess.Popen[str], within: int = 60) -> Ended:
    with process:
        out, err = process.communicate(timeout=within)
    return Ended(process.returncode, out, err)


def wheel(shelf: Path, name: str, version: str) -> None:
    """An empty package."""
    inside = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(shelf / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{inside}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        archive.writestr(f"{inside}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{inside}/RECORD", "")


def checkout(folder: Path) -> Checkout:
    made = Checkout(folder / "a check out, é", folder / "shelf")
    made.shelf.mkdir()
    wheel(made.shelf, "pebble", "1.0")
    (made.root / "routy").mkdir(parents=True)
    shutil.copy(ROOT / "routy.py", made.root)
    (made.root / "routy/__init__.py").touch()
    (made.root / "routy/cli.py").write_text(REPORT)
    made.pin("1.0")
    return made


def python_without(folder: Path, module: str) -> Path:
    """A home for PYTHONHOME: this Python's library but for one module."""
    home = folder / f"no-{module}"
    library = Path(sysconfig.get_path("stdlib"))
    copy = home / library.relative_to(sysconfig.get_config_var("installed_base"))
    copy.mkdir(parents=True)
    for entry in library.iterdir():
        if entry.name not in (module, "site-packages", "__pycache__"):
            (copy / entry.name).symlink_to(entry)
    return home


@pytest.fixture(scope="module")
def no_ensurepip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return python_without(tmp_path_factory.mktemp("python"), "ensurepip")


@dataclass(frozen=True)
class Starts:
    """First starts in two checkouts, at the same time because each takes seconds."""

    fresh: Checkout
    serve: Ended
    token: Ended
    offline: Checkout
    without_network: Ended


@pytest.fixture(scope="module")
def starts(tmp_path_factory: pytest.TempPathFactory) -> Starts:
    fresh, offline = (checkout(tmp_path_factory.mktemp(name)) for name in ("fresh", "offline"))
    without_network = begin_offline(offline)
    serve, token = begin_fresh(fresh)
    return Starts(fresh, ended(serve), ended(token), offline, ended(without_network))


def begin_fresh(fresh: Checkout) -> list[subprocess.Popen[str]]:
    """A start that is killed while it installs, then two at once; a virtual environment of somebody's is there."""
    fresh.venv.mkdir()
    (fresh.root / ".venvs/cut-off-long-ago").mkdir(parents=True)
    (fresh.shelf / "pebble-1.0.dist-info").mkdir()
    (fresh.shelf / "pebble-1.0.dist-info/METADATA").write_text("Name: pebble\nVersion: 1.0\n")
    cut(fresh, signal.SIGKILL)
    commands = [("serve",), ("token", "create", "--name=x y")]
    return [fresh.start(*command, PYTHONPATH=str(fresh.shelf)) for command in commands]


def begin_offline(offline: Checkout) -> subprocess.Popen[str]:
    """A start that cannot reach the index, when something older is installed."""
    (offline.root / ".venvs/the-one-before").mkdir(parents=True)
    offline.venv.symlink_to(".venvs/the-one-before")
    nobody = {"PIP_NO_INDEX": "", "PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "1"}
    return offline.start("token", "create", PIP_FIND_LINKS="", **nobody)


@pytest.fixture
def installed(starts: Starts) -> Iterator[Checkout]:
    """The shared installation; a test that tampers with it puts it back."""
    yield starts.fresh
    assert starts.fresh.run("serve").err == ""


def cut(fresh: Checkout, number: signal.Signals) -> Ended:
    """Start, and send the signal as soon as something is being built."""
    before = fresh.builds()
    start = fresh.start("serve")
    wait_for(lambda: fresh.builds() != before)
    start.send_signal(number)
    return ended(start)


def wait_for(happened: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_first_start_installs_and_hands_over(starts: Starts) -> None:
    assert starts.token.status == 0
    assert starts.token.report["arguments"] == ["token", "create", "--name=x y"]
    assert starts.token.report["folder"] == str(starts.fresh.shelf)
    assert starts.token.report["pebble"] == "1.0"
    assert "routy: installing 1 packages" in starts.token.err


def test_of_two_starts_at_once_one_installs_and_both_run(starts: Starts) -> None:
    assert starts.serve.status == starts.token.status == 0
    assert ("installed in" in starts.serve.err) != ("installed in" in starts.token.err)


def test_signals_reach_what_a_first_start_becomes(starts: Starts) -> None:
    assert starts.serve.report["deaf to"] == starts.token.report["deaf to"] == []


def test_an_installation_spares_the_one_before_and_removes_what_was_cut_off(starts: Starts) -> None:
    assert [build for build in starts.fresh.builds() if build.endswith("-replaced")]
    assert "cut-off-long-ago" not in starts.fresh.builds()


def test_without_network_the_message_is_clear_and_the_one_before_stays(starts: Starts) -> None:
    done = starts.without_network
    assert (done.status, done.out) == (1, "")
    assert "routy: cannot install, the network does not answer\n" in done.err
    assert "No matching distribution found for pebble==1.0" in done.err
    assert starts.offline.builds() == {starts.offline.venv.readlink().name} == {"the-one-before"}


def test_a_later_start_says_nothing_of_its_own(installed: Checkout) -> None:
    done = installed.run("serve")
    assert (done.status, done.err, done.report["arguments"]) == (0, "", ["serve"])


def test_the_process_that_was_started_becomes_the_real_one(installed: Checkout) -> None:
    start = installed.start("serve")
    assert ended(start).report["process"] == start.pid


def test_modules_in_the_folder_of_the_caller_are_not_taken_for_ours(installed: Checkout) -> None:
    stranger = installed.shelf / "routy"
    stranger.mkdir()
    (stranger / "cli.py").write_text("raise SystemExit('the wrong one')")
    assert installed.run("serve").status == 0
    shutil.rmtree(stranger)


def test_an_unusual_locale_does_not_matter(installed: Checkout) -> None:
    assert installed.run("serve", LC_ALL="C").status == 0


def test_a_link_to_the_launcher_starts_the_same(installed: Checkout) -> None:
    link = Checkout(installed.shelf, installed.shelf)
    (link.root / "routy.py").symlink_to(installed.root / "routy.py")
    assert link.run("serve").report["pebble"] == "1.0"
    (link.root / "routy.py").unlink()


def test_git_does_not_see_installations(installed: Checkout) -> None:
    assert (installed.root / ".venvs/.gitignore").read_text() == "*\n"


def test_changed_pins_install(installed: Checkout, no_ensurepip: Path) -> None:
    installed.pin("2.0")
    assert installed.installs(no_ensurepip, "serve")
    installed.pin("1.0")


def test_tests_install_their_extras(installed: Checkout, no_ensurepip: Path) -> None:
    assert installed.installs(no_ensurepip, "test")


def test_an_installation_that_served_tests_keeps_their_extras(installed: Checkout, no_ensurepip: Path) -> None:
    (installed.venv / "bin/pytest").touch()
    assert installed.installs(no_ensurepip, "serve")
    (installed.venv / "bin/pytest").unlink()


def test_the_second_engine_is_installed_when_it_is_asked_for_and_kept(
    installed: Checkout, no_ensurepip: Path
) -> None:
    asked = {"PYTHONHOME": str(no_ensurepip), "PATH": "", "ROUTY_SERVER_ENGINE": "granian"}
    assert "installing 2 packages" in installed.run("serve", **asked).err
    (installed.venv / "bin/granian").touch()
    assert installed.installs(no_ensurepip, "serve")
    (installed.venv / "bin/granian").unlink()


def test_a_moved_checkout_installs(installed: Checkout, no_ensurepip: Path) -> None:
    moved = Checkout(installed.root.with_name("moved"), installed.shelf)
    installed.root.rename(moved.root)
    assert moved.installs(no_ensurepip, "serve")
    moved.root.rename(installed.root)


def test_another_python_behind_the_environment_installs(installed: Checkout, no_ensurepip: Path) -> None:
    python = installed.venv / "bin/python"
    before = python.readlink()
    python.unlink()
    python.symlink_to("/bin/sh")
    assert installed.installs(no_ensurepip, "serve")
    python.unlink()
    python.symlink_to(before)


def test_a_python_that_is_gone_installs(installed: Checkout, no_ensurepip: Path) -> None:
    python, stamp = installed.venv / "bin/python", installed.venv / "routy-stamp"
    target, text = python.readlink(), stamp.read_bytes()
    python.unlink()
    python.symlink_to("/nowhere/python3")
    stamp.write_bytes(text.replace(PYTHON.encode(), b"/nowhere/python3"))
    assert installed.installs(no_ensurepip, "serve")
    python.unlink()
    python.symlink_to(target)
    stamp.write_bytes(text)


@pytest.mark.parametrize("left", [None, b"", b"half of "])
def test_an_installation_without_a_whole_stamp_installs(
    installed: Checkout, no_ensurepip: Path, left: bytes | None
) -> None:
    stamp = installed.venv / "routy-stamp"
    before = stamp.read_bytes()
    stamp.unlink()
    if left is not None:
        stamp.write_bytes(left)
    assert installed.installs(no_ensurepip, "serve")
    stamp.write_bytes(before)


def test_a_kill_leaves_nothing_either(tmp_path: Path) -> None:
    fresh = checkout(tmp_path)
    done = cut(fresh, signal.SIGTERM)
    assert (done.status, done.out) == (1, "")
    assert "routy: stopped" in done.err
    assert not fresh.builds()
    assert not fresh.venv.is_symlink()


def test_a_start_waits_for_one_that_is_installing(tmp_path: Path) -> None:
    fresh = checkout(tmp_path)
    (fresh.root / ".venvs").mkdir()
    with (fresh.root / ".venvs/lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        waiting = fresh.start("serve")
        time.sleep(0.3)
        assert waiting.poll() is None
        assert not fresh.builds()
        waiting.send_signal(signal.SIGINT)
        assert ended(waiting).err.endswith("routy: stopped; nothing half done is left\n")


root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root may install packages of the system")


def with_apt(folder: Path, home: Path, script: str) -> subprocess.Popen[str]:
    """A start where ensurepip is missing and apt-get is this script."""
    apt = folder / "bin/apt-get"
    apt.parent.mkdir()
    apt.write_text(f"#!/bin/sh\n{script}\n")
    apt.chmod(0o755)
    return checkout(folder).start("serve", PYTHONHOME=str(home), PATH=f"{apt.parent}:/usr/bin:/bin")


def test_a_python_without_ensurepip_is_told_which_package_to_install(tmp_path: Path, no_ensurepip: Path) -> None:
    done = checkout(tmp_path).run("serve", PYTHONHOME=str(no_ensurepip), PATH="")
    assert (done.status, done.out) == (1, "")
    assert f"apt-get install -y python3.{sys.version_info.minor}-venv" in done.err
    assert "Traceback" not in done.err


@root_only
def test_root_installs_the_missing_package_and_sees_why_it_failed(tmp_path: Path, no_ensurepip: Path) -> None:
    start = with_apt(tmp_path, no_ensurepip, 'echo "asked: $* $DEBIAN_FRONTEND"; [ "$1" = update ]')
    done = ended(start)
    assert (done.status, done.out) == (1, "")
    package = f"python3.{sys.version_info.minor}-venv"
    assert f"asked: update noninteractive\nasked: install -y {package} noninteractive\n" in done.err


@root_only
def test_ctrl_c_ends_whatever_is_running(tmp_path: Path, no_ensurepip: Path) -> None:
    start = with_apt(tmp_path, no_ensurepip, f"touch '{tmp_path}/begun'; sleep 60")
    wait_for(lambda: (tmp_path / "begun").exists())
    start.send_signal(signal.SIGINT)
    assert ended(start, within=20).err.endswith("routy: stopped; nothing half done is left\n")


def test_an_old_python_is_told_so(tmp_path: Path) -> None:
    done = checkout(tmp_path).run("serve", PYTHONHOME=str(python_without(tmp_path, "tomllib")))
    assert done.status == 1
    assert done.err.startswith("routy: needs Python 3.11 or newer; ")


def test_a_checkout_that_cannot_be_written_to_is_said_plainly(tmp_path: Path) -> None:
    fresh = checkout(tmp_path)
    (fresh.root / ".venvs").touch()  # root may write everywhere but here
    done = fresh.run("serve")
    assert (done.status, done.out) == (1, "")
    assert done.err.splitlines()[-1] == f"routy: [Errno 17] File exists: '{fresh.root / '.venvs'}'"


def test_the_launcher_is_short_and_needs_nothing_installed() -> None:
    text = (ROOT / "routy.py").read_text()
    assert len(text.splitlines()) <= 120
    imports = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {name for node in imports for name in imported(node)}
    assert names <= sys.stdlib_module_names


def imported(node: ast.Import | ast.ImportFrom) -> list[str]:
    found = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
    return [name.partition(".")[0] for name in found]

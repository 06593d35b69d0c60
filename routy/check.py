"""What `routy.py test` runs: everything that CI runs, in one order, with one verdict.

All checks run, also after one failed. The first that fails shows what it said, the others only that they failed.
pytest comes last and is heard as it goes; the last line is for machines: pytest's own, or counts in its form.
"""

import ctypes
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Timer

ROOT = Path(__file__).resolve().parents[1]

# What the tests need that pip cannot bring: the command or library, and the Debian package that holds it.
SYSTEM = {
    "curl": "curl",  # the tour in the README
    "chromium": "chromium",  # the dashboard, looked at as people do
    "libatomic.so.1": "libatomic1",  # what drives it
}


@dataclass(frozen=True)
class Check:
    """A tool that says nothing of interest unless it fails: `python -m <command>` in the checkout."""

    name: str
    command: tuple[str, ...]


NOT_OURS = ("--extend-exclude", ".venvs")  # git ignores it, but a checkout need not be under git
CHECKS = (
    Check("ruff check", ("ruff", "check", *NOT_OURS)),
    Check("ruff format", ("ruff", "format", "--check", *NOT_OURS)),
    Check("mypy", ("mypy",)),
    # In a cache of its own: to mypy it is a second module by the name of routy.
    Check("mypy routy.py", ("mypy", "--cache-dir=.mypy_cache/launcher", "routy.py")),
)

LINES_SHOWN = 60
MOST_SECONDS = 3600  # for the tests: a run that hangs tells more when it is ended than when it is cut
MOST_PROCESSES = 4


def run(pytest_arguments: Sequence[str]) -> int:
    """Run it all; the exit status is 0 only if everything passed."""
    try:
        return run_all(pytest_arguments)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130


def run_all(pytest_arguments: Sequence[str]) -> int:
    failed = 0 if provide_system_packages(SYSTEM) else 1
    for check in CHECKS:
        failed += not passes(check, show=not failed)
    pytest_passed, last_line = run_pytest(pytest_arguments)
    print(closing_line(last_line, pytest_passed, failed))
    return 0 if pytest_passed and not failed else 1


def is_there(name: str) -> bool:
    """Whether this machine has a command, or a library by its file's name."""
    if ".so" not in name:
        return shutil.which(name) is not None
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def provide_system_packages(needed: dict[str, str]) -> bool:
    """Install what is missing when we may; otherwise say what to install, and leave it to the tests to miss it."""
    missing = sorted({package for name, package in needed.items() if not is_there(name)})
    if not missing:
        return True
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        print(f"some tests need more; as root: apt-get install {' '.join(missing)}", file=sys.stderr)
        return True
    print(f"installing {', '.join(missing)}", file=sys.stderr)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (["update"], ["install", "-y", "--no-install-recommends", *missing]):
        done = quietly(["apt-get", "-q", *step], environment)
        if done.returncode:
            print(f"apt-get {step[0]} failed", *done.stdout.splitlines()[-10:], sep="\n")
            return False
    return True


def passes(check: Check, show: bool) -> bool:
    started = time.monotonic()
    done = quietly([sys.executable, "-m", *check.command])
    verdict = "FAILED" if done.returncode else "passed"
    print(f"{check.name:<14} {verdict} {time.monotonic() - started:5.1f} s", flush=True)
    if done.returncode:
        print(
            shortened(done.stdout) if show else f"  see: .venv/bin/python -m {' '.join(check.command)}", flush=True
        )
    return not done.returncode


def quietly(command: list[str], environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )


def shortened(output: str) -> str:
    lines = output.rstrip().splitlines()
    more = len(lines) - LINES_SHOWN
    return "\n".join([*lines[:LINES_SHOWN], *([f"… and {more} lines more"] if more > 0 else [])])


def run_pytest(arguments: Sequence[str]) -> tuple[bool, str]:
    """Whether the tests passed, and pytest's last line. The lines before it are passed on as they come."""
    held = ""
    command = [sys.executable, "-m", "pytest", *(arguments or spread())]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, errors="replace") as child:  # noqa: S603
        end = Timer(MOST_SECONDS, child.send_signal, [signal.SIGINT])  # pytest says then what has failed so far
        end.daemon = True
        end.start()
        for line in child.stdout or ():
            if line.strip():
                print(held, end="", flush=True)
                held = ""
            held += line
        end.cancel()
    return child.returncode == 0, held.strip("= \n")


def spread() -> list[str]:
    """All tests, in as many processes as there are processors; tests/conftest.py says which stay together."""
    return ["-n", str(min(MOST_PROCESSES, os.cpu_count() or 1)), "--dist", "loadgroup"]


def closing_line(last_line: str, pytest_passed: bool, others_failed: int) -> str:
    """pytest's own last line where it tells the whole truth, else counts, each failed check being one failure."""
    counts = {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|error)", last_line)}
    failed = counts.get("failed", 0) + counts.get("error", 0)
    if not others_failed and pytest_passed == (not failed):
        return last_line
    at_least = 0 if pytest_passed else 1
    return f"{counts.get('passed', 0)} passed, {max(failed, at_least) + others_failed} failed"

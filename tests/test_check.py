"""`routy.py test`, run over small checkouts of its own, with the real tools."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from routy.check import LINES_SHOWN, ROOT, closing_line, is_there, provide_system_packages, shortened

SETTINGS = """[tool.ruff]
line-length = 116
[tool.ruff.lint]
select = ["F"]
[tool.mypy]
strict = true
packages = ["routy"]
[tool.pytest.ini_options]
testpaths = ["tests"]
addopts = "-q"
"""
TESTS = """from pathlib import Path


def test_addition():
    assert 1 + 1 == 2


def test_folder():
    assert Path("pyproject.toml").exists()
"""


SLOW = """import time
from pathlib import Path


def test_slow():
    Path("begun").touch()
    time.sleep(60)
"""


@pytest.fixture(scope="module")
def types_seen_before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """mypy's memory of the standard library, which these checkouts share."""
    return tmp_path_factory.mktemp("mypy")


@pytest.fixture
def checkout(tmp_path: Path, types_seen_before: Path) -> Path:
    root = tmp_path / "a check out"
    for name, text in {
        "pyproject.toml": SETTINGS,
        "routy.py": 'print("launched")\n',
        "routy/__init__.py": "",
        "tests/test_it.py": TESTS,
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    shutil.copy(ROOT / "routy/check.py", root / "routy/check.py")
    (root / ".mypy_cache").symlink_to(types_seen_before)
    return root


def begin(checkout: Path, *arguments: str) -> subprocess.Popen[str]:
    """Call it from elsewhere, as people do."""
    path = f"import sys; sys.path.insert(0, {str(checkout)!r})"
    code = f"{path}; from routy import check; check.SYSTEM.clear(); sys.exit(check.run({list(arguments)}))"
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd="/",
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "xdist.plugin"},  # for speed
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def check(checkout: Path, *arguments: str) -> tuple[int, str, str]:
    """The status, what was said, and the last line of it."""
    with begin(checkout, *arguments) as process:
        out, err = process.communicate(timeout=60)
    assert err == ""
    return process.returncode, out, out.splitlines()[-1]


def test_all_checks_pass_in_order_and_the_last_line_is_that_of_pytest(checkout: Path) -> None:
    status, said, last_line = check(checkout)
    assert status == 0
    names = [line[:14].strip() for line in said.splitlines() if " passed  " in line]
    assert names == ["ruff check", "ruff format", "mypy", "mypy routy.py"]
    assert last_line.startswith("2 passed in ")


def test_the_first_failure_is_shown_and_the_others_named(checkout: Path) -> None:
    (checkout / "routy/__init__.py").write_text("import os\nnumber:  int = 'one'\n")
    status, said, last_line = check(checkout)
    assert status == 1
    assert "`os` imported but unused" in said
    assert "ruff format    FAILED" in said
    assert "see: .venv/bin/python -m ruff format --check" in said
    assert "would reformat" not in said.lower()
    assert last_line == "2 passed, 3 failed"


def test_what_follows_test_goes_to_pytest(checkout: Path) -> None:
    status, _, last_line = check(checkout, "tests/test_it.py", "-k", "addition")
    assert status == 0
    assert last_line.startswith("1 passed, 1 deselected in ")


def test_a_failed_test_is_shown_and_fails_it_all(checkout: Path) -> None:
    (checkout / "tests/test_bad.py").write_text("def test_bad() -> None:\n    assert 2 + 2 == 5\n")
    status, said, last_line = check(checkout)
    assert status == 1
    assert "assert (2 + 2) == 5" in said
    assert last_line.startswith("1 failed, 2 passed in ")


def test_no_tests_at_all_is_a_failure(checkout: Path) -> None:
    status, _, last_line = check(checkout, "-k", "nothing_of_that_name")
    assert (status, last_line) == (1, "0 passed, 1 failed")


def test_ctrl_c_ends_it_without_a_trace(checkout: Path) -> None:
    begun = checkout / "begun"
    (checkout / "tests/test_a.py").write_text(SLOW)
    with begin(checkout) as process:
        while not begun.exists() and process.poll() is None:
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (130, "stopped\n")


def test_installations_are_not_looked_at_also_outside_of_git(checkout: Path) -> None:
    (checkout / ".venvs/1/lib").mkdir(parents=True)
    (checkout / ".venvs/.gitignore").write_text("*\n")
    (checkout / ".venvs/1/lib/theirs.py").write_text("import os\n")
    assert check(checkout)[0] == 0


@pytest.mark.parametrize(
    ("said", "passed", "others", "closing"),
    [
        ("9 passed in 1.00s", True, 0, "9 passed in 1.00s"),
        ("9 passed in 1.00s", True, 2, "9 passed, 2 failed"),
        ("1 failed, 9 passed in 1.00s", False, 0, "1 failed, 9 passed in 1.00s"),
        ("1 failed, 9 passed, 2 errors in 1.00s", False, 1, "9 passed, 4 failed"),
        ("no tests ran in 0.01s", False, 0, "0 passed, 1 failed"),
        ("9 passed in 1.00s", False, 0, "9 passed, 1 failed"),
        ("", False, 0, "0 passed, 1 failed"),
        ("3 tests collected in 0.01s", True, 0, "3 tests collected in 0.01s"),
    ],
)
def test_the_closing_line_never_says_better_than_it_was(said: str, passed: bool, others: int, closing: str) -> None:
    assert closing_line(said, passed, others) == closing


def test_long_output_is_cut() -> None:
    assert shortened("one\ntwo\n") == "one\ntwo"
    lines = shortened("\n".join(map(str, range(100)))).splitlines()
    assert lines[LINES_SHOWN - 1 :] == [str(LINES_SHOWN - 1), f"… and {100 - LINES_SHOWN} lines more"]


def test_commands_that_are_there_need_no_package(capfd: pytest.CaptureFixture[str]) -> None:
    assert provide_system_packages({"sh": "dash"})
    assert capfd.readouterr() == ("", "")


def test_a_missing_command_names_its_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert provide_system_packages({"chromium": "chromium", "chromium-too": "chromium"})
    assert capfd.readouterr().err == "some tests need more; as root: apt-get install chromium\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may install packages of the system")
@pytest.mark.parametrize("works", [True, False])
def test_root_installs_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], works: bool
) -> None:
    apt = tmp_path / "apt-get"
    apt.write_text(f'#!/bin/sh\necho "$*" >> {tmp_path}/asked\necho "no such luck"\n{str(works).lower()}\n')
    apt.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert provide_system_packages({"not-a-command": "some-package"}) == works
    asked = (tmp_path / "asked").read_text().splitlines()
    assert asked[0] == "-q update"
    assert works == (asked[1:] == ["-q install -y --no-install-recommends some-package"])
    said = capfd.readouterr()
    assert said.err == "installing some-package\n"
    assert ("no such luck" in said.out) == (not works)


def test_commands_and_libraries_are_looked_for() -> None:
    assert is_there("sh")
    assert is_there("libc.so.6")
    assert not is_there("no-such-command")
    assert not is_there("libnothing.so.9")

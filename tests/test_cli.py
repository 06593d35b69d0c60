"""The command line, beside a running server and without one.

Most commands run in this process, by `main`; those that are about processes run in processes of their own.
"""

import hashlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from routy import app, cli
from routy.config import Config
from routy.holding import FILE, held
from routy.secret import looks_like_token
from tests.house import PASSWORD
from tests.walks.process import CHECKOUT, ROUTY, Process, Visitors, until

Out = pytest.CaptureFixture[str]


class Commands:
    """`routy.py …` on one data directory; what it said on both streams is kept."""

    def __init__(self, data: Path, capture: Out) -> None:
        self.data, self.capture, self.said = data, capture, ""

    def run(self, *arguments: str) -> str:
        """What a command that must succeed prints on stdout."""
        status, out = self.attempt(*arguments)
        assert status == 0, self.said
        return out

    def refused(self, *arguments: str) -> str:
        """What a command that must fail says on stderr; nothing of it on stdout, no traceback."""
        status, out = self.attempt(*arguments)
        assert (status, out) == (1, ""), out
        assert self.said.startswith("routy: ") and "Traceback" not in self.said
        return self.said

    def attempt(self, *arguments: str) -> tuple[int, str]:
        self.capture.readouterr()
        status = cli.main([*arguments, "--data", str(self.data)])
        out, self.said = self.capture.readouterr()
        return status, out.strip()


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory as the first start leaves it, before anybody has set it up."""
    data = tmp_path_factory.mktemp("begun") / "data"
    with app.opened(Config(data=str(data)), "begin"):
        return data


@pytest.fixture
def commands(begun: Path, tmp_path: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch) -> Commands:
    for name in list(os.environ):
        if name.startswith("ROUTY_"):
            monkeypatch.delenv(name)
    shutil.copytree(begun, tmp_path / "data", ignore=shutil.ignore_patterns("*.sock"))
    return Commands(tmp_path / "data", capsys)


@pytest.fixture
def owned(commands: Commands) -> Commands:
    commands.run("user", "create", "--email", "ada@acme.example", "--name", "Ada")
    return commands


# ---- tokens and users


def test_a_token_is_printed_alone(owned: Commands) -> None:
    token = owned.run("token", "create", "--name", "Nightly job", "--scopes", "links:read,links:write")
    assert looks_like_token(token) and owned.said == ""
    line = owned.run("token", "list").split("\t")
    assert line[1:] == [token[:8] + "…", "Nightly job", "links:read,links:write", "never used"]
    assert token not in "".join(line)


def test_tokens_are_searched_and_revoked(owned: Commands) -> None:
    for name in ("first job", "second job"):
        owned.run("token", "create", "--name", name, "--scopes", "read-only")
    assert len(owned.run("token", "list").splitlines()) == 2
    found = owned.run("token", "list", "--search", "second")
    assert "second job" in found and len(found.splitlines()) == 1
    owned.run("token", "revoke", found.split("\t")[0])
    assert owned.run("token", "list", "--search", "second") == ""
    assert "there is no token" in owned.refused("token", "revoke", found.split("\t")[0])


def test_a_token_takes_an_end_and_a_rate(owned: Commands) -> None:
    options = ("--expires", "2099-01-31", "--rate", "0")
    owned.run("token", "create", "--name", "job", "--scopes", "full", *options)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (("--name", "x", "--scopes", "full"), "name"),
        (("--name", "job", "--scopes", "everything"), "scopes"),
        (("--name", "job", "--scopes", ""), "scopes"),
        (("--name", "job", "--scopes", "full", "--expires", "tomorrow"), "--expires"),
        (("--name", "job", "--scopes", "full", "--expires", "2001-01-01"), "expires_at"),
        (("--name", "job", "--scopes", "full", "--rate", "-1"), "rate_per_minute"),
    ],
)
def test_a_wrong_token_is_refused_with_the_field_named(
    owned: Commands, options: tuple[str, ...], named: str
) -> None:
    assert named in owned.refused("token", "create", *options)
    assert owned.run("token", "list") == ""


def test_the_first_user_is_the_owner_and_later_ones_are_what_is_said(commands: Commands) -> None:
    assert "nobody is set up yet" in commands.refused("token", "create", "--name", "job", "--scopes", "full")
    first = commands.run("user", "create", "--email", "ada@acme.example", "--name", "Ada", "--role", "viewer")
    assert first.startswith("usr_")
    password = re.search(r"password: (\S+)", commands.said)
    assert password and len(password[1]) >= 10
    commands.run("user", "create", "--email", "bob@acme.example", "--name", "Bob", "--role", "editor")
    taken = commands.refused("user", "create", "--email", "bob@acme.example", "--name", "Bob")
    assert "another user has this email" in taken


def test_a_password_may_come_from_standard_input(commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    for text, fine in (("short\n", False), (f"{PASSWORD}\n", True)):
        monkeypatch.setattr("sys.stdin", io.StringIO(text))
        arguments = ("user", "create", "--email", "ada@acme.example", "--name", "Ada", "--password-stdin")
        assert (commands.attempt(*arguments)[0] == 0) == fine
        assert text.strip() not in commands.said


def test_a_wrong_user_is_refused_with_the_field_named(commands: Commands) -> None:
    assert "email" in commands.refused("user", "create", "--email", "nobody", "--name", "Ada")
    assert "name" in commands.refused("user", "create", "--email", "ada@acme.example", "--name", "")


# ---- what needs nothing


def test_routes_lists_every_endpoint_with_its_scope(commands: Commands) -> None:
    lines = commands.run("routes").splitlines()
    assert any(re.match(r"POST +/links +links:write +\S", line) for line in lines)
    assert any(re.match(r"GET +/health +open +\S", line) for line in lines)


def test_openapi_prints_the_document(commands: Commands) -> None:
    assert json.loads(commands.run("openapi"))["openapi"] == "3.1.0"


@pytest.mark.parametrize(
    "arguments", [(), ("fly",), ("token",), ("token", "create"), ("serve", "--fast"), ("backup",)]
)
def test_a_command_that_makes_no_sense_is_told_so(arguments: tuple[str, ...], capsys: Out) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 2
    assert "usage: routy.py" in capsys.readouterr().err


# ---- the data directory


def test_a_directory_without_a_routy_is_told_so(tmp_path: Path, capsys: Out) -> None:
    nowhere = Commands(tmp_path / "nowhere", capsys)
    for arguments in (("token", "list"), ("user", "create", "--email", "a@b.example", "--name", "A")):
        assert "start it once with routy.py serve" in nowhere.refused(*arguments)
    assert not (tmp_path / "nowhere").exists()


def test_what_is_no_store_is_told_so(commands: Commands) -> None:
    for name in ("routy.db", "routy.db-wal", "routy.db-shm"):
        (commands.data / name).unlink(missing_ok=True)
    (commands.data / "routy.db").write_bytes(b"not a database at all" * 100)
    assert "routy.db" in commands.refused("token", "list")


def test_a_wrong_setting_is_told(commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    (commands.data / "config.toml").write_text("[server]\nprot = 1\n")
    assert "server.prot" in commands.refused("token", "list")
    (commands.data / "config.toml").unlink()
    monkeypatch.setenv("ROUTY_SERVER_PORT", "x")
    assert "server.port" in commands.refused("token", "list")


@pytest.mark.parametrize(
    "command", [("migrate",), ("restore", "somewhere"), ("serve", "--port", "0")], ids=lambda c: c[0]
)
def test_what_needs_the_whole_directory_refuses_while_it_is_held(
    commands: Commands, command: tuple[str, ...]
) -> None:
    with held(commands.data, "serve on 127.0.0.1:8787"):
        said = commands.refused(*command)
    assert f"held by process {os.getpid()} (serve on 127.0.0.1:8787)" in said


def test_migrate_says_what_it_did(commands: Commands) -> None:
    assert commands.run("migrate") == "nothing to do"
    shutil.rmtree(commands.data)
    assert "there is no Routy" in commands.refused("migrate")


def test_a_backup_is_restored_and_verified(owned: Commands, tmp_path: Path) -> None:
    token = owned.run("token", "create", "--name", "before", "--scopes", "full")
    manifest = json.loads(owned.run("backup", str(tmp_path / "copy")))
    assert "routy.db" in manifest["files"] and "secret" in manifest["files"]
    assert token.encode() not in b"".join(
        file.read_bytes() for file in (tmp_path / "copy").rglob("*") if file.is_file()
    )
    owned.run("token", "create", "--name", "after", "--scopes", "full")
    aside = re.search(r"lies in (\S+)", owned.run("restore", str(tmp_path / "copy")))
    names = [line.split("\t")[2] for line in owned.run("token", "list").splitlines()]
    assert names == ["before"]
    assert aside and (Path(aside[1]) / "routy.db").exists()
    assert json.loads(owned.run("verify"))["ok"] is True


def test_a_backup_can_be_restored_into_a_directory_that_is_not_there(
    owned: Commands, tmp_path: Path, capsys: Out
) -> None:
    owned.run("token", "create", "--name", "before", "--scopes", "full")
    owned.run("backup", str(tmp_path / "copy"))
    fresh = Commands(tmp_path / "fresh" / "data", capsys)
    assert fresh.run("restore", str(tmp_path / "copy")) == "restored"
    assert "before" in fresh.run("token", "list")
    assert (fresh.data / "secret").stat().st_mode & 0o777 == 0o600


def test_a_backup_goes_to_an_empty_place_only(owned: Commands, tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "mine").write_text("keep me")
    assert "is not empty" in owned.refused("backup", str(tmp_path / "copy"))
    assert [file.name for file in (tmp_path / "copy").iterdir()] == ["mine"]
    (tmp_path / "file").write_text("no directory")
    assert "file" in owned.refused("backup", str(tmp_path / "file"))


@pytest.mark.parametrize("damage", ["routy.db", "secret", "backup.json"])
def test_a_damaged_backup_is_refused_before_anything_is_touched(
    owned: Commands, tmp_path: Path, damage: str
) -> None:
    owned.run("backup", str(tmp_path / "copy"))
    owned.run("token", "create", "--name", "mine", "--scopes", "full")
    file = tmp_path / "copy" / damage
    file.write_bytes(file.read_bytes()[:-1] if damage != "backup.json" else b"{")
    said = owned.refused("restore", str(tmp_path / "copy"))
    assert damage in said
    assert "mine" in owned.run("token", "list")


@pytest.mark.parametrize(
    "manifest",
    ["[]", "{}", '{"files": []}', '{"files": {"../../evil": "x"}}', '{"files": {"/etc/passwd": "x"}}', "5"],
)
def test_a_manifest_that_is_none_restores_nothing(owned: Commands, tmp_path: Path, manifest: str) -> None:
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "backup.json").write_text(manifest)
    owned.refused("restore", str(tmp_path / "copy"))
    assert owned.run("token", "list") == ""


def test_a_manifest_names_no_file_outside_of_the_backup(owned: Commands, tmp_path: Path) -> None:
    secret = tmp_path / "outside"
    secret.write_text("not of the backup")
    (tmp_path / "copy").mkdir()
    for name in (str(secret), "../outside", "clicks/../../outside"):
        files = {name: hashlib.sha256(secret.read_bytes()).hexdigest()}
        (tmp_path / "copy" / "backup.json").write_text(json.dumps({"files": files}))
        owned.refused("restore", str(tmp_path / "copy"))
        assert secret.read_text() == "not of the backup"


# ---- a real server


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    process = Process(tmp_path)
    yield process
    process.close()


def test_commands_work_beside_a_running_server_which_notices(process: Process, tmp_path: Path, capsys: Out) -> None:
    process.start()
    beside = Commands(process.data, capsys)
    beside.run("user", "create", "--email", "ada@acme.example", "--name", "Ada")
    process.token = beside.run("token", "create", "--name", "beside", "--scopes", "full")
    link = process.call("POST", "/links", {"slug": "beside", "destination": "https://shop.example/"})
    assert process.call("GET", f"/links/{link['id']}")["slug"] == "beside"
    assert json.loads(beside.run("verify"))["ok"] is True
    beside.run("backup", str(tmp_path / "copy"))
    beside.run("token", "revoke", beside.run("token", "list").split("\t")[0])
    with pytest.raises(AssertionError, match="INVALID_API_KEY"):
        process.call("GET", "/links")
    for command in (("migrate",), ("restore", str(tmp_path / "copy"))):
        assert "is held by process" in beside.refused(*command)
    assert process.stop(5) == 0
    beside.run("restore", str(tmp_path / "copy"))
    assert "beside" in beside.run("token", "list"), "it was revoked after the backup"


def test_two_servers_on_one_directory_are_one_too_many(process: Process) -> None:
    process.start()
    holder = json.loads((process.data / FILE).read_text())["pid"]
    second = subprocess.run((*ROUTY, "serve", "--data", str(process.data), "--port", "0"),
                            cwd=CHECKOUT, capture_output=True, text=True, timeout=30, check=False)  # fmt: skip
    assert (second.returncode, second.stdout) == (1, "")
    assert f"held by process {holder} (serve on" in second.stderr and "Traceback" not in second.stderr
    with urllib.request.urlopen(f"{process.address}/healthz", timeout=10) as answer:
        assert answer.status == 200, "the first goes on"


def test_a_stopped_server_has_stored_every_click_and_starts_again(process: Process, capsys: Out) -> None:
    process.begin()
    visitors = Visitors(process.address, process.make_links(20))
    visitors.start()
    until(lambda: visitors.received.total() > 300, "some visits")
    assert process.stop(5) == 0
    visitors.join()
    assert json.loads(Commands(process.data, capsys).run("verify"))["ok"] is True
    process.start()
    received = visitors.received.total()
    until(lambda: process.clicks_by_class().total() >= received, "every answered click to be stored")
    assert process.clicks_by_class().total() - received <= visitors.broken
    assert not visitors.strange


def test_the_setup_link_is_told_until_somebody_has_used_it(process: Process, capsys: Out) -> None:
    process.start()
    link = re.search(r"Set up your Routy: (\S+)/setup\?token=(\S+)", process.log())
    assert link and link[1] == process.address
    Commands(process.data, capsys).run("user", "create", "--email", "ada@acme.example", "--name", "Ada")
    assert process.stop(5) == 0
    process.start()
    assert "Set up your Routy" not in process.log()


def test_ctrl_c_stops_it_as_well(process: Process) -> None:
    process.start()
    assert process._end(signal.SIGINT, 5) == 0
    assert "Traceback" not in process.log()


def test_a_port_that_is_taken_is_told(process: Process, tmp_path: Path) -> None:
    process.start()
    port = process.address.rpartition(":")[2]
    other = subprocess.run((*ROUTY, "serve", "--data", str(tmp_path / "other"), "--port", port),
                           cwd=CHECKOUT, capture_output=True, text=True, timeout=30, check=False)  # fmt: skip
    assert other.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in other.stderr and "Traceback" not in other.stderr


def test_a_long_path_is_as_good_as_a_short_one(tmp_path: Path, capsys: Out) -> None:
    process = Process(tmp_path / ("long" * 30))
    process.data.parent.mkdir()
    try:
        process.start()
        assert json.loads(Commands(process.data, capsys).run("verify"))["ok"] is True
        assert process.stop(5) == 0
    finally:
        process.close()


def test_the_socket_is_for_its_owner_alone(process: Process) -> None:
    process.start()
    sockets = [file for file in process.data.iterdir() if file.is_socket()]
    assert [file.stat().st_mode & 0o777 for file in sockets] == [0o600]
    private = [process.data / "secret", *sockets]
    assert all(file.stat().st_mode & 0o077 == 0 for file in private)


def test_it_runs_as_a_module_from_anywhere(tmp_path: Path) -> None:
    done = subprocess.run((sys.executable, "-m", "routy.cli", "token", "list", "--data", str(tmp_path / "none")),
                          cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(CHECKOUT)}, capture_output=True,
                          text=True, timeout=30, check=False)  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("routy: there is no Routy in")

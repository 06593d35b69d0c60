"""The real server, killed in the middle of imports and exports, and the command line beside it and without it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from routy import cli
from tests.house import House
from tests.walks.process import Process, until

ROWS = 3_000


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Process]:
    server = Process(tmp_path)
    server.begin()
    yield server
    server.close()


def file(tmp_path: Path, count: int = ROWS) -> Path:
    made = tmp_path / "links.csv"
    lines = [f"https://a.example/{n},s{n},x{n}" for n in range(count)]
    made.write_text("\n".join(["Long URL,Back-half,external_id", *lines, ""]))
    return made


def lines(server: Process, *arguments: str) -> list[str]:
    return server.command(*arguments).splitlines()


def state(server: Process, one: Any) -> Any:
    return server.call("GET", f"/imports/{one['id']}")


def test_an_import_survives_kills_without_losing_or_doubling_a_row(server: Process, tmp_path: Path) -> None:
    tried = lines(server, "import", "links", str(file(tmp_path)), "--dry-run")[-1]
    one = server.call("POST", f"/imports/{tried}/runs", {"dry_run": False})
    for share in (1, 2):
        until(lambda share=share: state(server, one)["rows"] > share * 300, "some rows")
        server.kill()
        server.start()
    done = until(lambda: (now := state(server, one))["status"] == "done" and now, "the end of the import")
    assert (done["rows"], done["created_rows"], done["failed_rows"]) == (ROWS, ROWS, 0)
    assert server.whole("GET", "/links", limit="1")["pagination"]["total"] == ROWS
    exported = lines(server, "export", "links", "--to", "-", "--query", "fields=external_id", "--format", "ndjson")
    assert sorted(json.loads(line)["external_id"] for line in exported) == sorted(f"x{n}" for n in range(ROWS))


def test_an_export_survives_a_kill(server: Process, tmp_path: Path) -> None:
    lines(server, "import", "links", str(file(tmp_path)))
    made = server.call("POST", "/exports", {"source": "links", "query": "fields=slug", "format": "ndjson"})
    server.kill()
    server.start()
    done = until(lambda: (now := server.call("GET", f"/exports/{made['id']}"))["status"] == "done" and now, "it")
    assert (done["rows"], done["total"]) == (ROWS, ROWS)


def test_the_command_line_works_without_a_server_too(server: Process, tmp_path: Path) -> None:
    server.stop()
    said = lines(server, "import", "links", str(file(tmp_path, 50)))
    assert said[-2] == "done: 50 created, 0 updated, 0 unchanged, 0 failed"
    again = tmp_path / "again.ndjson"
    server.command("export", "links", "--to", str(again), "--query", "sort=slug&limit=7&fields=slug,destination")
    assert [json.loads(line)["slug"] for line in again.read_text().splitlines()] == sorted(
        f"s{n}" for n in range(50)
    )[:7]
    assert list((server.data / "exports").iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("export", "2026-10", "--to", "x.csv"), "routy.py archive 2026-10 DIR"),
        (("export", "nothing", "--to", "x.csv"), "source: must be one of"),
        (("export", "links", "--to", "x.csv", "--query", "colour=1"), "colour: is not a filter"),
        (("export", "links", "--to", "x.docx"), "format: must be one of"),
        (("import", "links", "lost.csv"), "lost.csv"),
        (("import", "clicks", "{file}"), "resource: must be one of"),
        (("import", "links", "{file}", "--map", "slug"), "must be of the form FIELD=COLUMN"),
        (("import", "links", "{file}", "--map", "colour=x"), "colour is no field"),
        (("import", "links", "{file}", "--map", "slug=x"), "no column x"),
    ],
)
def test_what_cannot_be_done_is_said_without_a_trace(
    begun: Path, arguments: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    given = [text.format(file=file(tmp_path, 2)) for text in arguments]
    assert cli.main([*given, "--data", str(begun)]) == 1
    out, said = capsys.readouterr()
    assert told in said and "Traceback" not in said
    assert out == ""


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with an owner, which nobody holds."""
    house = House(tmp_path_factory.mktemp("begun"))
    house.close()
    return house.path

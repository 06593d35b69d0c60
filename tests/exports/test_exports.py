"""Exports: equal to what the screen shows, with the rights of who asked, gone when they are over."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from routy.clock import DAY, HOUR
from routy.exports import work as presses
from routy.exports.sheets import write_xlsx
from routy.exports.work import expire_once, export_once
from routy.resources.folders import Folder
from routy.resources.tags import Tag
from tests.exports.press import FORMATS, content, export, rows_of, work
from tests.house import House
from tests.resources.samples import Samples

LISTS = ("links", "tags", "tokens", "events", "audit_entries", "memberships", "exports", "workspaces")


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house with links that hold all kinds of texts, clicks and requests."""
    house = House(tmp_path_factory.mktemp("house"))
    tags = [house.make(Tag, name=name)["id"] for name in ("red", "=1+1", "a;b")]
    folder = house.make(Folder, name="Größe")["id"]
    for number, title in enumerate(("plain", "=1+1", "+49", "-5", "@x", "'=y", 'a,b"c;d', "ÄÖ ß 😀", None)):
        more = {"tag_ids": tags[: number % 4], "folder_id": folder if number % 2 else None}
        house.link(
            f"s{number}",
            title=title,
            notes=title and f"{title}\nmore",
            metadata={"k": "=v;w"} if number % 3 else {},
            **more,
        )
    house.link("late", expires_at="2027-01-31T12:00:00.000Z", pass_query=False)
    for number in range(40):
        house.ask("GET", f"/s{number % 9}", f"utm_source=%3Dcmd&sub1={number % 3}")
    house.load()
    yield house
    house.close()


def shown(house: House, source: str, **query: str) -> list[dict[str, Any]]:
    """All rows as the API lists them."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        reply = house.call("GET", f"/{source.replace('_', '-')}", limit="7", **query, **cursor).json
        found += reply["data"]
        if not reply["pagination"]["has_more"]:
            return found
        cursor = {"cursor": reply["pagination"]["next_cursor"]}


# ---- what is in them


@pytest.mark.parametrize("source", LISTS)
@pytest.mark.parametrize("form", ["json", "ndjson"])
def test_a_list_as_json_is_what_the_screen_shows(full: House, tmp_path: Path, source: str, form: str) -> None:
    before = f"created_at[lt]={shown(full, source)[0]['created_at']}"
    done = export(full, source, before, form)
    expected = shown(full, source, **dict([before.split("=", 1)]))
    assert [row["id"] for row in rows_of(full, done, tmp_path)] == [row["id"] for row in expected]
    if source != "exports":  # it has changed while it was made
        assert rows_of(full, done, tmp_path) == expected
    assert done["rows"] == done["total"] == len(expected)


@pytest.mark.parametrize("source", ["clicks", "api_requests"])
@pytest.mark.parametrize("form", ["json", "ndjson"])
def test_single_rows_are_what_the_screen_shows(full: House, tmp_path: Path, source: str, form: str) -> None:
    expected = shown(full, source, sort="created_at")
    found = rows_of(full, export(full, source, "sort=created_at", form), tmp_path)
    assert len(found) == len(expected) >= 10
    assert found == [{name: row[name] for name in found[0]} for row in expected]


@pytest.mark.parametrize("form", FORMATS)
def test_a_report_is_what_the_screen_shows(full: House, tmp_path: Path, form: str) -> None:
    query = {"metrics": "clicks,uniques", "dimensions": "slug,sub1", "sort": "-clicks,slug,sub1"}
    expected = full.call("GET", "/reports", **query).data["rows"]
    done = export(full, "reports", "&".join(f"{name}={text}" for name, text in query.items()), form)
    found = rows_of(full, done, tmp_path)
    assert [str(row["clicks"]) for row in found] == [str(row["clicks"]) for row in expected]
    assert [row["slug"] for row in found] == [row["slug"] for row in expected]
    assert done["rows"] == len(expected) == 9


@pytest.mark.parametrize("form", FORMATS)
def test_filters_columns_sort_and_limit_are_those_of_the_list(full: House, tmp_path: Path, form: str) -> None:
    asked = "title[null]=false&sort=-slug&fields=slug,clicks,tag_ids&limit=5"
    done = export(full, "links", asked, form)
    found = rows_of(full, done, tmp_path)
    expected = full.call("GET", "/links", **{"title[null]": "false", "sort": "-slug", "limit": "5"}).data
    assert [list(row) for row in found] == [["slug", "clicks", "tag_ids"]] * 5
    assert [(row["slug"], str(row["clicks"])) for row in found] == [(r["slug"], str(r["clicks"])) for r in expected]


def test_a_table_has_the_types_of_the_declaration(full: House, tmp_path: Path) -> None:
    row = rows_of(full, export(full, "links", "slug=late", "parquet"), tmp_path)[0]
    kinds = {name: type(row[name]).__name__ for name in ("slug", "clicks", "pass_query", "tag_ids", "expires_at")}
    assert kinds == {
        "slug": "str",
        "clicks": "int",
        "pass_query": "bool",
        "tag_ids": "list",
        "expires_at": "datetime",
    }
    assert row["metadata"] == "{}"


def test_no_cell_of_a_csv_is_a_formula(full: House, tmp_path: Path) -> None:
    found = rows_of(full, export(full, "links", "sort=slug&fields=slug,title", "csv"), tmp_path)
    titles = {row["slug"]: row["title"] for row in found}
    assert [titles[f"s{n}"] for n in range(1, 6)] == ["'=1+1", "'+49", "'-5", "'@x", "''=y"]
    assert titles["s6"] == 'a,b"c;d'


def test_a_workbook_keeps_texts_as_they_are_and_has_no_formula(full: House, tmp_path: Path) -> None:
    found = rows_of(full, export(full, "links", "sort=slug&fields=slug,title,clicks,pass_query", "xlsx"), tmp_path)
    titles = {row["slug"]: row["title"] for row in found}
    assert (titles["s1"], titles["s7"], titles["s8"]) == ("=1+1", "ÄÖ ß 😀", "")
    assert found[0]["pass_query"] == "0"


def test_a_workbook_says_how_many_rows_it_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("routy.exports.sheets.MOST_ROWS", 3)
    with pytest.raises(Exception, match="holds at most 3 rows"):
        write_xlsx(({"a": n} for n in range(4)), ["a"], tmp_path / "x.xlsx")
    assert write_xlsx(({"a": n} for n in range(3)), ["a"], tmp_path / "y.xlsx") == 3


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("source", ["folders", "clicks"])
def test_nothing_is_a_file_too(full: House, tmp_path: Path, form: str, source: str) -> None:
    done = export(full, source, "id=nothing", form)
    assert rows_of(full, done, tmp_path) == []
    assert (done["rows"], done["total"]) == (0, 0)


# ---- what cannot be asked


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"source": "nothing"}, "source"),
        ({"source": "sessions"}, "source"),
        ({"source": "links", "query": "colour=1"}, "query"),
        ({"source": "links", "query": "page=2"}, "query"),
        ({"source": "links", "query": "limit=0"}, "query"),
        ({"source": "links", "query": "expand=domain"}, "query"),
        ({"source": "links", "query": "slug=a&slug=b"}, "query"),
        ({"source": "links", "query": "q=%ff"}, "query"),
        ({"source": "clicks", "query": "sort=class"}, "query"),
        ({"source": "clicks", "query": "cursor=x"}, "query"),
        ({"source": "reports", "query": "metrics=love"}, "query"),
        ({"source": "reports", "query": "fields=slug"}, "query"),
        ({"source": "links", "format": "pdf"}, "format"),
    ],
    ids=str,
)
def test_what_the_list_would_refuse_is_refused(house: House, body: dict[str, str], field: str) -> None:
    with house.unchanged():
        reply = house.call("POST", "/exports", body)
        assert (reply.status, reply.fields) == (400, {field}), reply.body


def test_nobody_exports_what_they_may_not_read(house: House) -> None:
    with house.unchanged():
        refused = house.call("POST", "/exports", {"source": "audit_entries"}, house.teammate)
        assert (refused.status, refused.error["code"]) == (403, "FORBIDDEN")
        assert "logs:read" in refused.error["message"]


def test_a_file_is_for_those_who_may_read_what_is_in_it(house: House) -> None:
    done = export(house, "audit_entries")
    assert house.call("GET", f"/exports/{done['id']}", as_=house.teammate).status == 200
    for method, more, body in (("GET", "file", None), ("POST", "downloads", {})):
        assert house.call(method, f"/exports/{done['id']}/{more}", body, house.teammate).status == 403
        assert house.call(method, f"/exports/{done['id']}/{more}", body, house.stranger).status == 404
        assert house.call(method, f"/exports/{done['id']}/{more}", body, None).status == 401


def test_an_export_holds_only_the_rows_of_its_workspace(house: House, tmp_path: Path) -> None:
    house.link("mine")
    house.ask("GET", "/mine")
    house.load()
    for source in ("links", "clicks", "events"):
        mine = rows_of(house, export(house, source), tmp_path)
        theirs = export(house, source, as_=house.stranger)
        assert mine
        assert theirs["rows"] < len(mine)


def test_it_is_made_with_the_rights_that_its_maker_has_then(house: House) -> None:
    body = {"name": "weak", "scopes": ["exports:read", "exports:write", "links:read"]}
    token = house.call("POST", "/tokens", body).data
    asked = [house.call("POST", "/exports", {"source": "links"}, token["secret"] and None,
                        {"Authorization": f"Bearer {token['secret']}"}).data["id"] for _ in range(2)]  # fmt: skip
    assert export_once(house.app.press)
    house.call("DELETE", f"/tokens/{token['id']}")
    assert export_once(house.app.press)
    states = [house.call("GET", f"/exports/{one}").data for one in asked]
    assert [state["status"] for state in states] == ["done", "failed"]
    assert "token is gone" in states[1]["error"]


# ---- addresses


def address(house: House, done: Any, **body: Any) -> str:
    reply = house.call("POST", f"/exports/{done['id']}/downloads", body)
    assert reply.status == 201, reply.body
    return str(reply.data["download_url"]).removeprefix("http://go.example")


def test_a_signed_address_needs_no_login_and_ends(house: House) -> None:
    house.link("one")
    done = export(house, "links", "fields=slug")
    there = address(house, done, hours=2)
    assert house.ask("GET", there).body == b'{"slug":"one"}\n'
    assert house.ask("HEAD", there).body == b""
    for broken in (there[:-3], there + "x", "/api/v1/downloads/x"):
        assert house.ask("GET", broken).status == 404
    house.now += 2 * HOUR + 1000
    assert house.ask("GET", there).status == 404
    assert house.call("GET", done["download_url"]).status == 200


def test_deleting_an_export_takes_its_addresses_and_its_file_away(house: House) -> None:
    done = export(house, "links")
    there = address(house, done)
    assert house.call("DELETE", f"/exports/{done['id']}").status == 204
    assert house.ask("GET", there).status == 404
    expire_once(house.app.press)
    assert list(house.app.press.directory.iterdir()) == []


def test_a_file_can_be_fetched_in_parts(house: House) -> None:
    house.link("one")
    done = export(house, "links", "fields=slug")
    there, whole = address(house, done), b'{"slug":"one"}\n'
    for asked, got, status in (
        ("bytes=0-3", whole[:4], 206),
        ("bytes=4-", whole[4:], 206),
        ("bytes=-5", whole[-5:], 206),
        ("bytes=2-9999", whole[2:], 206),
        ("bytes=99-", whole, 200),
        ("bytes=5-2", whole, 200),
        ("lines=1-2", whole, 200),
        ("bytes=0-1,3-4", whole, 200),
    ):
        reply = house.ask("GET", there, headers={"Range": asked})
        assert (reply.status, reply.body) == (status, got), asked
        assert reply.headers["Content-Length"] == str(len(got))
    other = house.ask("GET", there, headers={"Range": "bytes=0-3", "If-Range": '"another"'})
    assert (other.status, other.body) == (200, whole)


def test_a_name_cannot_end_the_header_that_it_stands_in(house: House) -> None:
    house.call("POST", "/exports", {"source": "tags", "name": 'a"; x="ÄÖ/..\\b'})
    work(house)
    done = house.call("GET", "/exports").data[0]
    said = house.call("GET", done["download_url"]).headers["Content-Disposition"]
    assert said.startswith('attachment; filename="a__ x_____.._b-2026-11-21.csv"; filename*=')
    assert said.count('"') == 2
    assert house.call("POST", "/exports", {"source": "tags", "name": "a\r\nX: y"}).status == 400


# ---- life and death


def test_what_is_not_done_has_no_file(house: House) -> None:
    made = house.call("POST", "/exports", {"source": "links"}).data
    assert (made["status"], made["download_url"], made["rows"]) == ("pending", None, 0)
    assert house.call("GET", f"/exports/{made['id']}/file").status == 409


def test_it_tells_when_it_is_finished(house: House) -> None:
    before = house.last_seq()
    done = export(house, "links")
    assert [type_ for type_ in house.events(before) if type_.startswith("export.")] == [
        "export.created", "export.updated", "export.finished",
    ]  # fmt: skip
    told = house.call("GET", "/events", type="export.finished").data[0]["data"]
    assert (told["id"], told["status"], told["rows"]) == (done["id"], "done", 0)


def test_it_expires_with_its_file(house: House) -> None:
    done = export(house, "links")
    there = address(house, done)
    house.now += 7 * DAY
    expire_once(house.app.press)
    assert house.call("GET", f"/exports/{done['id']}").data["status"] == "expired"
    assert house.call("GET", f"/exports/{done['id']}/file").status == 410
    assert house.ask("GET", there).status in (404, 410)
    assert list(house.app.press.directory.iterdir()) == []


def test_what_a_killed_server_left_behind_is_made_anew(house: House) -> None:
    house.link("one")
    made = house.call("POST", "/exports", {"source": "links", "query": "fields=slug"}).data
    house.records.script(f"UPDATE exports SET status = 'running', attempts = 1, rows = 5 WHERE id = '{made['id']}'")
    house.app.press.directory.mkdir()
    (house.app.press.directory / f"{made['id']}.part").write_bytes(b"half of it")
    work(house)
    assert content(house, house.call("GET", f"/exports/{made['id']}").data) == b'{"slug":"one"}\n'.replace(
        b'{"slug":"one"}', b"slug\none"
    )


def test_what_kills_the_server_each_time_is_given_up(house: House) -> None:
    made = house.call("POST", "/exports", {"source": "links"}).data
    house.records.script(f"UPDATE exports SET status = 'running', attempts = 3 WHERE id = '{made['id']}'")
    work(house)
    failed = house.call("GET", f"/exports/{made['id']}").data
    assert (failed["status"], failed["error"]) == ("failed", "the server gave up on it 3 times")


def test_one_that_is_deleted_while_it_is_made_leaves_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presses, "TOLD_EVERY", 0.0)
    house.link("one")
    made = house.call("POST", "/exports", {"source": "links"}).data
    plain = presses.lists.rows

    def deleted(*given: Any) -> Any:
        house.call("DELETE", f"/exports/{made['id']}")
        return plain(*given)

    monkeypatch.setattr(presses.lists, "rows", deleted)
    before = house.last_seq()
    assert export_once(house.app.press)
    assert "export.finished" not in house.events(before)
    assert list(house.app.press.directory.iterdir()) == []


def test_a_full_disk_is_told_as_that(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*given: Any) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(presses.written.WRITERS, "ndjson", full)
    failed = export(house, "links")
    assert (failed["status"], failed["error"], failed["download_url"]) == ("failed", "the disk is full", None)
    assert list(house.app.press.directory.iterdir()) == []


def test_a_store_that_is_closed_is_waited_for(house: House) -> None:
    made = house.call("POST", "/exports", {"source": "clicks"}).data
    house.app.clicks.close()
    assert not export_once(house.app.press)
    assert house.call("GET", f"/exports/{made['id']}").data["status"] == "pending"
    house.app.clicks.open()
    work(house)
    assert house.call("GET", f"/exports/{made['id']}").data["status"] == "done"


def test_others_write_while_a_list_is_read(house: House, samples: Samples) -> None:
    """The rows are of one moment, and the read holds nobody up."""
    for number in range(30):
        house.link(f"a{number}")
    seen: list[int] = []

    def write() -> None:
        seen.append(house.call("POST", "/links", {"destination": "https://x.example/", "slug": "later"}).status)

    thread = threading.Thread(target=write)
    plain = presses.written.WRITERS["ndjson"]

    def slowly(rows: Any, names: Any, file: Path) -> int:
        def each() -> Iterator[Any]:
            for number, row in enumerate(rows):
                if number == 3:
                    thread.start()
                    thread.join()
                yield row

        return plain(each(), names, file)

    presses.written.WRITERS["ndjson"] = slowly
    try:
        done = export(house, "links")
    finally:
        presses.written.WRITERS["ndjson"] = plain
    assert seen == [201]
    assert done["rows"] == 30


@pytest.fixture
def samples(house: House) -> Samples:
    return Samples(house)

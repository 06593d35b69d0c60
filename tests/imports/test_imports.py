"""Imports from the file to the records: dry, for real, atomic, upserting, killed in between, taken back."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from routy.clock import DAY
from routy.imports.pruning import prune_once
from routy.imports.work import import_once
from routy.resources.folders import Folder
from routy.resources.tags import Tag
from tests.exports.press import content, export
from tests.house import House
from tests.imports.intake import begin, counts, reverse, rows, run, send, slugs, start, take, work, wrong

GOOD = "destination,slug,external_id\nhttps://a.example/,a,x1\nhttps://b.example/,b,x2\n"
MIXED = "destination,slug\nhttps://a.example/,a\nnowhere,b\nhttps://c.example/,a\nhttps://d.example/,d\n"


@pytest.fixture(autouse=True)
def one_row_a_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that what happens between two pieces happens in small files too."""
    monkeypatch.setattr("routy.imports.work.LEAST", 2)
    monkeypatch.setattr("routy.imports.work.MOST", 2)


# ---- dry and for real


def test_a_dry_run_judges_every_row_and_stores_none(house: House) -> None:
    one = begin(house, MIXED)
    before, seq = slugs(house), house.last_seq()
    tried = run(house, one, dry_run=True)
    assert (tried["status"], tried["tried"], counts(tried)) == ("ready", True, {"created": 2, "failed": 2})
    assert wrong(house, one) == [(3, {"destination"}), (4, {"slug"})]
    assert {row["record_id"] for row in rows(house, one)} == {None}
    assert slugs(house) == before
    assert not [type_ for type_ in house.events(seq) if type_.startswith("link.")]
    assert [path.name for path in house.app.intake.directory.iterdir()] == [f"{one['id']}.file"]


def test_a_run_does_what_the_dry_run_said(house: House) -> None:
    one = begin(house, MIXED)
    run(house, one, dry_run=True)
    said = [(row["line"], row["status"], row["errors"]) for row in rows(house, one)]
    done = run(house, one)
    assert [(row["line"], row["status"], row["errors"]) for row in rows(house, one)] == said
    assert (done["status"], done["tried"], done["rows"], done["progress"]) == ("done", False, 4, 100)
    assert slugs(house) == {"a": "https://a.example/", "d": "https://d.example/"}


def test_every_row_leaves_its_event_and_its_audit_entry(house: House) -> None:
    seq = house.last_seq()
    one = take(house, GOOD)
    assert house.events(seq).count("link.created") == 2
    entries = house.call("GET", "/audit-entries", resource="links").data
    assert {entry["record_id"] for entry in entries} == {row["record_id"] for row in rows(house, one)}
    assert {entry["actor"][:4] for entry in entries} == {"tok_"}
    assert house.events(seq)[-1] == "import.finished"
    told = house.call("GET", "/events", type="import.finished").data[0]["data"]
    assert (told["what"], told["status"], told["created_rows"]) == ("running", "done", 2)


def test_redirects_lead_where_an_import_says(house: House) -> None:
    take(house, GOOD)
    house.app.follow()
    assert house.ask("GET", "/b").headers["Location"] == "https://b.example/"


def test_rows_are_listed_by_what_became_of_them_page_by_page(house: House) -> None:
    one = take(house, "destination\n" + "https://a.example/\nnowhere\n" * 5)
    first = house.call("GET", f"/imports/{one['id']}/rows", status="failed", limit="2").json
    assert [row["number"] for row in first["data"]] == [2, 4]
    cursor = first["pagination"]["next_cursor"]
    assert [row["number"] for row in rows(house, one, status="failed", cursor=cursor)] == [6, 8, 10]
    assert house.call("GET", f"/imports/{one['id']}/rows", as_=house.stranger).status == 404
    assert house.call("GET", f"/imports/{one['id']}/rows", status="lost").status == 400


# ---- upsert


def test_rows_with_a_known_external_id_change_what_they_say_and_nothing_else(house: House) -> None:
    take(house, GOOD)
    house.call("PATCH", f"/links/{house.call('GET', '/links', slug='a').data[0]['id']}", {"title": "Mine"})
    one = take(
        house,
        "external_id,destination,notes\nx1,https://new.example/,\nx2,https://b.example/,\nx3,https://c.example/,hi\n",
    )
    assert counts(one) == {"created": 1, "updated": 1, "unchanged": 1}
    link = house.call("GET", "/links", external_id="x1").data[0]
    assert (link["destination"], link["title"], link["notes"]) == ("https://new.example/", "Mine", None)


def test_a_change_needs_only_the_columns_that_change(house: House) -> None:
    take(house, GOOD)
    one = take(house, "external_id,title\nx1,One\nx9,Nine\n")
    assert counts(one) == {"updated": 1, "failed": 1}
    assert wrong(house, one) == [(3, {"destination"})]


def test_without_upsert_a_known_external_id_is_refused(house: House) -> None:
    take(house, GOOD)
    one = take(house, GOOD.replace(",a,", ",c,").replace(",b,", ",d,"), upsert=False)
    assert wrong(house, one) == [(2, {"external_id"}), (3, {"external_id"})]


def test_a_file_may_say_twice_what_one_record_is(house: House) -> None:
    one = take(house, "external_id,destination\nx1,https://a.example/\nx1,https://b.example/\n")
    assert counts(one) == {"created": 1, "updated": 1}
    assert list(slugs(house).values()) == ["https://b.example/"]


def test_metadata_comes_key_by_key(house: House) -> None:
    text = "external_id,destination,metadata.team,metadata.plan\nx1,https://a.example/,growth,=pro\n"
    one = begin(house, text)
    assert one["mapping"]["metadata.team"] == "metadata.team"
    run(house, one)
    take(house, "external_id,destination,metadata.team\nx1,https://a.example/,sales\n")
    assert house.call("GET", "/links", external_id="x1").data[0]["metadata"] == {"team": "sales", "plan": "=pro"}


# ---- atomic


def test_an_atomic_import_stores_all_rows_or_none(house: House) -> None:
    seq = house.last_seq()
    refused = take(house, MIXED, atomic=True)
    assert (refused["status"], counts(refused)) == ("failed", {"failed": 4})
    assert "2 rows were refused" in refused["error"]
    assert [row["errors"][0]["field"] for row in rows(house, refused)] == ["row", "destination", "slug", "row"]
    assert slugs(house) == {}
    assert "link.created" not in house.events(seq)
    assert counts(take(house, GOOD, atomic=True)) == {"created": 2}


def test_an_atomic_import_that_was_refused_is_refused_again(house: House) -> None:
    refused = take(house, MIXED, atomic=True)
    again = house.call("POST", f"/imports/{refused['id']}/runs", {})
    assert again.status == 202
    while import_once(house.app.intake):
        pass
    ended = house.call("GET", f"/imports/{refused['id']}").data
    assert (ended["status"], counts(ended)) == ("failed", {"failed": 4})


def test_an_atomic_import_has_a_limit(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("routy.imports.work.MOST_ATOMIC", 1)
    refused = take(house, GOOD, atomic=True)
    assert (refused["status"], refused["rows"]) == ("failed", 0)
    assert "at most 1 rows" in refused["error"]
    assert slugs(house) == {}


# ---- killed and stopped in between


def many(count: int) -> str:
    return "destination,slug\n" + "".join(f"https://a.example/{n},s{n}\n" for n in range(count))


@pytest.mark.parametrize("pieces", [0, 1, 3])
def test_a_killed_run_goes_on_behind_the_last_piece(house: House, pieces: int) -> None:
    one = begin(house, many(9))
    start(house, one)
    for _ in range(pieces):
        import_once(house.app.intake)
    house.app.intake.under_way.clear()  # as a new process finds it
    work(house)
    done = house.call("GET", f"/imports/{one['id']}").data
    assert (done["status"], counts(done)) == ("done", {"created": 9})
    assert len(slugs(house)) == 9
    assert [row["number"] for row in rows(house, one)] == list(range(1, 10))


def test_a_killed_dry_run_begins_anew(house: House) -> None:
    one = begin(house, many(9))
    start(house, one, dry_run=True)
    for _ in range(3):
        import_once(house.app.intake)
    house.app.intake.under_way.clear()
    work(house)
    done = house.call("GET", f"/imports/{one['id']}").data
    assert (done["status"], counts(done), len(rows(house, one))) == ("ready", {"created": 9}, 9)


def test_a_piece_that_cannot_be_written_is_tried_again_and_counted_once(house: House) -> None:
    one = begin(house, many(6))
    start(house, one)
    import_once(house.app.intake)
    house.records.script(
        "CREATE TRIGGER refuse BEFORE INSERT ON import_rows BEGIN SELECT RAISE(ABORT, 'no room'); END"
    )
    work(house)
    assert house.call("GET", f"/imports/{one['id']}").data["status"] == "failed"
    house.records.script("DROP TRIGGER refuse")
    done = run(house, one)
    assert (done["status"], counts(done), len(slugs(house))) == ("done", {"created": 6}, 6)


def test_several_imports_go_on_side_by_side(house: House) -> None:
    both = [begin(house, many(20)), begin(house, many(20).replace(",s", ",t"))]
    for one in both:
        start(house, one)
    for _ in range(12):
        house.now += 1
        import_once(house.app.intake)
    done = [house.call("GET", f"/imports/{one['id']}").data["rows"] for one in both]
    assert min(done) > 0 and max(done) < 20
    work(house)
    assert len(slugs(house)) == 40


def test_others_write_between_two_pieces(house: House) -> None:
    one = begin(house, many(6))
    start(house, one)
    import_once(house.app.intake)
    assert house.link("mine")["slug"] == "mine"
    work(house)
    assert len(slugs(house)) == 7


def test_one_that_runs_cannot_be_deleted_or_changed(house: House) -> None:
    one = begin(house, many(6))
    start(house, one)
    import_once(house.app.intake)
    assert house.call("DELETE", f"/imports/{one['id']}").status == 409
    assert house.call("PATCH", f"/imports/{one['id']}", {"mapping": {"title": "slug"}}).status == 409
    assert send(house, one["id"], GOOD).status == 409
    assert start(house, one).status == 409
    assert house.call("POST", f"/imports/{one['id']}/reversal").status == 409


# ---- rights


def test_it_runs_with_the_rights_that_its_maker_has_then(house: House) -> None:
    scopes = ["imports:read", "imports:write", "links:write"]
    token = house.call("POST", "/tokens", {"name": "weak", "scopes": scopes}).data
    one = begin(house, many(6))
    as_token = {"Authorization": f"Bearer {token['secret']}"}
    assert house.call("POST", f"/imports/{one['id']}/runs", {}, None, as_token).status == 202
    house.call("DELETE", f"/tokens/{token['id']}")
    work(house)
    done = house.call("GET", f"/imports/{one['id']}").data
    assert done["status"] == "failed"
    assert "token is gone" in done["error"]
    assert slugs(house) == {}


def test_nobody_imports_what_they_may_not_write(house: House) -> None:
    with house.unchanged():
        for resource in ("domains", "users"):
            refused = house.call("POST", "/imports", {"resource": resource}, house.teammate)
            assert refused.status == 403, refused.body
        for resource in ("clicks", "events", "exports", "imports", "tokens", "webhooks", "nothing"):
            assert house.call("POST", "/imports", {"resource": resource}).fields == {"resource"}
    one = begin(house, "host\ngo.acme.example\n", "domains")
    assert house.call("POST", f"/imports/{one['id']}/runs", {}, house.teammate).status == 403
    assert send(house, one["id"], GOOD, house.stranger).status == 404


def test_what_can_be_imported_is_listed_with_its_fields(house: House) -> None:
    found = {each["resource"]: each["fields"] for each in house.call("GET", "/imports/resources").data}
    assert {"links", "tags", "folders", "domains", "users"} <= set(found)
    assert {field["name"] for field in found["links"] if field["required"]} == {"destination"}
    assert "domains" not in {
        each["resource"] for each in house.call("GET", "/imports/resources", as_=house.teammate).data
    }


def test_an_import_sees_only_its_own_workspace(house: House) -> None:
    house.call("POST", "/tags", {"name": "theirs"}, house.stranger)
    house.call("POST", "/links", {"destination": "https://x.example/", "external_id": "x1"}, house.stranger)
    one = take(house, "destination,external_id,tags\nhttps://a.example/,x1,\nhttps://b.example/,x2,theirs\n")
    assert wrong(house, one) == [(3, {"tag_ids"})]
    assert house.call("GET", "/links", as_=house.stranger).data[0]["destination"] == "https://x.example/"


# ---- taken back


def test_an_import_is_taken_back_as_one(house: House) -> None:
    take(house, GOOD)
    before = {row["slug"]: row for row in house.call("GET", "/links").data}
    more = "external_id,destination,slug,metadata.a\nx1,https://new.example/,a2,1\nx3,https://c.example/,c,\n"
    one = take(house, more)
    seq = house.last_seq()
    back = reverse(house, one)
    assert (back["status"], counts(back)) == ("reversed", {"created": 1, "updated": 1, "reversed": 2})
    after = {row["slug"]: row for row in house.call("GET", "/links").data}
    kept = ("id", "destination", "metadata", "external_id", "title")
    assert [{n: row[n] for n in kept} for row in after.values()] == [
        {n: r[n] for n in kept} for r in before.values()
    ]
    assert {"link.updated", "link.deleted", "import.finished"} <= set(house.events(seq))


def test_what_was_changed_since_is_left_alone_and_named(house: House) -> None:
    one = take(house, GOOD)
    link = house.call("GET", "/links", slug="a").data[0]
    house.call("PATCH", f"/links/{link['id']}", {"title": "Mine"})
    back = reverse(house, one)
    assert counts(back) == {"created": 2, "reversed": 1, "kept": 1}
    assert list(slugs(house)) == ["a"]
    left = rows(house, one, status="kept")[0]
    assert (left["record_id"], left["errors"][0]["message"]) == (link["id"], "it was changed since")


def test_a_record_of_several_rows_goes_back_step_by_step(house: House) -> None:
    take(house, "external_id,destination,title\nx1,https://a.example/,One\n")
    one = take(
        house, "external_id,destination,title\nx1,https://b.example/,\nx2,https://n.example/,\nx1,,Two\nx2,,New\n"
    )
    assert counts(one) == {"created": 1, "updated": 3}
    assert counts(reverse(house, one)) == {"created": 1, "updated": 3, "reversed": 4}
    assert [(row["destination"], row["title"]) for row in house.call("GET", "/links").data] == [
        ("https://a.example/", "One")
    ]


def test_a_reversal_that_is_killed_goes_on(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("routy.imports.reversed.AT_ONCE", 2)
    one = take(house, many(7))
    assert house.call("POST", f"/imports/{one['id']}/reversal").status == 202
    for _ in range(2):
        import_once(house.app.intake)
    house.app.intake.under_way.clear()
    work(house)
    assert counts(house.call("GET", f"/imports/{one['id']}").data) == {"created": 7, "reversed": 7}
    assert slugs(house) == {}


def test_only_what_is_over_and_not_too_old_is_taken_back(house: House) -> None:
    one = begin(house, GOOD)
    assert house.call("POST", f"/imports/{one['id']}/reversal").status == 409
    run(house, one)
    house.now += 31 * DAY
    assert house.call("POST", f"/imports/{one['id']}/reversal").status == 410


# ---- there and back


def test_links_that_were_exported_come_back_as_they_were(house: House) -> None:
    tags = [house.make(Tag, name=name)["id"] for name in ("red", "a;b", "=x")]
    folder = house.make(Folder, name="Größe")["id"]
    for number, title in enumerate(("plain", "=1+1", "'=y", "''", "-5", 'a,b"c', "ÄÖ ß 😀", " padded ", None)):
        odd = bool(number % 2)
        more = {"title": title, "notes": f"{title}\nmore", "tag_ids": tags[: number % 4], "pass_query": odd}
        if odd:
            more |= {"folder_id": folder, "parameters": {"p": "=1"}, "expires_at": "2027-01-31T12:00:00.000Z"}
        more |= {"metadata": {"k": "v;w"}} if number % 3 else {}
        house.link(f"s{number}", f"https://a.example/?n={number}", external_id=f"x{number}", **more)
    for form in ("csv", "ndjson"):
        kept = [{n: v for n, v in row.items() if n not in VARY} for row in house.call("GET", "/links").data]
        file = content(house, export(house, "links", "sort=slug", form))
        house.call("DELETE", "/links", **{"slug[prefix]": "s"})
        one = take(house, file)
        assert counts(one) == {"created": 9}, wrong(house, one)
        back = [{n: v for n, v in row.items() if n not in VARY} for row in house.call("GET", "/links").data]
        assert sorted(back, key=lambda row: row["slug"]) == sorted(kept, key=lambda row: row["slug"])
        assert counts(take(house, file)) == {"unchanged": 9}


VARY = ("id", "created_at", "updated_at", "created_by", "version", "short_url")


def test_a_password_is_hashed_and_not_kept_in_the_clear(house: House, tmp_path: Path) -> None:
    one = take(house, "destination,password\nhttps://a.example/,open sesame\n")
    assert counts(one) == {"created": 1}
    for table in ("links", "import_rows", "events", "audit_entries"):
        for row in house.records.rows(f"SELECT * FROM {table}"):
            assert "open sesame" not in str(row)
    with sqlite3.connect(house.records.path) as plain:
        assert plain.execute("SELECT password FROM links").fetchone()[0].startswith("$argon2id$")


@pytest.fixture
def others(house: House) -> Iterator[Any]:
    yield house.stranger


# ---- what is left of it


def test_files_go_when_nobody_needs_them_and_rows_when_they_are_old(house: House) -> None:
    done, waits, gone = take(house, GOOD), begin(house, MIXED), begin(house, MIXED)
    house.call("DELETE", f"/imports/{gone['id']}")
    for name in (f"{waits['id']}.rehearsal-wal", "impt_01KAHGZ4T8Z6Q7V3M9W2R5X0CD.coming"):
        (house.app.intake.directory / name).write_bytes(b"left over")
    assert not prune_once(house.app.intake, 30)
    assert [path.name for path in house.app.intake.directory.iterdir()] == [f"{waits['id']}.file"]
    assert len(rows(house, done)) == 2
    house.now += 31 * DAY
    prune_once(house.app.intake, 30)
    assert list(house.app.intake.directory.iterdir()) == []
    assert rows(house, done) == []
    assert start(house, waits).status == 202
    work(house)
    failed = house.call("GET", f"/imports/{waits['id']}").data
    assert (failed["status"], failed["error"]) == ("failed", "its file is not here any more")

"""Files as people send them: any encoding, any delimiter, other products' columns, and those that mean harm."""

import codecs
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routy.exports.written import write_csv
from routy.imports.guessed import guess
from routy.imports.reading import LONGEST_LINE, Unreadable, inspect, read
from routy.imports.typed import slug_of
from routy.resources.links import Link
from tests.house import House
from tests.imports.intake import begin, counts, rows, run, send, take, wrong


def of(tmp_path: Path, content: bytes, lines: bool = False) -> tuple[Any, list[Any]]:
    """How a file is read, and its rows."""
    file = tmp_path / "file"
    file.write_bytes(content)
    sheet = inspect(file, lines)
    return sheet, list(read(file, sheet))


# ---- how they are written


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("encoding", "bom", "told"),
    [
        ("utf-8", b"", "utf-8"),
        ("utf-8", codecs.BOM_UTF8, "utf-8-sig"),
        ("utf-16-le", codecs.BOM_UTF16_LE, "utf-16"),
        ("utf-16-be", codecs.BOM_UTF16_BE, "utf-16"),
        ("cp1252", b"", "cp1252"),
    ],
)
def test_a_table_is_read_however_it_is_written(
    tmp_path: Path, delimiter: str, end: str, encoding: str, bom: bytes, told: str
) -> None:
    lines = [["Größe", "b"], ["ü, ; | ß", 'say ""so""'], ["", "x"]]
    text = end.join(delimiter.join(f'"{cell}"' for cell in line) for line in lines) + end
    sheet, found = of(tmp_path, bom + text.encode(encoding))
    assert (sheet.encoding, sheet.delimiter, sheet.columns) == (told, delimiter, ("Größe", "b"))
    assert [line.values for line in found] == [{"Größe": "ü, ; | ß", "b": 'say "so"'}, {"Größe": "", "b": "x"}]
    assert [line.line for line in found] == [2, 3]


def test_quoted_lines_count_as_what_they_are(tmp_path: Path) -> None:
    _, found = of(tmp_path, b'a,b\n1,"x\ny\nz"\n\n,\n2,q\n')
    assert [(line.number, line.line, line.values["b"]) for line in found] == [(1, 2, "x\ny\nz"), (2, 7, "q")]


def test_columns_of_the_same_name_are_told_apart(tmp_path: Path) -> None:
    sheet, found = of(tmp_path, b" Tag ,,Tag,Tag\n1,2,3,4\n")
    assert sheet.columns == ("Tag", "Column 2", "Tag (2)", "Tag (3)")
    assert found[0].values == {"Tag": "1", "Column 2": "2", "Tag (2)": "3", "Tag (3)": "4"}


def test_a_row_with_too_many_values_is_wrong_and_one_with_fewer_says_nothing_there(tmp_path: Path) -> None:
    _, found = of(tmp_path, b"a,b\n1,2,3\n4\n")
    assert found[0].error == "has 3 values where there are 2 columns"
    assert (found[1].error, found[1].values) == ("", {"a": "4"})


def test_lines_of_json_are_read_and_what_is_none_is_wrong(tmp_path: Path) -> None:
    sheet, found = of(tmp_path, b'{"a": 1, "b": ["x"]}\n\n[1]\n{"a":\n{"c": null}\n')
    assert (sheet.format, sheet.columns) == ("ndjson", ("a", "b", "c"))
    assert [(line.line, bool(line.error)) for line in found] == [(1, False), (3, True), (4, True), (5, False)]


@settings(deadline=None)  # other tests may run beside it
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["one", "two"]),
            st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0")),
        ).map(lambda row: {"one": "", "two": "", **row}),
        min_size=1,
    ).filter(lambda made: any(any(row.values()) for row in made))
)
def test_what_an_export_writes_an_import_reads(tmp_path_factory: pytest.TempPathFactory, made: list[Any]) -> None:
    file = tmp_path_factory.mktemp("there") / "and-back.csv"
    write_csv(made, ["one", "two"], file)
    sheet = inspect(file, False)
    found = [line.values for line in read(file, sheet)]
    plain = [{"one": "", "two": ""} | {name: _unguarded(text) for name, text in row.items()} for row in found]
    assert plain == [row for row in made if any(row.values())]


def _unguarded(text: str) -> str:
    stripped = text.lstrip("'")
    return text[1:] if text.startswith("'") and stripped[:1] in set("=+-@\t\r") and stripped else text


@settings(deadline=None)  # other tests may run beside it
@given(st.binary(max_size=400), st.booleans())
def test_no_bytes_break_the_reader(tmp_path_factory: pytest.TempPathFactory, raw: bytes, lines: bool) -> None:
    try:
        sheet, found = of(tmp_path_factory.mktemp("any"), raw, lines)
    except Unreadable as error:
        assert str(error)
    else:
        assert len(sheet.columns) <= 1000
        assert [line.number for line in found] == list(range(1, len(found) + 1))


# ---- those that mean harm


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (b"\n \n\n", "is empty"),
        (b"PK\x03\x04\x00\x00", "NUL"),
        (b"a,b\n1,\x00\n", "NUL"),
        (b"a," * 2000 + b"\n", "2,001 columns"),
        (b"a,b\n" + b"x" * (LONGEST_LINE + 5), "line of more than"),
        (b'[{"a": 1}]', "JSON array"),
    ],
)
def test_a_file_that_is_none_is_refused_and_forgotten(house: House, content: bytes, told: str) -> None:
    made = house.call("POST", "/imports", {"resource": "links"}).data
    with house.unchanged():
        refused = send(house, made["id"], content)
        assert (refused.status, refused.fields) == (400, {"file"}), refused.body
        assert told in refused.error["message"]
    assert list(house.app.intake.directory.iterdir()) == []


def test_a_line_of_a_gigabyte_is_never_held_in_memory(tmp_path: Path) -> None:
    file = tmp_path / "file"
    with file.open("wb") as out:
        out.write(b"a,b\n1,2\n")
        out.seek(2**30)
        out.write(b"x")  # a hole: NUL bytes, of which the first block tells
    with pytest.raises(Unreadable, match="NUL"):
        inspect(file, False)


def test_a_quote_that_never_ends_takes_no_other_rows_along(house: House) -> None:
    text = 'destination,slug\nhttps://a.example/,a\n"https://b.example/,b\nhttps://c.example/,c\n'
    one = take(house, text)
    assert counts(one) == {"created": 1, "failed": 1}
    [failed] = rows(house, one, status="failed")
    assert failed["errors"][0]["message"].startswith("begins a quoted value that does not end")


def test_broken_letters_are_read_as_those_of_windows(house: House) -> None:
    one = begin(house, b"destination,title\nhttps://a.example/,Gr\xf6\xdfe\n")
    assert one["encoding"] == "cp1252"
    run(house, one)
    assert house.call("GET", "/links").data[0]["title"] == "Größe"


# ---- on the way in


def test_a_file_may_come_in_parts_and_go_on_where_it_stopped(house: House) -> None:
    raw = b"destination,slug\nhttps://a.example/,a\n"
    made = house.call("POST", "/imports", {"resource": "links"}).data
    first = send(house, made["id"], raw[:10], Content_Range=f"bytes 0-9/{len(raw)}")
    assert (first.status, first.data["status"]) == (202, "waiting")
    lost = send(house, made["id"], raw[20:], Content_Range=f"bytes 20-{len(raw) - 1}/{len(raw)}")
    assert (lost.status, lost.error["count"]) == (409, 10)
    last = send(house, made["id"], raw[10:], Content_Range=f"bytes 10-{len(raw) - 1}/{len(raw)}")
    assert (last.status, last.data["status"], last.data["bytes"]) == (200, "ready", len(raw))
    assert counts(run(house, last.data)) == {"created": 1}


@pytest.mark.parametrize("text", ["bytes 0-9", "bytes 5-1/9", "bytes 0-99/10", "lines 0-1/2", "bytes 0-3/50", ""])
def test_a_wrong_content_range_is_refused(house: House, text: str) -> None:
    made = house.call("POST", "/imports", {"resource": "links"}).data
    refused = send(house, made["id"], b"a,b\n1,2\n" * 4, Content_Range=text)
    assert (refused.status, refused.fields) == (400, {"Content-Range"})


def test_a_file_has_a_limit_whatever_its_parts_say(house: House) -> None:
    made = house.call("POST", "/imports", {"resource": "links"}).data
    large = send(house, made["id"], b"a,b\n", Content_Range=f"bytes 0-3/{2**31}")
    assert (large.status, large.error["code"]) == (413, "PAYLOAD_TOO_LARGE")


def test_another_file_takes_the_place_of_the_first_and_keeps_what_still_fits(house: House) -> None:
    one = begin(house, "Where,What\nhttps://a.example/,x\n")
    assert one["mapping"] == {}
    changed = house.call("PATCH", f"/imports/{one['id']}", {"mapping": {"destination": "Where"}}).data
    assert (changed["mapping"], changed["unmapped"]) == ({"destination": "Where"}, ["What"])
    again = send(house, one["id"], "Where,Why\nhttps://b.example/,y\n").data
    assert again["mapping"] == {"destination": "Where"}
    other = send(house, one["id"], "Title,Long URL\nx,https://b.example/\n").data
    assert other["mapping"] == {"title": "Title", "destination": "Long URL"}
    assert counts(run(house, other)) == {"created": 1}


# ---- which column is which field


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ("Title,Bitlink,Long URL,Tags", {"title": 0, "slug": 1, "destination": 2, "tag_ids": 3}),
        ("domain,key,url,externalId", {"domain_id": 0, "slug": 1, "destination": 2, "external_id": 3}),
        ("title,tags,shortUrl,shortCode,longUrl,visits", {"title": 0, "tag_ids": 1, "slug": 3, "destination": 4}),
        ("address,target,description,expire_in", {"destination": 1, "notes": 2, "expires_at": 3}),
        ("keyword,url,title,timestamp,ip,clicks", {"slug": 0, "destination": 1, "title": 2}),
        ("SLUG,Destination", {"slug": 0, "destination": 1}),
        ("id,clicks,created_at", {}),
    ],
)  # fmt: skip
def test_columns_of_others_are_known_by_their_names(columns: str, expected: dict[str, int]) -> None:
    names = columns.split(",")
    assert guess(Link, names) == {field: names[at] for field, at in expected.items()}


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("https://sho.rt/sale", "sale"),
        ("sho.rt/sale/now", "sale/now"),
        ("sale", "sale"),
        ("a/b", "a/b"),
        ("https://sho.rt", "https://sho.rt"),
    ],
)
def test_the_slug_of_a_short_address_is_its_path(text: str, slug: str) -> None:
    assert slug_of(text) == slug


@pytest.mark.parametrize(
    ("mapping", "told"),
    [
        ({"colour": "a"}, "colour is no field"),
        ({"id": "a"}, "id is no field"),
        ({"clicks": "a"}, "clicks is no field"),
        ({"slug": "nothing"}, "no column nothing"),
    ],
)
def test_a_mapping_names_fields_and_columns_that_are_there(
    house: House, mapping: dict[str, str], told: str
) -> None:
    one = begin(house, "a,b\n1,2\n")
    refused = house.call("PATCH", f"/imports/{one['id']}", {"mapping": mapping})
    assert (refused.status, refused.fields) == (400, {"mapping"})
    assert told in refused.error["message"]


def test_a_run_needs_a_mapping(house: House) -> None:
    one = begin(house, "a,b\n1,2\n")
    refused = house.call("POST", f"/imports/{one['id']}/runs", {})
    assert (refused.status, refused.fields) == (400, {"mapping"})


# ---- from texts to values


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("pass_query", "Yes", True),
        ("pass_query", "0", False),
        ("redirect_status", "301", 301),
        ("click_limit", " 50 ", 50),
        ("status", "PAUSED", "paused"),
        ("expires_at", "2027-01-31", "2027-01-31T00:00:00.000Z"),
        ("expires_at", "2027-01-31 12:30", "2027-01-31T12:30:00.000Z"),
        ("expires_at", "2027-01-31T12:30:00+02:00", "2027-01-31T10:30:00.000Z"),
        ("expires_at", "1801396800", "2027-01-31T12:00:00.000Z"),
        ("expires_at", "1801396800000", "2027-01-31T12:00:00.000Z"),
        ("title", "'=1+1", "=1+1"),
        ("title", "'plain", "'plain"),
        ("metadata", '{"a": "b"}', {"a": "b"}),
        ("tag_ids", "red; blue", ["red", "blue"]),
        ("tag_ids", '["red"]', ["red"]),
        ("folder_id", "Sales", "Sales"),
        ("domain_id", "GO.example", "go.example"),
    ],
)
def test_a_text_means_what_its_field_says(house: House, field: str, text: str, value: Any) -> None:
    ids = {name: house.call("POST", "/tags", {"name": name}).data["id"] for name in ("red", "blue")}
    ids["Sales"] = house.call("POST", "/folders", {"name": "Sales"}).data["id"]
    ids["go.example"] = house.call("GET", "/domains", host="go.example").data[0]["id"]
    quoted = text.replace('"', '""')
    one = take(house, f'destination,{field}\nhttps://a.example/,"{quoted}"\n')
    assert counts(one) == {"created": 1}, rows(house, one)
    found = house.call("GET", "/links").data[0][field]
    wanted = (
        sorted(ids[one] for one in value)
        if field == "tag_ids"
        else ids.get(value, value)
        if isinstance(value, str)
        else value
    )
    assert found == wanted


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("pass_query", "perhaps"),
        ("redirect_status", "200"),
        ("click_limit", "1.5"),
        ("click_limit", "9" * 30),
        ("status", "gone"),
        ("expires_at", "soon"),
        ("expires_at", "31/01/2027"),
        ("expires_at", "2027-02-30"),
        ("metadata", "no json"),
        ("metadata", '{"a": 1}'),
        ("tag_ids", "nothing"),
        ("tag_ids", "[1]"),
        ("folder_id", "fold_01KAHGZ4T8Z6Q7V3M9W2R5X0CD"),
        ("domain_id", "elsewhere.example"),
        ("slug", "a b"),
        ("slug", "x" * 129),
        ("title", "x" * 201),
    ],
)
def test_every_wrong_value_is_named_with_its_line(house: House, field: str, text: str) -> None:
    quoted = text.replace('"', '""')
    one = take(house, f'destination,{field}\nhttps://a.example/,\n,"{quoted}"\nhttps://b.example/,"{quoted}"\n')
    assert counts(one) == {"created": 1, "failed": 2}
    assert wrong(house, one)[1] == (4, {field})
    if "fold_" not in text:  # whether it is there is asked when all else is right
        assert wrong(house, one)[0][1] == {"destination", field}

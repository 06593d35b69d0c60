"""Values on their way in and out: what is parsed, stored and shown is the same."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routy.clock import iso, parse_iso
from routy.errors import Invalid
from routy.formats import FORMATS
from routy.records import parse
from routy.records.parameters import whole
from routy.records.rows import from_columns, to_columns
from routy.records.show import show
from routy.resource import Field, Resource
from routy.resources import RESOURCES
from routy.resources.links import Link
from routy.resources.tokens import Token

LINES = st.text(st.characters(codec="utf-8", min_codepoint=32, exclude_characters="\x7f"), max_size=40)
TAKEN = [(one, field) for one in RESOURCES.values() for field in one.fields.values() if field.taken]


def values_of(field: Field) -> st.SearchStrategy[Any]:
    """Values as a client may send them, whatever the format says to them."""
    if field.choices:
        return st.sampled_from(field.choices)
    return {
        "text": LINES,
        "integer": st.integers(field.least or 0, field.most or 10**6),
        "boolean": st.booleans(),
        "time": st.integers(0, 253_402_300_799_999).map(iso),
        "list": st.lists(LINES, max_size=4),
        "map": st.dictionaries(LINES.filter(bool), LINES, max_size=4),
    }[field.kind]


@pytest.mark.parametrize(("resource", "field"), TAKEN, ids=lambda one: getattr(one, "plural", None) or one.name)
@given(data=st.data())
def test_what_is_parsed_is_stored_and_shown_and_parsed_again(
    resource: type[Resource], field: Field, data: st.DataObject
) -> None:
    given_ = data.draw(st.none() | values_of(field) if field.nullable else values_of(field))
    try:
        value = parse.parse_field(field, given_)
    except ValueError:
        return
    if field.column:
        assert from_columns(resource, to_columns(resource, {field.name: value}))[field.name] == value
    row = {**dict.fromkeys(resource.fields), field.name: value}
    shown = show(resource, row, [field.name])[field.name] if field.shown else value
    assert parse.parse_field(field, shown) == value, "its own form is taken as it is"


@given(st.integers(0, 253_402_300_799_999))
def test_a_time_goes_out_and_comes_back(at_ms: int) -> None:
    assert parse_iso(iso(at_ms)) == at_ms
    assert parse.parse_field(Link.fields["expires_at"], iso(at_ms)) == at_ms


@given(at_ms=st.integers(10**12, 2 * 10**12), offset=st.integers(-14 * 60, 14 * 60))
def test_a_time_of_any_zone_is_the_same_moment(at_ms: int, offset: int) -> None:
    sign, minutes = "+" if offset >= 0 else "-", abs(offset)
    text = iso(at_ms + offset * 60_000)[:-1] + f"{sign}{minutes // 60:02}:{minutes % 60:02}"
    assert parse_iso(text) == at_ms == parse.parse_field(Link.fields["expires_at"], text)


@pytest.mark.parametrize("name", FORMATS)
@given(text=st.text(max_size=40) | st.from_regex(r"(https?://|a@)?[a-zäß0-9.:\[\]/-]{0,20}", fullmatch=True))
def test_a_format_says_no_or_gives_a_form_that_it_takes_again(name: str, text: str) -> None:
    try:
        normal = FORMATS[name](text)
    except ValueError:
        return
    assert FORMATS[name](normal) == normal


@given(st.text(max_size=25) | st.integers().map(str))
def test_a_whole_number_is_read_or_refused(text: str) -> None:
    try:
        found = whole(text, -100, 100)
    except ValueError:
        return
    assert -100 <= found <= 100 and int(text) == found


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize("resource", [Link, Token], ids=lambda one: one.plural)
@given(data=st.data())
def test_any_object_is_parsed_or_refused_with_names(resource: type[Resource], data: st.DataObject) -> None:
    names = st.sampled_from([*resource.fields, "colour", ""])
    body = data.draw(st.dictionaries(names, JSON, max_size=6) | JSON)
    for read_body in (parse.creation, parse.patch):
        try:
            row = read_body(resource.fields, body)
        except Invalid as error:
            assert error.fields
            continue
        assert set(row) <= {name for name, field in resource.fields.items() if field.taken}


@given(st.binary(max_size=40))
def test_any_bytes_are_json_or_a_refusal(body: bytes) -> None:
    try:
        parse.decode(body)
    except Invalid as error:
        assert set(error.fields) == {"body"}


MAPS = st.dictionaries(st.sampled_from("abcdef"), st.text("xyz", max_size=2), max_size=6)


@given(before=MAPS, change=st.dictionaries(st.sampled_from("abcdef"), st.none() | st.text("xyz", max_size=2)))
def test_a_map_is_merged_as_rfc_7396_says(before: dict[str, str], change: dict[str, str | None]) -> None:
    patched = parse.patch(Link.fields, {"metadata": change})
    merged = parse.merged(Link.fields, {"metadata": before}, patched)["metadata"]
    model = {**before, **{key: value for key, value in change.items() if value is not None}}
    assert merged == {key: value for key, value in model.items() if change.get(key, "") is not None}

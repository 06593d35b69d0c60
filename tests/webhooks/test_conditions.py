"""A condition holds of an event's record exactly where the list with these filters finds that record."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from routy.resources.links import Link
from routy.webhooks import conditions
from tests.house import House

TEXTS = ("a", "A", "Ä", "ä", "ab", "aB", "50%", "_", "[x]*", "ß", "")
STATUSES = ("active", "paused", "archived")


@pytest.fixture(scope="module")
def links(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, list[Any]]]:
    """A house, and links of all sorts as their events show them."""
    house = House(Path(tmp_path_factory.mktemp("house")))
    tags = [house.call("POST", "/tags", {"name": name}).data["id"] for name in ("one", "two")]
    for n in range(24):
        house.now += n
        body = {
            "title": TEXTS[n % len(TEXTS)] or None,
            "status": STATUSES[n % 3],
            "tag_ids": tags[: n % 3],
            "utm_source": TEXTS[n % 7] or None,
            "click_limit": n if n % 4 else None,
            "expires_at": f"2027-01-{1 + n:02d}T00:00:00.000Z" if n % 2 else None,
        }
        house.link(f"slug-{n}", **{name: value for name, value in body.items() if value not in (None, "")})
    with house.records.transaction(house.now) as tx:
        tx.run("UPDATE links SET clicks = key * 7 % 50")
    yield house, [*house.call("GET", "/links", limit="1000").data, *tags]
    house.close()


VALUES: dict[str, st.SearchStrategy[str]] = {
    "status": st.lists(st.sampled_from(STATUSES), min_size=1, max_size=3, unique=True).map(",".join),
    "title": st.sampled_from([text for text in TEXTS if text]),
    "slug": st.sampled_from(["slug-1", "slug-", "Slug-1", "1", "slug-1,slug-2"]),
    "utm_source": st.sampled_from([text for text in TEXTS if text]),
    "clicks": st.integers(-1, 50).map(str),
    "expires_at": st.integers(1, 28).map(lambda day: f"2027-01-{day:02d}T00:00:00Z"),
    "created_at": st.sampled_from(["2026-11-21T12:00:00.100Z", "2026-11-21T11:00:00Z", "2026-11-22"]),
}


@st.composite
def filters(draw: st.DrawFn) -> dict[str, str]:
    """Some filters of the list of links; the value of each fits it."""
    names = draw(st.lists(st.sampled_from([*VALUES, "tag_ids"]), min_size=1, max_size=3, unique=True))
    found = {}
    for name in names:
        operator = draw(st.sampled_from(Link.fields[name].operators))
        plain = VALUES.get(name, st.sampled_from(["0", "1", "0,1"]))
        value = draw(st.sampled_from(["true", "false"])) if operator == "null" else draw(plain)
        found[name if operator == "eq" else f"{name}[{operator}]"] = value
    return found


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(asked={"title[contains]": "Ä"})
@given(asked=filters())
def test_a_condition_holds_where_the_list_finds_the_record(
    links: tuple[House, list[Any]], asked: dict[str, str]
) -> None:
    house, rows = links
    shown, tags = rows[:-2], rows[-2:]
    asked = {
        name: ",".join(tags[int(one)] for one in value.split(",")) if name in ("tag_ids", "tag_ids[ne]") else value
        for name, value in asked.items()
    }
    reply = house.call("GET", "/links", limit="1000", **asked)
    assert reply.status == 200, reply.body
    parsed = conditions.parse(urlencode(asked), [Link])["links"]
    holding = {row["id"] for row in shown if conditions.holds(parsed, row)}
    assert holding == {row["id"] for row in reply.data}


@given(st.text(max_size=100))
def test_no_condition_is_a_fault(text: str) -> None:
    try:
        parsed = conditions.parse(text, [Link])
    except ValueError as error:
        assert str(error)
    else:
        assert set(parsed) == {"links"} and parsed["links"]

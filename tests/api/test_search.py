"""`GET /search`: what is found, for whom, and what is refused."""

import pytest

from routy.resources.folders import Folder
from routy.resources.tags import Tag
from tests.house import House, Reply


@pytest.fixture(scope="module")
def house(shared_house: House) -> House:
    house = shared_house
    house.link("needle", title="A needle in a haystack")
    house.link("hay")
    house.make(Tag, name="needlework")
    house.make(Folder, name="Needles")
    house.make(Tag, as_=house.stranger, name="needle of a stranger")
    return house


def found(reply: Reply) -> dict[str, list[str]]:
    assert reply.status == 200, reply.body
    return {group["resource"]: [item["label"] for item in group["items"]] for group in reply.data["groups"]}


def test_it_finds_records_of_every_kind_by_their_names(house: House) -> None:
    expected = {"links": ["needle"], "tags": ["needlework"], "folders": ["Needles"]}
    assert found(house.call("GET", "/search", q="needle")) == expected


def test_what_is_found_says_where_it_is_and_what_it_is(house: House) -> None:
    group = house.call("GET", "/search", q="haystack").data["groups"][0]
    assert {name: group[name] for name in ("resource", "path", "title", "total")} == {
        "resource": "links", "path": "links", "title": "Links", "total": 1,
    }  # fmt: skip
    item = group["items"][0]
    assert (item["label"], item["detail"]) == ("needle", "A needle in a haystack")
    assert house.call("GET", f"/links/{item['id']}").data["slug"] == "needle"


def test_nobody_finds_what_is_in_another_workspace(house: House) -> None:
    assert found(house.call("GET", "/search", as_=house.stranger, q="needle")) == {"tags": ["needle of a stranger"]}


def test_a_credential_finds_only_what_it_may_read(house: House) -> None:
    token = house.call("POST", "/tokens", {"name": "domains only", "scopes": ["domains:read"]}).data["secret"]
    headers = {"Authorization": f"Bearer {token}"}
    assert found(house.call("GET", "/search", as_=None, headers=headers, q="needle")) == {}
    assert set(found(house.call("GET", "/search", as_=None, headers=headers, q="go.example"))) == {"domains"}


def test_what_is_in_the_trash_is_not_found(house: House) -> None:
    tag = house.make(Tag, name="thrown away")
    house.call("DELETE", f"/tags/{tag['id']}")
    assert found(house.call("GET", "/search", q="thrown away")) == {}


def test_as_many_of_a_kind_as_asked_for_and_how_many_there_are(house: House) -> None:
    for n in range(4):
        house.make(Tag, name=f"crowd {n}")
    group = house.call("GET", "/search", q="crowd", limit="3").data["groups"][0]
    assert (len(group["items"]), group["total"]) == (3, 4)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        *(({}, "q"), ({"q": ""}, "q"), ({"q": " "}, "q"), ({"q": "x" * 201}, "q")),
        *(({"q": "x", "limit": text}, "limit") for text in ("0", "21", "many")),
        ({"q": "x", "page": "2"}, "page"),
    ],
)  # fmt: skip
def test_a_wrong_question_is_refused_by_its_parameter(house: House, query: dict[str, str], field: str) -> None:
    reply = house.call("GET", "/search", **query)
    assert (reply.status, reply.fields) == (400, {field})


def test_nobody_searches_without_a_credential(house: House) -> None:
    assert house.call("GET", "/search", as_=None, q="needle").status == 401

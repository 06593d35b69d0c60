"""The description in outline: what pages read of it is what the whole says, and it stays small."""

import gzip

import msgspec

from routy.api.endpoints import description
from routy.api.outline import outline
from routy.resources import RESOURCES
from tests.house import House


def test_it_is_what_who_asks_for_it_gets_and_the_whole_what_others_get(shared_house: House) -> None:
    assert shared_house.call("GET", "/openapi.json", as_=None, outline="true").json == outline(description())
    assert shared_house.call("GET", "/openapi.json", as_=None).json == description()


def test_a_word_that_is_no_yes_or_no_is_refused(shared_house: House) -> None:
    refused = shared_house.call("GET", "/openapi.json", as_=None, outline="rather")
    assert (refused.status, refused.json["error"]["details"][0]["field"]) == (400, "outline")


def test_every_resource_has_its_schemas_and_the_filters_of_its_list() -> None:
    whole, brief = description(), outline(description())
    for resource in RESOURCES.values():
        for kind in ("", "Create", "Patch", "WithSecret"):
            name = f"{resource.__name__}{kind}"
            assert brief["components"]["schemas"].get(name) == whole["components"]["schemas"].get(name)
        if "list" in resource.operations:
            place = f"/{resource.path()}"
            listed = [one["name"] for one in whole["paths"][place]["get"]["parameters"] if one["in"] == "query"]
            assert [one["name"] for one in brief["paths"][place]["get"]["parameters"]] == listed


def test_every_operation_tells_its_scope() -> None:
    brief = outline(description())
    for path, methods in description()["paths"].items():
        for method, operation in methods.items():
            if "x-routy-scope" in operation:
                assert brief["paths"][path][method].get("x-routy-scope") == operation["x-routy-scope"], path


def test_every_event_is_named_with_what_it_says() -> None:
    told = {name: event["post"]["summary"] for name, event in description()["webhooks"].items()}
    assert {name: event["post"]["summary"] for name, event in outline(description())["webhooks"].items()} == told
    assert "link.created" in told


def test_it_is_half_of_the_whole_at_most() -> None:
    whole, brief = (
        len(gzip.compress(msgspec.json.encode(one), 6)) for one in (description(), outline(description()))
    )
    assert brief < whole / 2

"""Whatever event a test has brought about must be one that the API's description lists, and look like it."""

import json
from functools import cache
from typing import Any

from jsonschema_rs import Draft202012Validator

from routy.api.endpoints import description
from routy.store.sqlite import Records


@cache
def validator(type_: str) -> Any:
    """Of the data of a type of events, as the description has it."""
    told = description()["webhooks"][type_]["post"]["requestBody"]["content"]["application/json"]["schema"]
    data = told["allOf"][1]["properties"]["data"]
    return Draft202012Validator({**data, "components": description()["components"]})


def last_seq(records: Records) -> int:
    return int((records.one("SELECT coalesce(max(seq), 0) AS seq FROM events") or {})["seq"])


def expect_catalogued(records: Records, after: int = 0) -> None:
    """All events of a store behind this one, but for those that a test has put there by hand: they hold nothing."""
    for event in records.rows("SELECT * FROM events WHERE seq > ? AND data <> '{}' ORDER BY seq", (after,)):
        assert event["type"] in description()["webhooks"], f"{event['type']} is described nowhere"
        wrong = [error.message for error in validator(event["type"]).iter_errors(json.loads(event["data"]))]
        assert wrong == [], f"{event['type']} is not as it is described: {wrong}"

"""Figures after retention: clicks are what they were, whichever way they are asked for."""

from pathlib import Path
from typing import Any

import pytest

from routy.clicks.generations import Retention, settle_once
from routy.clock import DAY, MINUTE, parse_iso
from tests.clicks.yard import FIREFOX, GOOGLEBOT, IPHONE, Yard

OCTOBER = parse_iso("2026-10-20T12:00:00Z")
ASKED = [
    {"metrics": "clicks", "dimensions": "day"},
    {"metrics": "clicks,uniques", "dimensions": "week", "timezone": "Asia/Kathmandu"},
    {"metrics": "clicks,uniques", "dimensions": "link", "timezone": "Europe/Berlin"},
    {"metrics": "clicks,uniques,new", "dimensions": "domain"},
    {"metrics": "clicks,uniques", "dimensions": "class", "class": "any"},
    {"metrics": "clicks,new", "dimensions": "country", "class": "any"},
]


@pytest.fixture(scope="module")
def yards(tmp_path_factory: pytest.TempPathFactory) -> tuple[Yard, Yard]:
    """The same month of clicks, once with all its rows and once with those of bots and of people gone."""
    return _yard(tmp_path_factory.mktemp("whole"), Retention()), _yard(
        tmp_path_factory.mktemp("taken"), Retention(1, 1)
    )


def _yard(path: Path, retention: Retention) -> Yard:
    yard = Yard(path, now=OCTOBER)
    for slug in "ab":
        yard.add_link(slug)
    for number in range(60):
        yard.now += 7 * MINUTE
        yard.visit(f"/{'ab'[number % 2]}", agent=(FIREFOX, IPHONE, GOOGLEBOT)[number // 2 % 3])
    yard.load()
    yard.now += 60 * DAY
    while settle_once(yard.store, retention, yard.now):
        pass
    return yard


def clicks(yard: Yard, asked: dict[str, str]) -> list[Any]:
    answer = yard.report(**{"from": "2026-10-01", "to": "2026-10-31", **asked})
    by = asked["dimensions"]
    names = {"link": "slug", "domain": "host"}.get(by, by)
    return [answer["totals"]["clicks"], {row[names]: row["clicks"] for row in answer["rows"]}]


@pytest.mark.parametrize("asked", ASKED[:5], ids=lambda asked: asked["dimensions"])
def test_clicks_are_what_they_were(yards: tuple[Yard, Yard], asked: dict[str, str]) -> None:
    whole, taken = yards
    assert taken.rows() == []
    assert clicks(taken, asked) == clicks(whole, asked)


def test_what_nobody_knows_any_more_counts_as_unknown(yards: tuple[Yard, Yard]) -> None:
    whole, taken = yards
    total, countries = clicks(taken, ASKED[5])
    assert (total, countries) == (clicks(whole, ASKED[5])[0], {None: 60})

"""`x-routy`: what the description tells user interfaces beside the schema."""

import pytest

from routy.api import hints
from routy.api.endpoints import description
from routy.resource import Resource
from routy.resources import RESOURCES

EVERY = pytest.mark.parametrize("resource", RESOURCES.values(), ids=lambda one: one.plural)


def known(resource: type[Resource]) -> set[str]:
    return set(resource.fields) | {computed.name for computed in resource.computed}


@EVERY
def test_columns_are_fields_that_are_shown(resource: type[Resource]) -> None:
    columns = hints.columns(resource)
    assert columns
    assert set(columns) <= known(resource)
    assert len(set(columns)) == len(columns)


def test_every_column_and_group_that_is_named_is_there() -> None:
    named = {*hints.GROUPS, *hints.COLUMNS, *hints.TITLES, *hints.FIRST, *hints.SECTIONS}
    assert named <= set(RESOURCES)
    for plural, columns in hints.COLUMNS.items():
        assert set(columns.split()) <= known(RESOURCES[plural]), plural


def test_the_sections_of_a_form_hold_fields_that_are_taken_each_once() -> None:
    for plural, sections in hints.SECTIONS.items():
        names = [name for text in sections.values() for name in text.split()] + hints.FIRST[plural].split()
        assert len(set(names)) == len(names)
        assert all(RESOURCES[plural].fields[name].taken for name in names)


def test_a_resource_that_nobody_named_has_columns_that_are_guessed() -> None:
    unnamed = [resource for resource in RESOURCES.values() if resource.plural not in hints.COLUMNS]
    assert unnamed
    for resource in unnamed:
        columns = hints.columns(resource)
        assert columns[-1] == "created_at"
        assert resource.label in columns
        assert len(columns) <= hints.MOST_GUESSED + 1


@pytest.mark.parametrize(
    ("name", "label"),
    [("redirect_status", "Redirect status"), ("domain_id", "Domain"), ("tag_ids", "Tags"), ("ios_url", "iOS URL"),
     ("last_used_at", "Last used"), ("ip", "IP address"), ("external_id", "Your own id"), ("id", "Id")],
)  # fmt: skip
def test_a_field_is_called_as_people_would(name: str, label: str) -> None:
    assert hints.label(name) == label


@EVERY
def test_every_field_of_the_description_has_a_label(resource: type[Resource]) -> None:
    properties = description()["components"]["schemas"][resource.__name__]["properties"]
    assert all(field["x-routy"]["label"] for field in properties.values())

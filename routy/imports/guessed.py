"""Which column is which field: by the names that columns have, here and in what other link shorteners export."""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from routy.resource import Field, Resource
from routy.resources import RESOURCES

NEVER = ("workspaces", "exports", "imports")
METADATA = "metadata."
SHORT = (
    "short_url",
    "short_link",
    "shortlink",
    "bitlink",
    "short",
    "link",
)  # whole addresses; the slug is their path

# Field → other names of it, the surest first.
ALIASES: dict[str, dict[str, tuple[str, ...]]] = {
    "links": {
        "destination": (
            *(
                "long_url",
                "destination_url",
                "original_url",
                "target_url",
                "target",
                "longurl",
                "url",
                "redirect_url",
            ),
            *("original_link", "long_link", "address"),
        ),
        "slug": (
            *(
                "back_half",
                "short_code",
                "shortcode",
                "keyword",
                "key",
                "slashtag",
                "alias",
                "custom_alias",
                "path",
            ),
            *("custom_bitlinks", "ending", *SHORT),
        ),
        "title": ("name", "link_title", "label"),
        "notes": ("description", "comments", "comment", "note"),
        "tag_ids": ("tags", "tag", "tag_names"),
        "folder_id": ("folder", "folder_name", "group"),
        "domain_id": ("domain", "host", "short_domain", "domain_name"),
        "expires_at": ("expires", "expire_in", "expiration", "expiration_date", "valid_until", "expiry"),
        "starts_at": ("valid_since", "start_date", "starts"),
        "click_limit": ("max_visits", "max_clicks", "visit_limit"),
        "fallback_url": ("expired_url", "expiration_url"),
        "ios_url": ("ios", "ios_targeting", "apple_url"),
        "android_url": ("android", "android_targeting"),
        "external_id": ("externalid", "reference"),
        "og_title": ("preview_title", "meta_title"),
        "og_description": ("preview_description", "meta_description"),
        "og_image": ("image", "preview_image"),
    },
    "tags": {"name": ("tag", "label", "title"), "color": ("colour",)},
    "domains": {"host": ("domain", "hostname", "name", "slug")},
}


@cache
def importable() -> dict[str, type[Resource]]:
    """What files can be made into: whatever can be created and shows no secret when it is."""
    return {
        plural: kind
        for plural, kind in RESOURCES.items()
        if "create" in kind.operations and plural not in NEVER and not any(f.once for f in kind.fields.values())
    }


def fields_of(resource: type[Resource]) -> dict[str, Field]:
    """What a column can be made into."""
    return {field.name: field for field in resource.fields.values() if field.taken}


def guess(resource: type[Resource], columns: Sequence[str]) -> dict[str, str]:
    """Field → column, each column once."""
    by_name = {plain(column): column for column in reversed(columns)}
    found: dict[str, str] = {}
    for rank in (_own_names, _other_names):
        for field in fields_of(resource):
            free = (by_name[name] for name in rank(resource, field) if name in by_name)
            column = next((each for each in free if each not in found.values()), None)
            if column is not None and field not in found:
                found[field] = column
    keys = [column for column in columns if column.lower().startswith(METADATA) and len(column) <= 64]
    return found | {METADATA + column[len(METADATA) :]: column for column in keys}


def _own_names(resource: type[Resource], field: str) -> Iterator[str]:
    yield field


def _other_names(resource: type[Resource], field: str) -> Iterator[str]:
    yield from ALIASES.get(resource.plural, {}).get(field, ())
    yield field.removesuffix("_id").removesuffix("_at")


def plain(column: str) -> str:
    """`Long URL`, `longUrl` and `LONG-URL` are `long_url`."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", column.strip())
    return re.sub(r"[^a-z0-9]+", "_", parted.lower()).strip("_")

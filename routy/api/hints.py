"""What the dashboard wants to know of a resource beside its schema: labels, widgets, columns, its place in the
navigation. They travel in the OpenAPI document as `x-routy`, so that a page is drawn from the description alone.

A resource that is not named here appears by itself, with columns that are guessed from its fields.
"""

from typing import Any

from routy.resource import Field, Resource

Hints = dict[str, Any]

# Where a list stands in the navigation. What is not named stands under "More".
GROUPS: dict[str, str] = {
    "links": "", "tags": "Links", "folders": "Links", "domains": "Links", "missing_slugs": "Links",
    "clicks": "Links", "tokens": "System", "audit_entries": "System", "api_requests": "System",
    "events": "In and out", "users": "Settings", "memberships": "Settings", "workspaces": "Settings",
    "shares": "Links", "saved_reports": "Links", "erasures": "System", "webhooks": "In and out",
    "deliveries": "In and out", "exports": "In and out", "schedules": "In and out", "imports": "In and out",
    "alerts": "In and out", "notifications": "In and out", "mails": "In and out",
}  # fmt: skip

# Lists that stand as a tab beside that of another resource, their home, instead of in the navigation.
HOMES: dict[str, str] = {
    "deliveries": "webhooks", "events": "webhooks", "schedules": "exports", "notifications": "alerts",
    "mails": "alerts",
}  # fmt: skip

COLUMNS: dict[str, str] = {
    "links": "slug title destination tag_ids clicks status created_at",
    "tags": "name color created_at",
    "folders": "name notes created_at",
    "domains": "host status is_default redirect_status https created_at",
    "missing_slugs": "slug domain_id visits last_referrer last_seen_at",
    "clicks": "created_at link_id class country referrer_host browser os device branch",
    "tokens": "name hint scopes user_id last_used_at expires_at created_at",
    "audit_entries": "created_at action resource record_id changes actor",
    "api_requests": "created_at method route status ms actor_id ip",
    "events": "seq created_at type resource record_id actor",
    "users": "name email created_at",
    "memberships": "email name role created_at",
    "workspaces": "name timezone created_at",
    "saved_reports": "name query range created_at",
    "shares": "title subject_id status range expires_at created_at",
    "webhooks": "url events subject_id status created_at",
    "deliveries": "type target_id record_id status last_status attempts created_at",
    "exports": "name format rows bytes status created_at",
    "schedules": "name source format every next_at last_at status",
    "imports": "name resource rows created_rows updated_rows failed_rows status created_at",
    "alerts": "name kind state fired_at notify",
    "notifications": "title text created_at",
    "mails": "subject recipient topic status attempts sent_at created_at",
}
MOST_GUESSED = 6

# How a long form is folded: what is not named stands in front, in its own order.
FIRST: dict[str, str] = {
    "links": "destination domain_id slug title tag_ids folder_id status notes",
    "alerts": "name",
}
SECTIONS: dict[str, dict[str, str]] = {
    "alerts": {"Who is told": "notify user_ids emails remind_hours"},
    "links": {
        "Where visitors go": "redirect_mode android_url ios_url fallback_url redirect_status pass_query",
        "Limits": "starts_at expires_at click_limit click_limit_counts click_threshold password",
        "UTM and parameters": "utm_source utm_medium utm_campaign utm_term utm_content parameters"
        " click_id_parameter sub_id_parameter sub_id_target",
        "Preview": "og_title og_description og_image",
    },
}

TITLES: dict[str, str] = {
    "audit_entries": "Audit log", "api_requests": "API requests", "events": "Events", "mails": "Mails",
}  # fmt: skip

WIDGETS: dict[str, str] = {
    "prose": "prose", "color": "color", "timezone": "timezone", "destination": "url", "uri": "url",
    "email": "email", "slug": "slug",
}  # fmt: skip

WHOLE_WORDS = {
    "api": "API", "id": "id", "ids": "ids", "ip": "IP address", "url": "URL", "https": "HTTPS", "http": "HTTP",
    "qr": "QR", "utm": "UTM", "asn": "Network (ASN)", "ms": "Milliseconds", "os": "Operating system", "dns": "DNS",
    "og": "Preview", "ios": "iOS",
}  # fmt: skip


NAMED = {
    "external_id": "Your own id", "metadata": "Your own keys", "pass_query": "Pass the query on", "bytes": "Size",
    "created_rows": "Made", "updated_rows": "Changed", "unchanged_rows": "Nothing new", "failed_rows": "Refused",
    "reversed_rows": "Taken back", "kept_rows": "Left as they were",
}  # fmt: skip


def label(name: str) -> str:
    """`redirect_status` → Redirect status, `tag_ids` → Tags, `last_used_ip` → Last used IP address."""
    if name in NAMED:
        return NAMED[name]
    plural = name.endswith("_ids")
    stem = name.removesuffix("_ids").removesuffix("_id").removesuffix("_at") or name
    words = [WHOLE_WORDS.get(word, word) for word in stem.split("_")]
    text = " ".join(words) + ("s" if plural else "")
    return text[:1].upper() + text[1:] if words[0] != "iOS" else text


def of_field(field: Field) -> Hints:
    """The hints of one field."""
    hints: Hints = {"label": label(field.name.rstrip("_"))}
    hints |= {"refs": field.refs} if field.refs else {}
    hints |= {"sort": True} if field.sort else {}
    hints |= {"search": True} if field.search else {}
    widget = _widget(field)
    return {**hints, "widget": widget} if widget else hints


def _widget(field: Field) -> str | None:
    if field.hashed:
        return "password"
    if field.name == "scopes":
        return "scopes"
    return WIDGETS.get(field.format or "")


def of_resource(resource: type[Resource]) -> Hints:
    """The hints of a resource: where it lives, what it is called, what its list shows."""
    return {
        "path": resource.path(),
        "label": resource.label,
        "operations": list(resource.operations),
        "title": TITLES.get(resource.plural, label(resource.plural)),
        "group": GROUPS.get(resource.plural, "More"),
        "home": HOMES.get(resource.plural, ""),
        "columns": columns(resource),
        "stream": resource.store == "clicks",
        "prefix": resource.prefix,
        "first": FIRST.get(resource.plural, "").split(),
        "sections": [
            {"title": title, "fields": names.split()} for title, names in SECTIONS.get(resource.plural, {}).items()
        ],
    }


def columns(resource: type[Resource]) -> list[str]:
    """What its list shows at first: as named above, else its label, a few of its fields, and its age."""
    known = [field.name for field in resource.fields.values() if field.shown]
    known += [computed.name for computed in resource.computed]
    named = [name for name in COLUMNS.get(resource.plural, "").split() if name in known]
    return named or _guessed(resource)


def _guessed(resource: type[Resource]) -> list[str]:
    own = [
        field.name
        for field in resource.fields.values()
        if field.shown and field.kind != "map" and field.operators and field.name not in _COMMON
    ]
    first = [resource.label] if resource.label in resource.fields else []
    return [*list(dict.fromkeys([*first, *own]))[:MOST_GUESSED], "created_at"]


_COMMON = ("id", "external_id", "created_at", "updated_at", "created_by", "deleted_at")

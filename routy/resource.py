"""What a resource is.

A resource is declared once, as a class with annotated fields; parser, filters, sorts, cursors, routes, OpenAPI
schema and the audit diff all come from that declaration:

    class Tag(Record, prefix="tag", plural="tags", scope="links"):
        \"\"\"A word that links can be found by.\"\"\"

        name: Annotated[str, Field(max_length=50, filters="eq prefix", sort=True, search=True, example="summer")]

Its rules follow as plain functions with one of four marks. All run inside the open write transaction and none
writes: they raise, or return what is to be written.

    @fill(Tag)      (tx, actor, before, row) -> dict     values that nobody gave: a random slug, a hash
    @check(Tag)     (tx, actor, before, after) -> None   raises Invalid or Conflict
    @effects(Tag)   (tx, actor, before, after) -> list[Change]   rows of other resources that must commit with it
    @computed(Tag)  (row) -> value                       an output field that no column holds

`before` is None on creation, `after` is None on deletion.
"""

import re
import types
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import (
    Annotated,
    Any,
    ClassVar,
    Literal,
    Protocol,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

import msgspec

Row = dict[str, Any]
T = TypeVar("T")

OPERATIONS = ("list", "get", "create", "update", "delete", "restore", "batch", "external")
OPERATORS = ("eq", "ne", "gt", "gte", "lt", "lte", "prefix", "contains", "null")
Action = Literal["create", "update", "delete", "restore"]
Kind = Literal["text", "integer", "number", "boolean", "time", "list", "map"]
EXAMPLE_ID = "01KAHGZ4T8Z6Q7V3M9W2R5X0CD"
ID = "[0-9A-HJKMNP-TV-Z]{26}$"


class Reader(Protocol):
    """What can be asked for rows: the record store, or an open transaction."""

    def rows(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> list[Row]: ...
    def one(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> Row | None: ...


class Tx(Reader, Protocol):
    """What a rule may do with the open transaction: look, and know its moment."""

    @property
    def now(self) -> int: ...

    def ask(self, question: str, *about: Any) -> Any:
        """What only the running server can answer, from its secret or its settings."""
        ...


@dataclass(frozen=True)
class Actor:
    """Who acts: a token or a signed-in user, in one workspace. `id` is `tok_…`, `usr_…` or `system`."""

    id: str
    user_id: str
    workspace_id: str
    scopes: frozenset[str]
    workspace_ids: tuple[str, ...] = ()
    role: str = "viewer"
    request_id: str | None = None
    ip: str | None = None


@dataclass(frozen=True)
class Change:
    """One change of one record. `values` holds what to set; `record_id` is None for a creation."""

    resource: "type[Resource]"
    action: Action
    values: Row = field(default_factory=dict)
    record_id: str | None = None


@dataclass(frozen=True)
class Field:
    """What a declaration says of one field beside its type. Lengths are in characters."""

    doc: str = ""
    example: Any = None
    default: Any = msgspec.NODEFAULT
    # limits
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    least: int | None = None
    most: int | None = None
    format: str | None = None
    # asking
    filters: str = ""
    sort: bool = False
    search: bool = False
    # behaviour
    read_only: bool = False
    write_only: bool = False
    create_only: bool = False
    hidden: bool = False  # stored, neither taken nor shown
    counter: bool = False  # written by a worker beside the record's history: no version, event or audit entry
    once: bool = False  # shown in the answer to its creation and never stored
    transient: bool = False  # taken for the rules to read, neither stored nor shown
    filled: bool = False  # null and absent mean: Routy fills it in; never null on the way out
    hashed: bool = False  # a secret of which only the argon2 hash is stored
    unique: bool = False  # among the live records of the workspace
    refs: str | None = None  # the plural of the resource whose ids it holds
    through: str | None = None  # a list of ids, kept in this table
    joined: str | None = None  # "domain_id.host": read from the record that a reference names
    # filled in from the annotation
    name: str = ""
    kind: Kind = "text"
    nullable: bool = False
    choices: tuple[Any, ...] = ()
    type: Any = str

    @property
    def operators(self) -> tuple[str, ...]:
        return tuple(self.filters.split())

    @property
    def column(self) -> bool:
        """Whether a column of the resource's own table holds it."""
        return not (self.once or self.transient or self.through or self.joined)

    @property
    def shown(self) -> bool:
        return not (self.hidden or self.write_only or self.once or self.transient)

    @property
    def taken(self) -> bool:
        """Whether a client may send it."""
        return not (self.read_only or self.hidden or self.once)

    @property
    def required(self) -> bool:
        return self.taken and self.default is msgspec.NODEFAULT and not self.nullable


@dataclass(frozen=True)
class Computed:
    """An output field that a function makes of the row."""

    name: str
    doc: str
    type: Any
    run: Callable[[Row], Any]


class Resource:
    """The root of every declaration: an id and the moment it was made."""

    prefix: ClassVar[str]
    singular: ClassVar[str]
    plural: ClassVar[str]
    scope: ClassVar[str]
    events: ClassVar[tuple[str, ...]]  # of its changes: created, updated …
    tells: ClassVar[dict[str, str]]  # events that are no change of the record: name → what happened
    adds: ClassVar["dict[str, type[Form]]"]  # what the data of such an event holds beside the record
    called: ClassVar[dict[str, str]]  # changes whose event has a name of its own: deleted → revoked
    operations: ClassVar[tuple[str, ...]]
    store: ClassVar[Literal["records", "clicks"]]
    tenant: ClassVar[str]  # the column that says whose row it is
    feed: ClassVar[bool]  # followed with ?after=seq
    personal: ClassVar[bool]  # each row is seen by the user alone whom its user_id names
    label: ClassVar[str]  # the field that names a record to a person
    default_sort: ClassVar[str]
    fields: ClassVar[dict[str, Field]]
    computed: ClassVar[list[Computed]]
    fills: ClassVar[list[Callable[..., Row]]]
    checks: ClassVar[list[Callable[..., None]]]
    effects: ClassVar[list[Callable[..., list[Change]]]]

    id: Annotated[str, Field("Its id.", read_only=True, filters="eq")]
    created_at: Annotated[datetime, Field("When it was made.", read_only=True, filters="gt gte lt lte", sort=True)]

    def __init_subclass__(
        cls,
        *,
        prefix: str = "",
        plural: str = "",
        scope: str = "",
        events: str = "",
        tells: dict[str, str] | None = None,
        adds: "dict[str, type[Form]] | None" = None,
        called: dict[str, str] | None = None,
        operations: str = "list get",
        store: Literal["records", "clicks"] = "records",
        tenant: str = "workspace_id",
        feed: bool = False,
        personal: bool = False,
        label: str = "name",
        default_sort: str = "-created_at,-id",
    ) -> None:
        cls.singular = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
        cls.prefix, cls.plural, cls.scope = prefix, plural, scope or plural
        cls.events, cls.operations = tuple(events.split()), tuple(operations.split())
        cls.tells, cls.adds, cls.called = tells or {}, adds or {}, called or {}
        cls.store, cls.tenant, cls.feed, cls.label = store, tenant, feed, label
        cls.default_sort, cls.personal = default_sort, personal
        cls.computed, cls.fills, cls.checks, cls.effects = [], [], [], []
        cls.fields = _fields(cls) if prefix else {}

    @classmethod
    def path(cls) -> str:
        """Its place in URLs: `api-requests` for `api_requests`."""
        return cls.plural.replace("_", "-")


class Form:
    """The fields of a body, an answer or a query string that is no record, declared the same way."""

    fields: ClassVar[dict[str, Field]]

    def __init_subclass__(cls) -> None:
        hints = get_type_hints(cls, include_extras=True)
        cls.fields = {name: _field(name, hint) for name, hint in hints.items() if get_origin(hint) is Annotated}


class Record(
    Resource,
    events="created updated deleted restored purged",
    operations="list get create update delete restore batch external",
):
    """A resource that people make and change; it has a version, a trash and room for their own keys."""

    external_id: Annotated[
        str | None,
        Field(
            "Your own id for it, unique in the workspace.",
            min_length=1,
            max_length=255,
            filters="eq",
            example="crm-4711",
        ),
    ]
    metadata: Annotated[
        dict[
            Annotated[str, msgspec.Meta(min_length=1, max_length=64)],
            Annotated[str, msgspec.Meta(max_length=500)],
        ],
        Field(
            "Up to 50 keys of your own, with texts of up to 500 characters.",
            max_length=50,
            default={},
            example={"team": "growth"},
        ),
    ]
    updated_at: Annotated[
        datetime, Field("When it last changed.", read_only=True, filters="gt gte lt lte", sort=True)
    ]
    created_by: Annotated[str, Field("The token or user that made it.", read_only=True, filters="eq")]
    version: Annotated[int, Field("Counts its changes; send it as If-Match.", read_only=True)]
    deleted_at: Annotated[
        datetime | None,
        Field(
            "When it was moved to the trash; lists leave the trash out unless this filter is given.",
            read_only=True,
            filters="gt gte lt lte null",
        ),
    ]

    def __init_subclass__(cls, **options: Any) -> None:
        options.setdefault("events", "created updated deleted restored purged")
        options.setdefault("operations", "list get create update delete restore batch external")
        super().__init_subclass__(**options)


def fill(resource: type[Resource]) -> Callable[[Callable[..., Row]], Callable[..., Row]]:
    return _into(resource.fills)


def check(resource: type[Resource]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return _into(resource.checks)


def effects(resource: type[Resource]) -> Callable[[Callable[..., list[Change]]], Callable[..., list[Change]]]:
    return _into(resource.effects)


def computed(resource: type[Resource]) -> Callable[[Callable[[Row], Any]], Callable[[Row], Any]]:
    """The function's name, docstring and return type become the output field."""

    def add(run: Callable[[Row], Any]) -> Callable[[Row], Any]:
        kind = get_type_hints(run)["return"]
        resource.computed.append(Computed(run.__name__, " ".join((run.__doc__ or "").split()), kind, run))
        return run

    return add


def _into(table: list[Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def add(rule: Callable[..., Any]) -> Callable[..., Any]:
        table.append(rule)
        return rule

    return add


def remembered(make: Callable[[type[Resource]], T]) -> Callable[[type[Resource]], T]:
    """What is made of a declaration is made once."""
    return cast("Callable[[type[Resource]], T]", cache(make))  # to mypy a class cannot be hashed


# ---- from annotations to fields


def _fields(resource: type[Resource]) -> dict[str, Field]:
    """The id first, its own fields, then what every record has."""
    hints = get_type_hints(resource, include_extras=True)
    declared = {name: hint for name, hint in hints.items() if get_origin(hint) is Annotated}
    common = [name for name in {**Resource.__annotations__, **Record.__annotations__} if name in declared]
    own = [name for name in declared if name not in common]
    order = ["id", *own, *(name for name in common if name != "id")]
    fields = {name: _field(name, declared[name]) for name in order}
    form, example = f"^{resource.prefix}_{ID}", f"{resource.prefix}_{EXAMPLE_ID}"
    return {**fields, "id": replace(fields["id"], pattern=form, example=example)}


def _field(name: str, hint: Any) -> Field:
    base: Any = get_args(hint)[0]
    declared: Field = get_args(hint)[1]
    base, nullable = _without_none(base)
    kind, choices = _kind(base)
    nullable = nullable or declared.filled
    default = None if nullable and declared.default is msgspec.NODEFAULT else declared.default
    field_ = replace(declared, name=name, kind=kind, nullable=nullable, choices=choices, default=default)
    return replace(field_, type=_checked_type(field_, base))


def _without_none(base: Any) -> tuple[Any, bool]:
    if get_origin(base) in (Union, types.UnionType):
        kept = [part for part in get_args(base) if part is not types.NoneType]
        return kept[0], len(kept) < len(get_args(base))
    return base, False


_KINDS: dict[Any, Kind] = {
    str: "text",
    int: "integer",
    float: "number",
    bool: "boolean",
    datetime: "time",
    list: "list",
    dict: "map",
}


def _kind(base: Any) -> tuple[Kind, tuple[Any, ...]]:
    if get_origin(base) is Literal:
        choices = get_args(base)
        return ("integer" if isinstance(choices[0], int) else "text"), choices
    return _KINDS[get_origin(base) or base], ()


def _checked_type(field_: Field, base: Any) -> Any:
    """The type that msgspec converts to and describes, limits included."""
    limits: dict[str, Any] = {}
    if field_.kind == "text" and not field_.choices:
        limits = {"min_length": field_.min_length, "max_length": field_.max_length, "pattern": field_.pattern}
    elif field_.kind in ("integer", "number") and not field_.choices:
        limits = {"ge": field_.least, "le": field_.most}
    elif field_.kind == "time":
        limits = {"tz": True}
    elif field_.kind in ("list", "map"):
        limits = {"max_length": field_.max_length}
    limits = {name: limit for name, limit in limits.items() if limit is not None}
    checked = Annotated[base, msgspec.Meta(**limits)] if limits else base
    return Union[checked, None] if field_.nullable else checked  # noqa: UP007 (a value, not an annotation)

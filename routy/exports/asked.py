"""What an export asks for, read like the list that it is of. Reports are read by reports/exported.py."""

from dataclasses import replace

from routy.errors import Forbidden, Invalid
from routy.records.parameters import Query, pairs, parse, whole
from routy.resource import Actor, Resource, Row, Tx, check
from routy.resources import RESOURCES
from routy.resources.exports import REPORTS, Export
from routy.resources.schedules import Schedule

MOST = 2**40
PAGED = ("page", "cursor", "expand")


@check(Export)
@check(Schedule)
def can_be_asked(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    if after is None or (before and all(before[name] == after[name] for name in ("source", "query"))):
        return
    expect_right(actor, after["source"])
    if after["source"] != REPORTS:
        asked(RESOURCES[after["source"]], after["query"])


@check(Schedule)
def days_are_named_once(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    if after is None or after["range"] is None:
        return
    names = {name.partition("[")[0] for name, _ in pairs(after["query"])}
    named = names & ({"from", "to", "timezone"} if after["source"] == REPORTS else {"created_at"})
    if named:
        raise Invalid({"range": f"cannot be given while the query has {', '.join(sorted(named))}"})


SENT = ("source", "query", "range", "format", "recipients")


@check(Schedule)
def its_maker_alone_says_what_goes_where(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    """It runs with the rights of who made it: whoever else could change it would read with these."""
    if before is None or after is None or all(before[name] == after[name] for name in SENT):
        return
    if before["created_by"] not in (actor.id, actor.user_id):
        raise Forbidden("it runs with the rights of who made it, who alone may change this: make one of your own")


def expect_right(actor: Actor, source: str) -> None:
    """Invalid where there is no such list, Forbidden where the actor may not read it."""
    if source != REPORTS and "list" not in getattr(RESOURCES.get(source), "operations", ()):
        known = [name for name, kind in RESOURCES.items() if "list" in kind.operations]
        raise Invalid({"source": f"must be one of {', '.join((REPORTS, *known))}"})
    scope = f"{scope_of(source)}:read"
    if scope not in actor.scopes:
        raise Forbidden(f"to export {source} needs the scope {scope}")


def scope_of(source: str) -> str:
    return REPORTS if source == REPORTS else RESOURCES[source].scope


def asked(resource: type[Resource], text: str) -> tuple[Query, int | None]:
    """The query of a list, and how many rows of it; Invalid({"query": …}) says what is wrong with it."""
    given = pairs(text)
    wrong = {name: "is for pages of JSON" for name, _ in given if name in PAGED}
    limit = None
    try:
        limit = _limit([value for name, value in given if name == "limit"])
        query = parse(resource, [pair for pair in given if pair[0] not in ("limit", *PAGED)])
    except Invalid as error:
        raise _wrong({**error.fields, **wrong}) from None
    computed = {extra.name for extra in resource.computed} & set(query.fields)
    if computed and resource.store == "clicks":
        wrong["fields"] = f"{', '.join(sorted(computed))} is not in files"
    if wrong:
        raise _wrong(wrong)
    return replace(query, page=1), limit


def _limit(texts: list[str]) -> int | None:
    try:
        return whole(texts[0], 1, MOST) if texts else None
    except ValueError as error:
        raise Invalid({"limit": str(error)}) from None


def _wrong(fields: dict[str, str]) -> Invalid:
    told = "; ".join(f"{name}: {text}" for name, text in fields.items())
    return Invalid({"query": f"cannot be asked: {told[:500]}"})

"""Lists, second half: from a Query to SQLite's SQL, from names in the declaration and bound values.

This is the only place that builds SQL for the record store.
"""

from typing import Any

from routy.records.parameters import LARGEST, Filter, Query, Sort, walk_order
from routy.resource import Actor, Field, Resource, remembered
from routy.resources import RESOURCES


def select(resource: type[Resource], actor: Actor, query: Query) -> tuple[str, list[Any]]:
    """The SQL of one page, one row more than the limit so that the caller sees whether there is more."""
    where, values = _where(resource, actor, query)
    order = walk_order(query.sorts)
    if query.after is not None:
        where, values = f"{where} AND t.seq > ?", [*values, query.after]
        ordering = "t.seq"
    else:
        ordering = ", ".join(f"{_sortable(resource, s.field)}{' DESC' if s.descending else ''}" for s in order)
    if query.position is not None:
        condition, more = _beyond(resource, order, query.position)
        where, values = f"{where} AND {condition}", [*values, *more]
    offset = (query.page - 1) * query.limit if query.page else 0
    sql = (
        f"/* {resource.plural}.list */ SELECT {columns(resource)} FROM {resource.plural} t"
        f" WHERE {where} ORDER BY {ordering} LIMIT ? OFFSET ?"
    )
    return sql, [*values, query.limit + 1, offset]


def count(resource: type[Resource], actor: Actor, query: Query) -> tuple[str, list[Any]]:
    where, values = _where(resource, actor, query)
    return (
        f"/* {resource.plural}.count */ SELECT count(*) AS total FROM {resource.plural} t WHERE {where}",
        values,
    )


def matching(resource: type[Resource], actor: Actor, query: Query) -> tuple[str, list[Any]]:
    """The ids of all live rows that the filters let through, oldest first."""
    where, values = _where(resource, actor, query)
    where += " AND t.deleted_at IS NULL" if "deleted_at" in resource.fields else ""
    sql = f"/* {resource.plural}.matching */ SELECT t.id FROM {resource.plural} t WHERE {where} ORDER BY t.key"
    return sql, values


@remembered
def columns(resource: type[Resource]) -> str:
    """What a SELECT names to get whole rows: own columns, joined ones, and lists of ids as JSON."""
    names = [
        f"{_expression(resource, field)} AS {field.name}"
        for field in resource.fields.values()
        if not (field.once or field.transient)
    ]
    return ", ".join(["t.seq AS key" if resource.feed else "t.key", "t.workspace_id", *names])


def belongs(resource: type[Resource], actor: Actor) -> tuple[str, list[Any]]:
    """The condition that keeps strangers out, others where a row is a person's own, and out of the feed what the
    actor may not read by itself."""
    mine = actor.workspace_ids if resource.tenant == "id" else (actor.workspace_id,)
    condition, values = f"t.{resource.tenant} IN ({_marks(mine)})", list(mine)
    if resource.personal:
        condition, values = f"{condition} AND t.user_id = ?", [*values, actor.user_id]
    if not resource.feed:
        return condition, values
    seen = [plural for plural, kind in RESOURCES.items() if f"{kind.scope}:read" in actor.scopes]
    return f"{condition} AND t.resource IN ({_marks(seen)})", [*values, *seen]


def _where(resource: type[Resource], actor: Actor, query: Query) -> tuple[str, list[Any]]:
    condition, values = belongs(resource, actor)
    conditions = [condition]
    if "deleted_at" in resource.fields and not any(f.field.name == "deleted_at" for f in query.filters):
        conditions.append("t.deleted_at IS NULL")
    for wanted in query.filters:
        condition, more = _condition(resource, wanted)
        conditions.append(condition)
        values += more
    if query.q:
        searched = [field for field in resource.fields.values() if field.search]
        parts = [rf"{_expression(resource, field)} LIKE ? ESCAPE '\'" for field in searched]
        conditions.append(f"({' OR '.join(parts)})")
        values += [f"%{_like(query.q)}%"] * len(parts)
    return " AND ".join(conditions), values


_COMPARE = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def _condition(resource: type[Resource], wanted: Filter) -> tuple[str, list[Any]]:
    field, operator, values = wanted.field, wanted.operator, list(wanted.values)
    if field.through:
        return _through(resource, field, operator, values)
    column = _expression(resource, field)
    if operator == "eq":
        return f"{column} IN ({_marks(values)})", values
    if operator == "ne":
        return f"({column} NOT IN ({_marks(values)}) OR {column} IS NULL)", values
    if operator == "null":
        return f"{column} IS {'' if values[0] else 'NOT '}NULL", []
    if operator == "prefix":
        return f"{column} GLOB ?", [f"{_glob(values[0])}*"]
    if operator == "contains":
        return rf"{column} LIKE ? ESCAPE '\'", [f"%{_like(values[0])}%"]
    return f"{column} {_COMPARE[operator]} ?", values


def _through(resource: type[Resource], field: Field, operator: str, values: list[Any]) -> tuple[str, list[Any]]:
    inside = f"SELECT x.{owner(resource)} FROM {field.through} x"
    if operator == "null":
        return f"t.id {'NOT ' if values[0] else ''}IN ({inside})", []
    listed = f"({inside} WHERE x.{member(field)} IN ({_marks(values)}))"
    return f"t.id {'' if operator == 'eq' else 'NOT '}IN {listed}", values


def owner(resource: type[Resource]) -> str:
    return f"{resource.prefix}_id"


def member(field: Field) -> str:
    """The column of a list of ids: `tag_id` for tag_ids."""
    return field.name.removesuffix("s")


def _expression(resource: type[Resource], field: Field) -> str:
    if field.joined:
        reference, _, column = field.joined.partition(".")
        table = resource.fields[reference].refs
        return f"(SELECT j.{column} FROM {table} j WHERE j.id = t.{reference})"
    if field.through:
        listed = member(field)
        return (
            f"(SELECT json_group_array(x.{listed} ORDER BY x.{listed}) FROM {field.through} x"
            f" WHERE x.{owner(resource)} = t.id)"
        )
    return f"t.{field.name}"


def _sortable(resource: type[Resource], field: Field) -> str:
    """NULL compares with nothing, so a walk could not step over it: it sorts as the least value."""
    column = _expression(resource, field)
    if not (field.nullable and not field.filled) and not field.joined:
        return column
    return f"COALESCE({column}, {_least(field)})"


def _least(field: Field) -> str:
    return "''" if field.kind == "text" else str(-LARGEST)


def _beyond(resource: type[Resource], order: tuple[Sort, ...], position: tuple[Any, ...]) -> tuple[str, list[Any]]:
    """`(a, b, id) < (?, ?, ?)` where all sorts run one way, else the same spelled out."""
    columns_ = [_sortable(resource, sort.field) for sort in order]
    marks = ["?" if value is not None else _least(sort.field) for sort, value in zip(order, position, strict=True)]
    bound = [value for value in position if value is not None]
    if len({sort.descending for sort in order}) == 1:
        sign = "<" if order[0].descending else ">"
        return f"({', '.join(columns_)}) {sign} ({', '.join(marks)})", bound
    steps, values = [], []
    for index, sort in enumerate(order):
        same = [f"{columns_[i]} = {marks[i]}" for i in range(index)]
        steps.append(" AND ".join([*same, f"{columns_[index]} {'<' if sort.descending else '>'} {marks[index]}"]))
        values += [value for value in position[: index + 1] if value is not None]
    return f"({' OR '.join(f'({step})' for step in steps)})", values


def _marks(values: Any) -> str:
    return ", ".join("?" * len(values))


def _like(text: str) -> str:
    return text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


def _glob(text: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in text)

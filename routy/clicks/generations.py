"""A month written anew, as its next generation: sorted, merged, without the rows whose time is over.

The new file is filled while the old one is read on, and counts from one moment to the next; a crash leaves a file
that nobody counts. Rows keep their segment and line, so cursors and ledgers hold. What was judged again becomes
what the row says; roll-ups stay when retention takes rows, and shrink when rows are erased for somebody's sake.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from routy.clock import DAY, HOUR, end_of_month
from routy.store.cursors import Writer
from routy.store.duck import ClickStore
from routy.store.months import Month, united

SETTLED_AFTER = 2 * HOUR  # so long after its end a month is sorted
LATE_AFTER = HOUR  # late rows are sorted in when none has come for so long

_COPY = """/* generations.clicks */
INSERT INTO {new}.clicks BY NAME SELECT * FROM {clicks} WHERE {keep} ORDER BY link_key, clicked_at, segment, line
"""
_COPY_FLAGGED = """/* generations.flagged */
INSERT INTO {new}.clicks BY NAME SELECT * REPLACE (
    class = 'human' AND visitor IS NOT NULL AND 1 = row_number() OVER (
      PARTITION BY class, date_trunc('day', clicked_at), visitor, link_key ORDER BY clicked_at, segment, line)
      AS is_unique,
    class = 'human' AND visitor IS NOT NULL AND 1 = row_number() OVER (
      PARTITION BY class, date_trunc('day', clicked_at), visitor ORDER BY clicked_at, segment, line) AS is_new)
FROM {clicks} WHERE {keep} ORDER BY link_key, clicked_at, segment, line
"""
_COPY_OTHERS = """/* generations.others */
INSERT INTO {new}.api_requests FROM {old}.api_requests;
INSERT INTO {new}.ledger FROM {old}.ledger;
INSERT INTO {new}.erased FROM {old}.erased
"""
_ROLLUPS = """/* generations.rollups */
INSERT INTO {new}.rollups
SELECT quarter, workspace_key, domain_key, link_key, class,
  sum(clicks), sum(uniques), sum(new), sum(sent), sum(sent_people)
FROM {rollups} GROUP BY ALL
HAVING sum(clicks) <> 0 OR sum(uniques) <> 0 OR sum(new) <> 0 OR sum(sent) <> 0 OR sum(sent_people) <> 0
ORDER BY link_key, quarter, class
"""
_COUNTED = """
SELECT time_bucket(INTERVAL 15 MINUTES, clicked_at) AS quarter, workspace_key, domain_key, link_key, class,
  {sign}count(*) AS clicks, {sign}count_if(is_unique) AS uniques, {sign}count_if(is_new) AS new,
  0 AS sent, 0 AS sent_people
FROM {clicks} GROUP BY ALL
"""
_STAYING = """
SELECT quarter, workspace_key, domain_key, link_key, class,
  CASE WHEN {stay} THEN clicks ELSE 0 END AS clicks, CASE WHEN {stay} THEN uniques ELSE 0 END AS uniques,
  CASE WHEN {stay} THEN new ELSE 0 END AS new, sent, sent_people
FROM {rollups}
"""
_ERASED = """/* generations.erased */
INSERT INTO {new}.erased
SELECT 'clicks', $cause, class, count(*), make_timestamp_ms($now::BIGINT)
FROM {clicks} WHERE NOT ({keep}) GROUP BY class
"""
_SORTED = """/* generations.sorted */
INSERT INTO {new}.sorted SELECT coalesce(max(segment), 0), make_timestamp_ms($now::BIGINT) FROM {new}.ledger
"""
_STATE = """/* generations.state */
SELECT (SELECT count(*) FROM {month}.ledger), (SELECT count(*) FROM {month}.judgements),
  (SELECT max(judged_at) FROM {month}.judgements)
"""

_DIFFERENCE = """/* generations.difference */
SELECT (SELECT count(*) FROM {clicks} WHERE {keep}) - (SELECT count(*) FROM {new}.clicks)
"""


EVERYTHING = "true"


class Miscounted(Exception):
    """A generation does not have the rows that it should have: it is given up."""


@dataclass(frozen=True)
class Keep:
    """Which clicks the next generation keeps, as SQL with its values, and why the others go."""

    sql: str = EVERYTHING
    values: Mapping[str, Any] = field(default_factory=dict)
    cause: Literal["retention", "erasure", "repair"] = "retention"
    rollups: str = EVERYTHING  # in an erasure, the roll-ups that stay: of the others only what limits count


ALL = Keep()
REPAIR = Keep(cause="repair")


def rewrite(store: ClickStore, old: Month, keep: Keep, now: int) -> bool:
    """Put the next generation in the place of `old`. False when the month changed meanwhile: try again."""
    with store.held() as months:
        if not _counts(old, months):
            return False
        with store.writing() as writer:
            before = writer.rows(_STATE.format(month=old.alias))
            new = store.begin_generation(old.name)
        try:
            _fill(writer, old, new, keep, now)
            with store.writing() as writer:
                state = writer.rows(_STATE.format(month=old.alias))
                unchanged = _counts(old, store.months) and state == before
                if unchanged:
                    store.replace_month(old, new)
        finally:
            store.give_up(new)  # unless it counts now
    store.let_go_once()
    return unchanged


def _counts(month: Month, months: Sequence[Month]) -> bool:
    return any(each.alias == month.alias for each in months)


def _fill(writer: Writer, old: Month, new: Month, keep: Keep, now: int) -> None:
    names = {"old": old.alias, "new": new.alias, "clicks": united("clicks", [old]), "keep": keep.sql}
    with writer.writing_to(new.alias):
        writer.run((_COPY if keep.cause == "retention" else _COPY_FLAGGED).format(**names), keep.values)
        writer.run(_COPY_OTHERS.format(**names))
        if keep.sql != EVERYTHING:
            writer.run(_ERASED.format(**names), {**keep.values, "cause": keep.cause, "now": now})
        writer.run(_ROLLUPS.format(new=new.alias, rollups=_rollups(old, new, keep)))
        writer.run(_SORTED.format(**names), {"now": now})
        lost = writer.column(_DIFFERENCE.format(**names), keep.values)[0]
        if lost:
            raise Miscounted(f"{old.name}: {lost} rows too few")


def _rollups(old: Month, new: Month, keep: Keep) -> str:
    """Those of the old file; after an erasure with the difference that it made; in a repair what the rows say, but
    for what rows cannot say any more."""
    if keep.cause == "retention":
        return united("rollups", [old])
    if keep.cause == "repair":
        taken = f"SELECT class FROM {new.alias}.erased WHERE cause = 'retention'"
        there = _STAYING.format(rollups=united("rollups", [old]), stay=f"class IN ({taken})")
        counted = _COUNTED.format(sign="", clicks=f"(FROM {new.alias}.clicks WHERE class NOT IN ({taken}))")
        return f"({there} UNION ALL {counted})"
    stay = keep.rollups
    there = _STAYING.format(rollups=united("rollups", [old]), stay=stay)
    gone = _COUNTED.format(sign="-", clicks=f"(FROM {united('clicks', [old])} WHERE {stay})")
    kept = _COUNTED.format(sign="", clicks=f"{new.alias}.clicks")
    return f"({there} UNION ALL {gone} UNION ALL {kept})"


# ---- what is due


@dataclass(frozen=True)
class Retention:
    """Days that rows stay once their month is over; 0: for ever."""

    human_days: int = 0
    other_days: int = 0

    def keep(self, month: str, now: int) -> Keep:
        age = now - end_of_month(month)
        human = 0 < self.human_days * DAY <= age
        other = 0 < self.other_days * DAY <= age
        if human and other:
            return Keep("false")
        if human:
            return Keep("class <> 'human'")
        return Keep("class = 'human'") if other else ALL


def settle_once(store: ClickStore, retention: Retention, now: int) -> bool:
    """Write one month anew that is over and not sorted, was judged again, or holds rows whose time is over. True
    when there may be more."""
    for month in store.months:
        if end_of_month(month.name) + SETTLED_AFTER <= now:
            keep = retention.keep(month.name, now)
            if _is_due(store, month, keep, now):
                return rewrite(store, month, keep, now)
    return False


_DUE = """/* generations.due */
SELECT (SELECT count(*) = 0 FROM {month}.sorted)
  OR (SELECT count(*) > 0 FROM {month}.judgements)
  OR EXISTS (SELECT 1 FROM {month}.clicks WHERE NOT ({keep}))
  OR coalesce((SELECT max(loaded_at) < make_timestamp_ms($late::BIGINT)
      AND max(segment) > (SELECT max(segment) FROM {month}.sorted) FROM {month}.ledger), false)
"""


def _is_due(store: ClickStore, month: Month, keep: Keep, now: int) -> bool:
    with store.glancing() as reader:
        if not _counts(month, reader.months):
            return False
        values = {**keep.values, "late": now - LATE_AFTER}
        return bool(reader.column(_DUE.format(month=month.alias, keep=keep.sql), values)[0])

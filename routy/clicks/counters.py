"""What links have had so far: clicks, uniques and the last click of people, written beside each link.

They are sums of roll-ups, taken anew for each link that had a click since, and for all links when a server starts,
which puts right what a crash left behind. Writing them is no change of the link: version and seq stay.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from routy.clicks.rules import SENT
from routy.clicks.segments import lines_of, name_of, version_of
from routy.clicks.streams import CLICKS, READABLE, WHOLE
from routy.store.cursors import Reader
from routy.store.duck import ClickStore
from routy.store.sqlite import Records

BATCH = 500

_SUMS = """/* counters.sums */
SELECT link_key, sum(clicks)::BIGINT AS clicks, sum(uniques)::BIGINT AS uniques
FROM {rollups} WHERE class = 'human'{these} GROUP BY link_key
"""
_LAST = """/* counters.last */
SELECT link_key, epoch_ms(max(clicked_at)) AS at FROM {clicks} WHERE class = 'human'{these} GROUP BY link_key
"""
_WRITE = """/* counters.write */
UPDATE links SET clicks = :clicks, uniques = :uniques, last_click_at = :last, counted_at = :now
WHERE key = :key AND (clicks, uniques, coalesce(last_click_at, 0)) IS NOT (:clicks, :uniques, coalesce(:last, 0))
"""
_COUNTED = "/* counters.counted */ SELECT key FROM links WHERE clicks <> 0 OR last_click_at IS NOT NULL"
_SENT = """/* counters.sent */
WITH asked AS (SELECT unnest($keys) AS link_key, make_timestamp_ms(unnest($since)::BIGINT) AS since), counted AS (
  SELECT link_key, sent, sent_people AS people FROM {rollups} WHERE link_key IN (SELECT unnest($keys))
  UNION ALL
  SELECT link_key, -1, -(class_at_answer = 'human')::INTEGER FROM {clicks} JOIN asked USING (link_key)
  WHERE clicked_at >= since AND branch IN ('destination', 'android', 'ios') AND class_at_answer <> 'preview'
)
SELECT link_key, sum(sent)::BIGINT AS sent, sum(people)::BIGINT AS people FROM counted GROUP BY link_key
"""
_LOADED = """/* counters.loaded */
SELECT name FROM {ledger} WHERE stream = 'clicks' AND name IN (SELECT unnest($names))
"""


class Touched:
    """The links that had clicks since they were last counted; None stands for all of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: set[int] | None = None

    def add(self, keys: Iterable[int]) -> None:
        with self._lock:
            if self._keys is not None:
                self._keys.update(keys)

    def add_all(self) -> None:
        with self._lock:
            self._keys = None

    def take(self) -> set[int] | None:
        with self._lock:
            keys, self._keys = self._keys, set()
            return keys


def count_once(store: ClickStore, records: Records, touched: Touched, now: int) -> bool:
    """Count the links that had clicks since the last time; if that fails they are counted the next time."""
    keys = touched.take()
    try:
        if keys is None or keys:
            counted = {row["key"] for row in records.rows(_COUNTED)} if keys is None else keys
            _write(records, _figures(store, keys, counted), now)
    except BaseException:
        touched.add_all()
        raise
    return False


def _figures(store: ClickStore, keys: set[int] | None, known: set[int]) -> list[dict[str, int | None]]:
    """`known` are links that get figures even if they have no clicks (any more)."""
    these = "" if keys is None else " AND link_key IN (SELECT unnest($keys))"
    values = {} if keys is None else {"keys": sorted(keys)}
    with store.reading() as reader:
        sums = reader.rows(_SUMS.format(rollups=reader.source("rollups"), these=these), values)
        last = _last_clicks(reader, {row["link_key"] for row in sums if row["clicks"]}, these, values)
    found = {row["link_key"]: (row["clicks"], row["uniques"]) for row in sums}
    zeros = dict.fromkeys(known, (0, 0))
    return [
        {"key": key, "clicks": clicks, "uniques": uniques, "last": last.get(key)}
        for key, (clicks, uniques) in {**zeros, **found}.items()
    ]


def _last_clicks(reader: Reader, wanted: set[int], these: str, values: dict[str, list[int]]) -> dict[int, int]:
    """From the newest month backwards, until each link has one."""
    last: dict[int, int] = {}
    for month in reversed(reader.months):
        if wanted <= last.keys():
            break
        clicks = reader.source_of("clicks", month)
        for row in reader.rows(_LAST.format(clicks=clicks, these=these), values):
            last.setdefault(row["link_key"], row["at"])
    return last


def _write(records: Records, figures: Sequence[dict[str, int | None]], now: int) -> None:
    """A few hundred at a time: other writers want their turn."""
    for start in range(0, len(figures), BATCH):
        with records.transaction(now) as tx:
            for each in figures[start : start + BATCH]:
                tx.run(_WRITE, {**each, "now": now})


# ---- what counts against click limits


def sent(store: ClickStore, spool: Path, asked: Mapping[int, int]) -> dict[int, tuple[int, int]]:
    """How many visitors these links sent on before a moment, and how many of them were taken for people when they
    were answered: what is stored, and lines that wait in the spool. Nothing may be loaded meanwhile."""
    files = {name_of(path): path for path in spool.glob("v*-*.tsv")}
    with store.glancing() as reader:
        sources = {"rollups": reader.source("rollups"), "clicks": reader.source("clicks", min(asked.values()))}
        rows = reader.rows(_SENT.format(**sources), {"keys": list(asked), "since": list(asked.values())})
        loaded = set(reader.column(_LOADED.format(ledger=reader.source("ledger")), {"names": list(files)}))
    found = dict.fromkeys(asked, (0, 0)) | {row["link_key"]: (row["sent"], row["people"]) for row in rows}
    for name, path in files.items():
        if name not in loaded:
            for key, class_ in _sent_lines(path, asked):
                found[key] = (found[key][0] + 1, found[key][1] + (class_ == "human"))
    return found


def _sent_lines(path: Path, asked: Mapping[int, int]) -> Iterator[tuple[int, str]]:
    """Link and class of the whole lines of a segment that sent somebody on before the moment asked for."""
    stream = READABLE.get((CLICKS.name, version_of(path)))
    if stream is None:
        return
    names = ("at", "link_key", "class_at_answer", "branch")
    places = [stream.columns.index(name) for name in names]
    for line in lines_of(path):
        values = line.decode("utf-8", "replace").split("\t")
        if len(values) == len(stream.columns) and values[-1] == WHOLE:
            at, key, class_, branch = (values[place] for place in places)
            if branch in SENT and class_ != "preview" and int(at) < asked.get(int(key), 0):
                yield int(key), class_

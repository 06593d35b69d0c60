"""From sealed segments to rows: each line exactly once, whatever crashes in between.

`load_once` takes the sealed segments of a spool, reads them, and for each month concerned commits the rows and the
segments' entries in that month's ledger in one transaction; then the files move to loaded/. A segment that is
offered again, because the move did not happen, finds itself in the ledgers and makes no rows. Nothing is committed
unless every line of every file is accounted for: as a row, or as a line set aside with its reason.
"""

import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from routy.clicks.counters import Touched
from routy.clicks.segments import Offer, batch_of, count_lines, lines_of, name_of, version_of
from routy.clicks.spool import Spool
from routy.clicks.storing import Rules, statement, store_clicks, store_requests
from routy.clicks.streams import API_REQUESTS, CLICKS, READABLE, Stream
from routy.clock import HOUR, SECOND, Clock
from routy.errors import Unavailable
from routy.ids import time_of
from routy.store.cursors import Writer
from routy.store.duck import ClickStore, Failure

log = logging.getLogger("routy.clicks")

_REJECTED = """/* loader.rejected */
SELECT s.file_path AS file, e.line - 1 AS line, lower(min(e.error_type)) AS reason
FROM reject_errors e JOIN reject_scans s USING (scan_id, file_id) GROUP BY ALL
"""

_OFFERED = """/* loader.offered */ CREATE OR REPLACE TEMP TABLE offered AS
SELECT o.path AS file, o.name, o.home, o.segment::INTEGER AS segment, min(s.rowid) AS first, min(s.run) AS run
FROM offered_lines o LEFT JOIN staged s ON s.file = o.path GROUP BY ALL
"""

_FAULTS = "/* loader.faults */ SELECT file, line, fault FROM parsed WHERE fault IS NOT NULL ORDER BY file, line"
_GOOD = "/* loader.good */ SELECT file, count(*) AS lines FROM parsed WHERE fault IS NULL GROUP BY file"
_MONTHS = "/* loader.months */ SELECT DISTINCT month FROM parsed WHERE fault IS NULL"
_NUMBERS = "/* loader.numbers */ SELECT name, segment FROM {ledger} WHERE stream = $stream AND name >= $oldest"
_HIGHEST = "/* loader.highest */ SELECT coalesce(max(segment), 0) FROM {ledger}"

_EXPECTED = """/* loader.expected */
SELECT count(*) FROM parsed WHERE fault IS NULL AND month = $month
  AND name NOT IN (SELECT name FROM ledger WHERE stream = $stream AND name >= $oldest)
"""

_ENTER = """/* loader.ledger */
INSERT INTO ledger (stream, name, segment, run, stored, quarantined, loaded_at)
SELECT $stream, o.name, o.segment, o.run, count(p.name),
       CASE WHEN o.home = $month THEN coalesce(any_value(q.lines)::INTEGER, 0) ELSE 0 END,
       make_timestamp_ms($now::BIGINT)
FROM offered o
LEFT JOIN parsed p ON p.name = o.name AND p.fault IS NULL AND p.month = $month
LEFT JOIN quarantined q ON q.name = o.name
WHERE o.name NOT IN (SELECT name FROM ledger WHERE stream = $stream AND name >= $oldest)
GROUP BY o.name, o.segment, o.home, o.run
HAVING count(p.name) > 0 OR o.home = $month
"""


LOST = 10_000_000  # numbers that are passed over when a ledger was lost: none may ever mean two segments


class Unaccounted(Exception):
    """Lines are neither rows nor set aside: nothing of the segment may be committed."""


Bad = dict[str, dict[int, str]]  # file → number of a line, counted from 1 behind the header → reason


class Loader:
    """Loads the spools of all streams into one store. `enrichers` add their tables to a stream's `parsed`."""

    def __init__(
        self,
        store: ClickStore,
        spools: Sequence[Spool],
        directory: Path,
        clock: Clock,
        enrichers: dict[str, Callable[[Writer], None]],
        rules: Rules = Rules(),  # noqa: B008 (frozen)
    ) -> None:
        self.store, self.spools, self.directory = store, spools, directory
        self.watermark = 0  # every row older than this moment is in the store
        self.loaded_at: int | None = None
        self._clock, self._enrichers = clock, enrichers
        self.touched = Touched()
        stores = (store_clicks(rules, self.touched.add), store_requests)
        self._stores = dict(zip((CLICKS.name, API_REQUESTS.name), stores, strict=True))
        self._loading = threading.Lock()
        self._highest = 0  # of the segments' numbers
        self._begun: dict[str, int] = {}  # segments of which one month may have rows while another lacks some
        self._committed: int | None = None

    def load_once(self) -> bool:
        """Load what is sealed; True when more waits already."""
        with self._loading:  # the worker, a backup and the end of the server may meet here
            return self._load_all()

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """Nothing is loaded meanwhile: a line is either in the spool or a row, and stays so."""
        with self._loading:
            yield

    def committed(self) -> int:
        """The number up to which every segment has all of its rows in the store: who has read these will find no
        more of them. (A segment may have rows in two months, which are committed one after the other.)"""
        if self._committed is None:
            with self._loading:
                self._look_back()
        return self._committed or 0

    def _look_back(self) -> None:
        """What an earlier run has left: the highest number, and the segments that it may have loaded by half."""
        if self._committed is not None:
            return
        with self.store.glancing() as reader:
            ledger = reader.source("ledger")
            self._highest = max(reader.column(_HIGHEST.format(ledger=ledger)))
            for spool in self.spools:
                names = {name_of(path) for path in spool.sealed()}
                values = {"stream": spool.stream.name, "oldest": min(names, default="~")}
                known = reader.rows(_NUMBERS.format(ledger=ledger), values)
                self._begun |= {row["name"]: row["segment"] for row in known if row["name"] in names}
        self._settle(())

    def _settle(self, names: Iterable[str]) -> None:
        """These segments are whole, or never will be."""
        done = set(names)
        self._begun = {name: number for name, number in self._begun.items() if name not in done}
        self._committed = min(self._begun.values(), default=self._highest + 1) - 1

    def _load_all(self) -> bool:
        now = self._clock()
        if self.store.failed or self.store.lacks_files():
            self.store.reopen()
        self._offer_again()
        more = [self._load_some(spool) for spool in self.spools]
        oldest = self.oldest_waiting()
        self.watermark = min(now, now if oldest is None else oldest) - SECOND
        return any(more)

    def _offer_again(self) -> None:
        """When a month had to begin anew: what was loaded lately. The ledgers of the other months know it still."""
        if not self.store.lost:
            return
        for spool in self.spools:
            for path in (self.directory / "loaded" / spool.stream.name).glob("v*-*.tsv"):
                path.replace(spool.directory / path.name)
        self._look_back()
        self._highest += LOST
        self.store.lost.clear()

    def oldest_waiting(self) -> int | None:
        """When the oldest line that is in no ledger yet can have been written."""
        times = [spool.oldest_at() for spool in self.spools]
        times += [time_of(name_of(path)) for spool in self.spools for path in spool.left_over()[:1]]
        return min((at for at in times if at is not None), default=None)

    def prune_once(self, keep_hours: int) -> bool:
        """Delete loaded segments that were begun more than so many hours ago."""
        limit = self._clock() - keep_hours * HOUR
        for path in self.directory.glob("loaded/*/v*-*.tsv"):
            if time_of(name_of(path)) < limit:
                path.unlink(missing_ok=True)
        return False

    def figures(self) -> dict[str, Any]:
        """For health. What was set aside wants a person's eye."""
        return {
            "watermark": self.watermark,
            "loaded_at": self.loaded_at,
            "waiting": {spool.stream.name: len(spool.sealed()) for spool in self.spools},
            "quarantined": len(list(self.directory.glob("quarantine/*/v*-*.tsv"))),
            "aside": len(list(self.directory.glob("aside/*/v*-*.tsv"))),
        }

    # ---- one batch

    def _load_some(self, spool: Spool) -> bool:
        sealed = spool.sealed()
        batch = batch_of(sealed)
        if batch:
            try:
                self._load_or_set_aside(spool, batch)
            except (Failure, Unavailable):
                log.exception("the click store failed: it is attached again")
                self.store.reopen()
                raise
        return len(batch) < len(sealed)

    def _load_or_set_aside(self, spool: Spool, batch: Sequence[Path]) -> None:
        """A segment that does not add up must not hold up the others: they go alone, and it is put aside."""
        try:
            self._load(spool, _stream(spool, batch[0]), batch)
        except Unaccounted as error:
            if len(batch) == 1:
                log.error("segment %s is set aside: %s", batch[0].name, error)  # noqa: TRY400 (the reason is known)
                self._move(batch[0], "aside", spool.stream)
                self._settle([name_of(batch[0])])
            else:
                for path in batch:
                    self._load_or_set_aside(spool, [path])

    def _load(self, spool: Spool, stream: Stream, batch: Sequence[Path]) -> None:
        """The walk: read, account, set aside, enrich, commit month by month, put away."""
        offers = [Offer(path, count_lines(path)) for path in batch]
        self._look_back()
        with self.store.writing() as writer:
            bad = self._read(writer, stream, offers)
            stored = _account(writer, offers, bad)
            self._quarantine(stream, offers, bad)
            writer.take_lines("quarantined", ("name", "lines"), _counts(offers, bad), self.directory)
            if stream.name in self._enrichers:
                self._enrichers[stream.name](writer)
            for name in sorted({*writer.column(_MONTHS), *(offer.home for offer in offers)}):
                self._commit(writer, stream, offers, name)
        for offer in offers:
            spool.settle(offer.path.name, stored.get(str(offer.path), 0))
            self._move(offer.path, "loaded", stream)
        self._settle(offer.name for offer in offers)
        self.loaded_at = self._clock()

    def _read(self, writer: Writer, stream: Stream, offers: Sequence[Offer]) -> Bad:
        """Make the tables staged, offered and parsed; returns the lines that cannot be rows."""
        writer.read_lines("staged", stream.columns, [offer.path for offer in offers], skip=1)
        bad: Bad = defaultdict(dict)
        for row in writer.rows(_REJECTED):
            bad[row["file"]][row["line"]] = row["reason"]
        numbers = self._numbers(writer, stream, offers)
        listed = [(str(offer.path), offer.name, offer.home, str(numbers[offer.name])) for offer in offers]
        writer.take_lines("offered_lines", ("path", "name", "home", "segment"), listed, self.directory)
        writer.run(_OFFERED)
        writer.run(statement(f"{stream.label}_parse"))
        _add_faults(writer, bad)
        return bad

    def _numbers(self, writer: Writer, stream: Stream, offers: Sequence[Offer]) -> dict[str, int]:
        """A small number for each segment, in the order of loading; one that a ledger knows keeps its own."""
        values = {"stream": stream.name, "oldest": _oldest(offers)}
        known = writer.rows(_NUMBERS.format(ledger=writer.source("ledger")), values)
        numbers = {row["name"]: row["segment"] for row in known}
        for offer in offers:
            if offer.name not in numbers:
                self._highest += 1
                numbers[offer.name] = self._highest
        self._begun |= {offer.name: numbers[offer.name] for offer in offers}
        return numbers

    def _commit(self, writer: Writer, stream: Stream, offers: Sequence[Offer], name: str) -> None:
        """One month: its rows and the ledger's entries, or neither."""
        values = {"month": name, "oldest": _oldest(offers)}
        with writer.transaction(name) as month:
            expected = writer.column(_EXPECTED, {**values, "stream": stream.name})[0]
            made = self._stores[stream.name](writer, month, values["oldest"])
            if made != expected:
                raise Unaccounted(f"{made} rows of {expected} lines in {name}")
            writer.run(_ENTER, {**values, "stream": stream.name, "now": self._clock()})

    def _quarantine(self, stream: Stream, offers: Sequence[Offer], bad: Bad) -> None:
        """Keep lines that cannot be rows, each with its number and reason, for a person to look at."""
        for offer in offers:
            reasons = bad.get(str(offer.path))
            if reasons:
                place = self.directory / "quarantine" / stream.name
                place.mkdir(parents=True, exist_ok=True)
                texts = lines_of(offer.path)
                kept = [f"{n}\t{reason}\t".encode() + texts[n - 1] for n, reason in sorted(reasons.items())]
                (place / offer.path.name).write_bytes(b"\n".join(kept) + b"\n")

    def _move(self, path: Path, where: str, stream: Stream) -> None:
        place = self.directory / where / stream.name
        place.mkdir(parents=True, exist_ok=True)
        path.replace(place / path.name)


def _account(writer: Writer, offers: Sequence[Offer], bad: Bad) -> dict[str, int]:
    """How many rows each file makes; Unaccounted unless rows and bad lines are all its lines."""
    good = {row["file"]: row["lines"] for row in writer.rows(_GOOD)}
    for offer in offers:
        rows, wrong = good.get(str(offer.path), 0), len(bad.get(str(offer.path), ()))
        if rows + wrong != offer.lines:
            raise Unaccounted(f"{offer.lines} lines, {rows} rows, {wrong} bad lines in {offer.path.name}")
    return good


def _add_faults(writer: Writer, bad: Bad) -> None:
    """DuckDB counts only the lines that it could read; here each fault goes to its line in the file."""
    readable: dict[str, list[int]] = {}
    for row in writer.rows(_FAULTS):
        file = row["file"]
        if file not in readable:
            texts = enumerate(lines_of(Path(file)), 1)
            readable[file] = [number for number, text in texts if text and number not in bad[file]]
        bad[file][readable[file][row["line"] - 1]] = row["fault"]


def _counts(offers: Sequence[Offer], bad: Bad) -> list[tuple[str, str]]:
    return [(offer.name, str(len(bad.get(str(offer.path), ())))) for offer in offers]


def _oldest(offers: Sequence[Offer]) -> str:
    """Names sort by time: with this the ledgers are not read from their beginning."""
    return min(offer.name for offer in offers)


def _stream(spool: Spool, path: Path) -> Stream:
    """What the segment's lines are, by the version in its name."""
    stream = READABLE.get((spool.stream.name, version_of(path)))
    if stream is None:
        raise Unaccounted(f"{path.name} was written by another version of Routy")
    return stream

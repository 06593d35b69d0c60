"""What is kept as a stream: an append-only series of facts that shares spool, loader and ledger.

A stream is a name, the version of its line, and the line's columns in order. A new version gets a new `Stream`
beside the old one, and the SQL that loads it (store/duck/load_<name>_v<version>.sql), because segments written
by an older Routy may still wait in the spool.
"""

from dataclasses import dataclass

WHOLE = "."  # the last column of every line: a line that was cut anywhere lacks it


@dataclass(frozen=True)
class Stream:
    name: str
    version: int
    columns: tuple[str, ...]

    @property
    def header(self) -> bytes:
        return "\t".join(self.columns).encode()

    @property
    def label(self) -> str:
        return f"{self.name}_v{self.version}"


_CLICK = (
    "at", "random", "run", "workspace_key", "domain_key", "link_key", "class_at_answer", "method", "status",
    "branch", "reason", "source", "ip", "agent", "referrer", "language", "query",
)  # fmt: skip

CLICKS_1 = Stream("clicks", 1, (*_CLICK, "whole"))
CLICKS = Stream("clicks", 2, (*_CLICK, "own", "sub_id", "private", "whole"))

API_REQUESTS = Stream(
    "api_requests",
    1,
    (
        "at", "random", "run", "workspace_id", "actor_id", "method", "route", "status", "ms", "ip", "bytes",
        "whole",
    ),
)  # fmt: skip

STREAMS = (CLICKS, API_REQUESTS)  # as they are written today
READABLE = {
    (stream.name, stream.version): stream for stream in (CLICKS_1, *STREAMS)
}  # and what may wait to be loaded

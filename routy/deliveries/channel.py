"""A channel: the way that a delivery takes to its target. Webhooks are one, mail is another."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from routy.store.sqlite import Transaction


@dataclass(frozen=True)
class Delivery:
    """One row of the queue, as a channel sees it. `attempt` counts from 1 and is the one that is to be made."""

    id: str
    workspace_id: str
    channel: str
    target_id: str  # wh_… or mail_…
    event_id: str | None
    type: str
    record_id: str | None
    sequence: int
    body: str
    attempt: int
    created_at: int


@dataclass(frozen=True)
class Outcome:
    """What became of one attempt. `request` and `response` are kept as they are, as JSON.

    `final`: there is no use in another try. `held`: nothing was sent, and the delivery waits until its target is
    woken; that is no attempt."""

    ok: bool
    status: int | None = None
    error: str = ""
    request: dict[str, Any] = field(default_factory=dict)
    response: dict[str, Any] | None = None
    retry_after_ms: int | None = None
    final: bool = False
    held: bool = False


class Channel(Protocol):
    """Channels never raise: what goes wrong is an Outcome."""

    name: str

    def lane(self, delivery: Delivery) -> str:
        """The host or so that it goes to: at most so many at a time go to one."""
        ...

    def send(self, delivery: Delivery) -> Outcome:
        """One attempt, in a thread of the pool and outside of any transaction."""
        ...

    def holds(self, tx: Transaction, delivery: Delivery) -> bool:
        """Whether a delivery that was held is still to wait for its target to be woken."""
        ...

    def settled(self, tx: Transaction, delivery: Delivery, outcome: Outcome, over: bool) -> None:
        """Inside the transaction that records the attempt; `over`: it was the last one."""
        ...

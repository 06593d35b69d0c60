"""A house whose deliveries may go to loopback, and what tests of webhooks ask of it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from routy.outbound import Guard
from routy.resources.webhooks import Webhook
from routy.webhooks.channel import WebhookChannel
from routy.webhooks.telling import fan_out_once, replay_once
from tests.house import House, Reply


class PostOffice(House):
    def __init__(self, path: Path, allowed: Sequence[str] = ("127.0.0.0/8",)) -> None:
        super().__init__(path)
        guard = Guard(allowed)
        self.records.answers["why_not_call"] = guard.why_not_call
        self.channel.poster.guard = guard

    @property
    def channel(self) -> WebhookChannel:
        channel = self.app.dispatcher.channels["webhook"]
        assert isinstance(channel, WebhookChannel)
        return channel

    def webhook(self, url: str, **body: Any) -> Any:
        """A webhook, before which nothing has happened."""
        self.fan_out()
        return self.make_unheard(url, **body)

    def make_unheard(self, url: str, **body: Any) -> Any:
        return self.make(Webhook, url=url, **{"events": ["link.*"], **body})

    def fan_out(self) -> None:
        while fan_out_once(self.records, self.clock):
            pass

    def replay(self) -> None:
        while replay_once(self.records, self.clock):
            pass

    def deliver(self) -> None:
        """All that is due at this moment, and what becomes of it."""
        self.fan_out()
        while self.app.dispatcher.deliver_once():
            pass

    def change(self, path: str, **body: Any) -> Reply:
        return self.call("PATCH", path, body)

    def deliveries(self, **query: str) -> list[Any]:
        """The oldest first."""
        found = self.call("GET", "/deliveries", limit="1000", **query)
        assert found.status == 200, found.body
        return sorted(found.data, key=lambda one: int(one["sequence"]))

    def attempts(self, delivery: Any) -> list[Any]:
        return list(self.call("GET", f"/deliveries/{delivery['id']}/attempts").data)

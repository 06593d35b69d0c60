"""Mails, written and sent in a house."""

from typing import Any

from routy.records.beginning import first_workspace
from tests.house import House

VALUES: dict[str, Any] = {
    "title": "Clicks are low",
    "lines": ["clicks: 12, usually 400", "a <b> & c"],
    "url": "http://go.example/app/alerts/1",
    "action": "Look",
}


def write(house: House, *to: str, template: str = "notice", topic: str = "alerts", **values: Any) -> list[str]:
    """The ids of the mails."""
    with house.records.transaction(house.now) as tx:
        workspace = first_workspace(house.records) or ""
        return house.app.post.send(tx, workspace, to, template, {**VALUES, **values}, topic=topic, about="alert_1")


def deliver(house: House) -> None:
    """All that is due at this moment."""
    while house.app.dispatcher.deliver_once():
        pass


def logged(house: House, **query: str) -> list[Any]:
    """The log, oldest first."""
    return list(reversed(house.call("GET", "/mails", limit="100", **query).data))


def fates(house: House) -> dict[str, tuple[str, str | None, int]]:
    """What became of each mail, by its recipient: status, error, attempts."""
    return {mail["recipient"]: (mail["status"], mail["error"], mail["attempts"]) for mail in logged(house)}


def statuses(house: House) -> list[str]:
    return [mail["status"] for mail in logged(house)]

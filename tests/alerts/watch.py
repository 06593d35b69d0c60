"""A house in which alerts are looked at by hand, and what tests of them ask of it."""

import json
from pathlib import Path
from typing import Any

from routy.alerts.looking import alert_once
from routy.clock import DAY, MINUTE
from routy.config import Mail
from routy.resources.alerts import Alert
from tests.house import START, House

HOME = Mail(host="127.0.0.1", port=1, security="none", sender="routy@go.example")


class Watch(House):
    """It begins at a whole hour, with a link that is clicked on by a new person each time."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, mail=HOME)
        self.people = 0
        self.summer = self.link("summer")
        self.app.walk.table.follow()

    def alert(self, **body: Any) -> Any:
        given = {"name": "Clicks", "kind": "threshold", "notify": "nobody", **body}
        return self.make(Alert, **given)

    def click(self, times: int, slug: str = "summer", **headers: str) -> None:
        """So many people, who come and are taken into the store."""
        for _ in range(times):
            self.people += 1
            address = f"73.{self.people % 200}.{self.people // 200 % 200}.9"
            self.ask("GET", f"/{slug}", headers=headers, REMOTE_ADDR=address)
        self.load()

    def at(self, minutes: float) -> None:
        """So many minutes after the beginning, all that was clicked is in the store, and alerts are looked at."""
        self.now = START + round(minutes * MINUTE)
        self.look()

    def look(self) -> None:
        self.load()
        while alert_once(self.app.alerts):
            pass

    def weeks_ago(self, week: int, times: int, minutes: float = 50) -> None:
        """So many clicks at that minute of the same hour of an earlier week; to be called before all else."""
        self.now = START - week * 7 * DAY + round(minutes * MINUTE)
        self.click(times)

    # ---- what came of it

    def state(self, alert: Any) -> Any:
        return self.call("GET", f"/alerts/{alert['id']}").data

    def told(self) -> list[str]:
        """What alerts have told, oldest first: `fired`, `resolved`."""
        rows = self.records.rows(
            "SELECT type FROM events WHERE type IN ('alert.fired', 'alert.resolved') ORDER BY seq"
        )
        return [row["type"].partition(".")[2] for row in rows]

    def last_told(self) -> Any:
        rows = self.records.rows(
            "SELECT type, data FROM events WHERE type LIKE 'alert.%' ORDER BY seq DESC LIMIT 1"
        )
        return json.loads(rows[0]["data"])

    def notices(self, who: Any = "owner") -> list[str]:
        """The titles of somebody's notifications, oldest first."""
        found = self.call("GET", "/notifications", as_=who, limit="100", sort="created_at").data
        return [one["title"] for one in found]

    def mails(self) -> list[tuple[str, str]]:
        rows = self.records.rows("SELECT recipient, subject FROM mails ORDER BY key")
        return [(row["recipient"], row["subject"]) for row in rows]

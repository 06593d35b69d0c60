"""Links with clicks, and shares of them: what the tests of public statistics look at."""

from dataclasses import dataclass
from typing import Any

from routy.resources.folders import Folder
from routy.resources.saved_reports import SavedReport
from routy.resources.shares import Share
from routy.resources.tags import Tag
from tests.house import FIREFOX, House, Reply

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1"
SUMMER_CLICKS, WINTER_CLICKS = 3, 31  # of different visitors each; no figure of one can be taken for the other's


@dataclass
class Fair:
    """Summer has a tag and a folder, winter has neither: whatever is shared here, winter is not in it."""

    house: House

    def __post_init__(self) -> None:
        self.tag = self.house.make(Tag, name="sale")
        self.folder = self.house.make(Folder, name="2026")
        self.summer = self.house.link("summer", tag_ids=[self.tag["id"]], folder_id=self.folder["id"])
        self.winter = self.house.link("winterly")
        self.report = self.house.make(
            SavedReport, name="Summer", query="metrics=clicks&dimensions=device&slug=summer"
        )
        for n in range(SUMMER_CLICKS):
            self.click("/summer", n)
        for n in range(WINTER_CLICKS):
            self.click("/winterly", n, agent=PHONE, referrer="https://secret.example/path?private=1")
        self.house.load()

    def click(
        self, path: str, n: int = 0, agent: str = FIREFOX, referrer: str = "https://news.example/a", query: str = ""
    ) -> None:
        headers = {"Referer": referrer, "User-Agent": agent}
        self.house.ask("GET", path, query, headers=headers, REMOTE_ADDR=f"73.8.{n}.9")

    def share(self, subject: Any = None, **given: Any) -> Any:
        body = {"subject_id": (subject or self.summer)["id"], "title": "Figures", **given}
        return self.house.make(Share, **body)

    def subjects(self) -> list[Any]:
        return [self.summer, self.tag, self.folder, self.report]

    def look(self, share: Any, query: str = "", **headers: str) -> Any:
        """The figures of a share, as JSON."""
        reply = self.house.ask("GET", f"{share['path']}.json", query, headers=headers)
        assert reply.status == 200, reply.body
        return reply.data

    def status(self, share: Any, query: str = "", end: str = "") -> int:
        return self.house.ask("GET", share["path"] + end, query).status

    def token(self, share: Any, **body: Any) -> Any:
        reply = self.house.call("POST", f"/shares/{share['id']}/embed-tokens", body)
        assert reply.status == 201, reply.body
        return reply.data

    def type(self, share: Any, password: str, query: str = "", **changed: Any) -> tuple[Reply, list[str]]:
        """The password form, sent; the reply and the cookies it sets, as a browser sends them back."""
        seen: list[Any] = []
        front = self.house.app.front

        def wrapped(environ: Any, start_response: Any) -> Any:
            return front(environ, lambda status, headers: (seen.extend(headers), start_response(status, headers)))

        self.house.app.front = wrapped  # type: ignore[assignment]
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        try:
            reply = self.house.ask("POST", share["path"], query, f"password={password}".encode(), form, **changed)
        finally:
            self.house.app.front = front
        return reply, [text for name, text in seen if name == "Set-Cookie"]

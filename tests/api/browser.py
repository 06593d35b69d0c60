"""A person in a browser: the session's cookie, and its CSRF token on every write."""

import json
from typing import Any
from urllib.parse import urlencode

from tests.house import PASSWORD, House, Reply


class Browser:
    def __init__(self, house: House, ip: str = "8.8.8.8", scheme: str = "http") -> None:
        self.house, self.ip, self.scheme = house, ip, scheme
        self.cookie = self.csrf = ""

    def log_in(self, email: str, password: str = PASSWORD) -> Reply:
        reply = self.call("POST", "/sessions", {"email": email, "password": password})
        if reply.status == 201:
            self.take(reply)
        return reply

    def take(self, reply: Reply) -> None:
        self.cookie = reply.headers["Set-Cookie"].partition(";")[0]
        self.csrf = reply.data["csrf_token"]

    def call(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None, **query: str
    ) -> Reply:
        given = {"Content-Type": "application/json", "Cookie": self.cookie, "X-CSRF-Token": self.csrf}
        given = {name: text for name, text in {**given, **(headers or {})}.items() if text}
        raw = b"" if body is None else json.dumps(body).encode()
        environ = {"REMOTE_ADDR": self.ip, "wsgi.url_scheme": self.scheme}
        return self.house.ask(method, f"/api/v1{path}", urlencode(query), raw, given, **environ)

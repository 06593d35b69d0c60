"""Setup, and the sessions of people in a browser."""

import secrets
from http.cookies import SimpleCookie
from typing import Annotated, Any

from routy import scopes
from routy.api.call import Answer, Call, Endpoint
from routy.api.credentials import COOKIE, membership_of
from routy.clock import DAY
from routy.errors import InvalidApiKey
from routy.passwords import hash_password, verify_password
from routy.records import beginning, parse, read
from routy.records.show import show
from routy.resource import Field, Form, Row
from routy.resources.memberships import Role
from routy.resources.users import MIN_PASSWORD, User
from routy.resources.workspaces import Workspace
from routy.secret import digest
from routy.store.sqlite import Transaction

EMAIL = Field("What you log in with.", format="email", max_length=320, example="ada@acme.example")


class Setup(Form):
    token: Annotated[
        str, Field("The secret of the setup link that the server printed.", max_length=100, example="x8K…")
    ]
    email: Annotated[str, EMAIL]
    name: Annotated[str, Field("Your name.", min_length=1, max_length=100, example="Ada")]
    password: Annotated[
        str,
        Field(
            "At least 10 characters.",
            min_length=MIN_PASSWORD,
            max_length=200,
            example="correct horse battery staple",
        ),
    ]
    workspace: Annotated[
        str | None, Field("What to call your workspace.", min_length=1, max_length=100, example="Acme")
    ]
    timezone: Annotated[
        str | None, Field("Its time zone.", format="timezone", max_length=64, example="Europe/Berlin")
    ]


class Login(Form):
    email: Annotated[str, EMAIL]
    password: Annotated[str, Field("Your password.", max_length=200, example="correct horse battery staple")]


class Session(Form):
    user: Annotated[dict[str, Any], Field("The user who is logged in.")]
    workspace: Annotated[dict[str, Any], Field("The workspace that the session acts in.")]
    role: Annotated[Role, Field("Their role in it.", example="owner")]
    scopes: Annotated[list[str], Field("What they may do in it.", example=["links:read", "links:write"])]
    csrf_token: Annotated[str, Field("Send it as X-CSRF-Token on every write.", example="Zb3…")]


def _setup(call: Call) -> Answer:
    """Make the first owner, and log them in."""
    form = call.form()
    keys = (f"setup {call.request.ip}",)
    call.services.logins.expect_open(keys, call.now)
    call.services.logins.failed(keys, call.now)
    owner = {
        **parse.defaults(User.fields),
        "email": form["email"],
        "name": form["name"],
        "password": hash_password(form["password"]),
    }
    named = {"name": form["workspace"], "timezone": form["timezone"]}
    workspace = {name: value for name, value in named.items() if value is not None}
    with call.services.records.transaction(call.now) as tx:
        user = beginning.make_owner(tx, call.actor, form["token"], owner, workspace)
        cookie, csrf = _begin(tx, call, user["id"], user["password"])
    call.services.logins.succeeded(keys)
    return _entered(call, user["id"], cookie, csrf)


def _login(call: Call) -> Answer:
    form = call.form()
    keys = (f"ip {call.request.ip}", f"account {form['email']}")
    call.services.logins.expect_open(keys, call.now)
    user = call.services.records.one(
        "/* users.for_login */ SELECT id, password FROM users WHERE email = ? AND deleted_at IS NULL",
        (form["email"],),
    )
    if not verify_password(user["password"] if user else None, form["password"]) or user is None:
        call.services.logins.failed(keys, call.now)
        raise InvalidApiKey("e-mail address or password is wrong")
    call.services.logins.succeeded(keys)
    with call.services.records.transaction(call.now) as tx:
        tx.run("/* sessions.prune */ DELETE FROM sessions WHERE expires_at <= ?", (call.now,))
        cookie, csrf = _begin(tx, call, user["id"], user["password"])
    return _entered(call, user["id"], cookie, csrf)


def _begin(tx: Transaction, call: Call, user_id: str, password: str | None) -> tuple[str, str]:
    """A new session: the secret for the cookie, and the CSRF token. It ends when the password changes."""
    secret, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(24)
    until = call.now + call.services.config.login.session_days * DAY
    agent = call.request.headers.get("user-agent", "")[:300]
    tx.insert(
        "sessions",
        {
            "secret_sha256": digest(secret),
            "user_id": user_id,
            "csrf": csrf,
            "password_sha256": digest(password or ""),
            "created_at": call.now,
            "expires_at": until,
            "ip": call.request.ip,
            "agent": agent,
        },
    )
    return secret, csrf


def _entered(call: Call, user_id: str, cookie: str, csrf: str) -> Answer:
    days = call.services.config.login.session_days
    header = ("Set-Cookie", _cookie(cookie, days * 86_400, _secure(call)))
    return Answer(status=201, data=_session(call, user_id, None, csrf), headers=(header,))


def _secure(call: Call) -> bool:
    """Also behind a proxy that nobody told us to trust, as long as our address is one of https."""
    return call.request.secure or call.services.config.public_url.startswith("https://")


def _cookie(value: str, seconds: int, secure: bool) -> str:
    jar = SimpleCookie({COOKIE: value})
    morsel: Any = jar[COOKIE]
    morsel.update({"path": "/", "httponly": True, "samesite": "Lax", "max-age": seconds, "secure": secure})
    return str(morsel.OutputString())


def _session(call: Call, user_id: str, workspace_id: str | None, csrf: str) -> Row:
    records = call.services.records
    membership = membership_of(records, user_id, workspace_id)
    actor = beginning.system_of(membership["workspace_id"])
    user = records.one("/* users.workspace */ SELECT workspace_id FROM users WHERE id = ?", (user_id,))
    assert user is not None
    return {
        "user": show(User, read.find(records, beginning.system_of(user["workspace_id"]), User, user_id)),
        "workspace": show(Workspace, read.find(records, actor, Workspace, membership["workspace_id"])),
        "role": membership["role"],
        "scopes": sorted(scopes.ROLES[membership["role"]]),
        "csrf_token": csrf,
    }


def _current(call: Call) -> Answer:
    assert call.session is not None
    return Answer(data=_session(call, call.actor.user_id, call.actor.workspace_id, call.session["csrf"]))


def _logout(call: Call) -> Answer:
    assert call.session is not None
    with call.services.records.transaction(call.now) as tx:
        tx.run("/* sessions.end */ DELETE FROM sessions WHERE secret_sha256 = ?", (call.session["secret_sha256"],))
    return Answer(status=204, headers=(("Set-Cookie", _cookie("", 0, _secure(call))),))


ENDPOINTS = [
    Endpoint("POST", "/setup", "setup", "Make the first owner, once, with the secret of the setup link.", _setup,
             scope=None, tag="sessions", takes=Setup.fields, gives=Session.fields, input="form", status=201,
             raises=(400, 410, 413, 415, 429)),
    Endpoint("POST", "/sessions", "log_in", "Log in; the answer sets the session's cookie.", _login,
             scope=None, tag="sessions", takes=Login.fields, gives=Session.fields, input="form", status=201,
             raises=(400, 401, 413, 415, 429)),
    Endpoint("GET", "/sessions/current", "get_current_session", "Who is logged in.", _current,
             scope="", tag="sessions", gives=Session.fields, session_only=True),
    Endpoint("DELETE", "/sessions/current", "log_out", "Log out: end this session.", _logout,
             scope="", tag="sessions", shape="none", status=204, session_only=True),
]  # fmt: skip

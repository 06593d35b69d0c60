"""The pages, in one table, and the walk of a request for one: read → find → answer → reply.

A page holds no data: its module (static/js) fetches that from /api/v1 with the session's cookie, so nothing here
knows who is logged in. A browser without the cookie is sent from /app to /login at once; one whose session has
ended is sent there by the module, when the API says so.
"""

import base64
import gzip
import hashlib
import json
import logging
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote

import bottle
import jinja2

from routy import __version__
from routy.config import Config
from routy.dashboard.files import File, Files, read_files
from routy.dashboard.refusals import refusals
from routy.dashboard.request import HTML, Environ, Reply, Request, read_request

log = logging.getLogger("routy.dashboard")

STATIC = Path(__file__).resolve().parents[2] / "static"
HOME = "/app"
SESSION_COOKIE = "routy_session"  # as the API calls it; a test holds the two equal
GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))")
OWN_PAGE = re.compile(r"/app([/?#][!-\[\]-~]*)?")  # in visible ASCII, without the backslash

CSP = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
SWAGGER_CSP = f"{CSP}; style-src 'self' 'unsafe-inline'"
SECURITY = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),  # the address of /setup holds a secret
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("X-Robots-Tag", "noindex"),
)
FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
KEEP_NOTHING = "no-store"
ROBOTS = b"User-agent: *\nAllow: /s/\nDisallow: /\n"  # a share says itself whether it may be listed


# Pages of their own beside the lists of resources; static/js/pages.js draws them.
OWN_PAGES = ("", "reports", "live", "health", "settings")

# The names by which modules import what others made, and where that lies.
VENDORED: dict[str, str] = {
    "preact": "vendor/preact/preact.mjs",
    "preact/hooks": "vendor/preact/hooks.mjs",
    "@preact/signals": "vendor/preact-signals/signals.mjs",
    "@preact/signals-core": "vendor/preact-signals-core/signals-core.mjs",
    "htm": "vendor/htm/htm.module.js",
}


@dataclass(frozen=True)
class Dashboard:
    """All pages as one WSGI callable."""

    document: Callable[[], dict[str, Any]]
    files: Files
    templates: jinja2.Environment
    router: bottle.Bottle

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = read_request(environ)
        reply = _packed(_reply(self, request), request)
        start_response(f"{reply.status} {HTTPStatus(reply.status).phrase}", _headers(reply))
        return [] if request.method == "HEAD" else [reply.body]


Answer = Callable[[Dashboard, Request], Reply]


def application(config: Config, document: Callable[[], dict[str, Any]]) -> Dashboard:
    """The dashboard; `document` makes the OpenAPI description."""
    files = read_files(STATIC)
    return Dashboard(document, files, _templates(config, files), _router(PAGES))


def _templates(config: Config, files: Files) -> jinja2.Environment:
    templates = jinja2.Environment(
        loader=jinja2.PackageLoader("routy.dashboard"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.globals.update(
        static=files.url,
        modules=files.modules,
        import_map=import_map(files),
        vendored=[files.url(path) for path in VENDORED.values()],
        version=__version__,
        session_days=config.login.session_days,
    )
    return templates


def _router(pages: Mapping[str, Answer]) -> bottle.Bottle:
    """bottle finds pages by path and method; it does nothing else here."""
    router = bottle.Bottle()
    for path, answer in pages.items():
        router.route(path, "GET", answer)
    return router


# ---- the walk


def _reply(dashboard: Dashboard, request: Request) -> Reply:
    try:
        return _find(dashboard.router, request)(dashboard, request)
    except bottle.HTTPError as error:
        return _refused(dashboard, error)
    except Exception:
        log.exception("the page %s %s failed", request.method, request.target[:200])
        return _message(dashboard, 500, "Something went wrong here", "The reason is in the server's log.")


def _find(router: bottle.Bottle, request: Request) -> Answer:
    path = request.path.rstrip("/") or "/"
    route, _ = router.match({"REQUEST_METHOD": request.method, "PATH_INFO": path})
    answer: Answer = route.callback
    return answer


def _packed(reply: Reply, request: Request) -> Reply:
    """A page as gzip for who takes it: none holds a secret that its size could tell. Files come packed already."""
    if reply.content_type != HTML or not reply.body:
        return reply
    headers = (*reply.headers, ("Vary", "Accept-Encoding"))
    if not _takes_gzip(request):
        return replace(reply, headers=headers)
    return replace(reply, body=gzip.compress(reply.body, 6), headers=(*headers, ("Content-Encoding", "gzip")))


def _headers(reply: Reply) -> list[tuple[str, str]]:
    headers = {"Content-Security-Policy": CSP, "Cache-Control": ASK_AGAIN, **dict(SECURITY), **dict(reply.headers)}
    if reply.status != HTTPStatus.NOT_MODIFIED:
        headers |= {"Content-Type": reply.content_type, "Content-Length": str(len(reply.body))}
    return list(headers.items())


def _refused(dashboard: Dashboard, error: bottle.HTTPError) -> Reply:
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        text = "This address can only be looked at. If a form brought you here, load its page again."
        return _message(dashboard, 405, "That is not possible here", text, ("Allow", "GET, HEAD"))
    return _message(dashboard, 404, "There is nothing here", "The address may be mistyped, or the page has moved.")


def _message(dashboard: Dashboard, status: int, title: str, text: str, *headers: tuple[str, str]) -> Reply:
    page = _page(dashboard, "message.html", title=title, text=text)
    return Reply(page.body, status, headers=headers)


def _page(dashboard: Dashboard, template: str, *headers: tuple[str, str], **values: Any) -> Reply:
    return Reply(dashboard.templates.get_template(template).render(values).encode(), headers=headers)


# ---- the pages


def _setup(dashboard: Dashboard, request: Request) -> Reply:
    token = request.query.get("token", "")[:100]
    return _page(dashboard, "setup.html", ("Cache-Control", KEEP_NOTHING), token=token)


def _login(dashboard: Dashboard, request: Request) -> Reply:
    return _page(dashboard, "login.html", next=own_page(request.query.get("next", "")))


def _home(dashboard: Dashboard, request: Request) -> Reply:
    return _redirect(HOME)


def _app(dashboard: Dashboard, request: Request) -> Reply:
    """The frame of a page of our own, or of a resource that the API describes."""
    first = request.path.removeprefix("/app").strip("/").partition("/")[0]
    if first not in (*OWN_PAGES, *_resources(dashboard.document())):
        raise bottle.HTTPError(404)
    return _page(dashboard, "app.html", ("Content-Security-Policy", app_csp(dashboard.files)))


def _docs(dashboard: Dashboard, request: Request) -> Reply:
    operations = _operations(dashboard.document())
    policy = ("Content-Security-Policy", SWAGGER_CSP)
    return _page(dashboard, "docs.html", policy, here="/docs", frame="div", operations=operations)


def _errors(dashboard: Dashboard, request: Request) -> Reply:
    return _page(dashboard, "errors.html", here="/docs/errors", errors=refusals())


def _robots(dashboard: Dashboard, request: Request) -> Reply:
    return Reply(ROBOTS, content_type="text/plain; charset=utf-8")


def _icon(dashboard: Dashboard, request: Request) -> Reply:
    return _file(dashboard.files.table["images/favicon.ico"], ASK_AGAIN, request)


def _static(dashboard: Dashboard, request: Request) -> Reply:
    file, for_ever = dashboard.files.find(request.path.removeprefix("/static/"))
    if file is None:
        raise bottle.HTTPError(404)
    return _file(file, FOR_EVER if for_ever else ASK_AGAIN, request)


def _for_sessions(answer: Answer) -> Answer:
    """Pages under /app: without a session's cookie, log in first."""

    def checked(dashboard: Dashboard, request: Request) -> Reply:
        if f"{SESSION_COOKIE}=" in request.headers.get("cookie", ""):
            return answer(dashboard, request)
        return _redirect(f"/login?next={quote(request.target, safe='/')}")

    return checked


PAGES: dict[str, Answer] = {
    "/": _home,
    "/setup": _setup,
    "/login": _login,
    "/app": _for_sessions(_app),
    "/app/<path:path>": _for_sessions(_app),
    "/docs": _docs,
    "/docs/errors": _errors,
    "/static/<path:path>": _static,
    "/favicon.ico": _icon,
    "/robots.txt": _robots,
}


# ---- their parts


def own_page(text: str) -> str:
    """Where to go after logging in: a page of our own under /app, whatever was asked for."""
    return text if OWN_PAGE.fullmatch(text) else HOME


def import_map(files: Files) -> str:
    """The one script that stands in a page; it holds no code, and the policy names it by its hash."""
    return json.dumps({"imports": {name: files.url(path) for name, path in VENDORED.items()}}, sort_keys=True)


def app_csp(files: Files) -> str:
    digest = base64.b64encode(hashlib.sha256(import_map(files).encode()).digest()).decode()
    return f"{CSP}; script-src 'self' 'sha256-{digest}'"


def _resources(document: Mapping[str, Any]) -> set[str]:
    """The paths of all resources that an OpenAPI description knows."""
    schemas = document.get("components", {}).get("schemas", {}).values()
    return {schema["x-routy"]["path"] for schema in schemas if "path" in schema.get("x-routy", {})}


def _redirect(path: str) -> Reply:
    return Reply(status=302, headers=(("Location", path), ("Cache-Control", KEEP_NOTHING)))


def _file(file: File, caching: str, request: Request) -> Reply:
    """The file, or 304 where the browser has it (RFC 9110, 13.1.2)."""
    packed = file.gzipped if _takes_gzip(request) else None
    tag = f'"{file.digest[:16]}{"-gzip" if packed else ""}"'
    headers = (("ETag", tag), ("Cache-Control", caching), ("Vary", "Accept-Encoding"))
    if tag in request.headers.get("if-none-match", ""):
        return Reply(status=304, headers=headers)
    if packed:
        return Reply(packed, content_type=file.content_type, headers=(*headers, ("Content-Encoding", "gzip")))
    return Reply(file.body, content_type=file.content_type, headers=headers)


def _takes_gzip(request: Request) -> bool:
    return GZIP.search(request.headers.get("accept-encoding", "")) is not None


def _operations(document: Mapping[str, Any]) -> list[dict[str, str]]:
    """Method, path and first line of each operation of an OpenAPI description."""
    return [
        {"method": method.upper(), "path": path, "summary": operation.get("summary", "")}
        for path, methods in document.get("paths", {}).items()
        for method, operation in methods.items()
        if method in ("get", "post", "put", "patch", "delete")
    ]

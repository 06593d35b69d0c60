"""Every setting: its name, default and reason, in one place.

A value comes from, later ones winning: the default here, the TOML file (`--config`, else `config.toml` in the
data directory when it is there), a variable `ROUTY_<SECTION>_<NAME>`, the command line. `config.example.toml`
is `example()` written to a file; a test holds the two equal.
"""

import dataclasses
import ipaddress
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_type_hints
from urllib.parse import urlsplit


def setting(
    default: Any, doc: str, choices: tuple[str, ...] = (), least: int | None = None, most: int | None = None
) -> Any:
    """One setting. Lists are tuples, written as TOML arrays, and as commas in a variable."""
    return field(default=default, metadata={"doc": doc, "choices": choices, "least": least, "most": most})


@dataclass(frozen=True)
class Server:
    """Where Routy listens and who may stand in front of it."""

    host: str = setting("127.0.0.1", "The address to listen on; 0.0.0.0 for all.")
    port: int = setting(8787, "The port to listen on; 0 for any that is free.", least=0, most=65535)
    engine: str = setting(
        "waitress",
        "The HTTP server. granian is several times faster and an extra: pip install routy[edge].",
        choices=("waitress", "granian"),
    )
    public_url: str = setting(
        "", "How people reach the dashboard and API, such as https://go.example. Empty: http://host:port."
    )
    threads: int = setting(
        48,
        "Worker threads. Eight of them are kept for redirects, which never wait for anything else.",
        least=10,
    )
    connection_limit: int = setting(4096, "Open connections, idle ones included.", least=64)
    trusted_proxies: tuple[str, ...] = setting(
        (), "Addresses or networks whose X-Forwarded-For and X-Forwarded-Proto are believed."
    )


@dataclass(frozen=True)
class Api:
    """Limits of the JSON API."""

    rate_per_minute: int = setting(
        600, "Requests a minute a token, unless the token says otherwise; 0: no limit.", least=0
    )
    rate_burst: int = setting(300, "Requests that a token may make at once before the rate applies.", least=1)
    trash_days: int = setting(30, "Days that a deleted record can be brought back.", least=1)
    cors_origins: tuple[str, ...] = setting(
        (), "Web origins that may call the API from a browser; none by default."
    )
    event_days: int = setting(90, "Days that events can be followed.", least=1)


@dataclass(frozen=True)
class Login:
    """Sessions of people in a browser."""

    session_days: int = setting(14, "Days that a login lasts.", least=1)
    attempts: int = setting(
        10, "Failed logins in 15 minutes, an address or an account, before it has to wait.", least=1
    )


@dataclass(frozen=True)
class Clicks:
    """How clicks are kept."""

    ip: str = setting(
        "truncated",
        "What is kept of a visitor's address once it is judged.",
        choices=("none", "truncated", "full"),
    )
    durability: str = setting(
        "process",
        "What an answered click has survived: process (kill -9; a power cut may cost sync_ms) or disk (a power cut "
        "too: the redirect waits for the disk).",
        choices=("process", "disk"),
    )
    sync_ms: int = setting(
        100, "Milliseconds between syncs of the spool to disk: what a power cut may cost.", least=10
    )
    segment_bytes: int = setting(8 * 2**20, "A spool segment is sealed at this size …", least=4096)
    segment_ms: int = setting(1000, "… or at this age, in milliseconds.", least=10)
    loaded_hours: int = setting(24, "Hours that a loaded segment is kept beside the click store.", least=0)
    respect_dnt: bool = setting(
        False,
        "Visitors who send DNT or Sec-GPC leave no address, agent, referrer or query, and are no uniques.",
    )
    duplicate_seconds: int = setting(
        5, "A visitor's next click on the same link within so many seconds is a duplicate; 0: never.", least=0
    )
    most_per_minute: int = setting(
        120, "More clicks of one visitor in a minute are a program's; 0: never.", least=0
    )
    city_db: str = setting("", "A .mmdb file that knows countries, regions and cities; empty: countries only.")
    asn_db: str = setting("", "A .mmdb file that knows the networks' numbers; empty: the packaged data.")
    human_days: int = setting(0, "Days that people's clicks keep their rows; totals stay. 0: for ever.", least=0)
    other_days: int = setting(0, "The same for all other classes.", least=0)
    memory_limit: str = setting("512MB", "Memory that the click store may use, such as 512MB or 2GB.")
    memory_threads: int = setting(2, "Threads that one report may use.", least=1)
    report_seconds: int = setting(60, "A report that takes longer is interrupted.", least=1)


@dataclass(frozen=True)
class Backup:
    """Backups by the clock, beside those that are made by hand."""

    directory: str = setting("", "Where to put them, best on another disk; empty: none are made.")
    every_hours: int = setting(24, "Hours from one to the next.", least=1)
    keep: int = setting(7, "How many are kept; the oldest goes first.", least=1)


@dataclass(frozen=True)
class Outbound:
    """What Routy calls: webhooks and other deliveries."""

    allowed_networks: tuple[str, ...] = setting(
        (), "Private networks that may be called all the same, such as 10.1.0.0/16; none by default."
    )
    timeout_seconds: int = setting(10, "The longest that one delivery may take.", least=1, most=60)
    pause_days: int = setting(3, "Days of nothing but failures after which a webhook is paused.", least=1)
    delivery_days: int = setting(30, "Days that settled deliveries can be looked at and replayed.", least=1)


@dataclass(frozen=True)
class Mail:
    """The SMTP server that Routy sends mail through. Without one everything else works."""

    host: str = setting("", "The server's name; empty: no mail is sent.")
    port: int = setting(587, "Its port.", least=1, most=65535)
    security: str = setting("starttls", "How the connection is encrypted.", choices=("starttls", "tls", "none"))
    username: str = setting("", "Empty: no login.")
    password: str = setting("", "Better given as the variable ROUTY_MAIL_PASSWORD.")
    sender: str = setting("", "The address that mails come from, such as Routy <routy@go.example>.")


@dataclass(frozen=True)
class Files:
    """Exports and imports."""

    export_days: int = setting(7, "Days that a finished export can be downloaded.", least=1)
    import_days: int = setting(30, "Days that an import can be undone, and its rows looked at.", least=1)
    import_bytes: int = setting(2**30, "The largest file that can be imported.", least=1024)


@dataclass(frozen=True)
class Firehose:
    """Clicks and events as they come, over open connections."""

    readers: int = setting(24, "Connections at a time; each holds a thread.", least=1)


@dataclass(frozen=True)
class Config:
    data: str = "data"
    server: Server = field(default_factory=Server)
    api: Api = field(default_factory=Api)
    login: Login = field(default_factory=Login)
    clicks: Clicks = field(default_factory=Clicks)
    backup: Backup = field(default_factory=Backup)
    outbound: Outbound = field(default_factory=Outbound)
    mail: Mail = field(default_factory=Mail)
    files: Files = field(default_factory=Files)
    firehose: Firehose = field(default_factory=Firehose)

    @property
    def data_dir(self) -> Path:
        return Path(self.data)

    @property
    def public_url(self) -> str:
        if self.server.public_url:
            return self.server.public_url.rstrip("/")
        host = {"0.0.0.0": "localhost", "::": "localhost"}.get(self.server.host, self.server.host)  # noqa: S104
        return f"http://{f'[{host}]' if ':' in host else host}:{self.server.port}"


SECTIONS: dict[str, type] = {name: kind for name, kind in get_type_hints(Config).items() if name != "data"}


class BadConfig(Exception):
    """A setting that cannot be used; the message names it."""


def load(
    file: Path | None = None,
    environ: Mapping[str, str] | None = None,
    overrides: Mapping[str, str | None] | None = None,
) -> Config:
    """Read the settings; `overrides` are of the form `{"server.port": "80", "data": None}` (None: not given)."""
    given = {name: value for name, value in (overrides or {}).items() if value is not None}
    variables = {name: text for name, text in (environ or {}).items() if name.startswith("ROUTY_")}
    data = given.pop("data", None) or variables.pop("ROUTY_DATA", None) or "data"
    file = file or _named(variables.pop("ROUTY_CONFIG", None)) or _beside(Path(data))
    values = _read_file(file) if file else {}
    values.update(_from_variables(variables))
    values.update(given)
    config = Config(data=data, **_sections(values))
    _expect_url("server.public_url", config.public_url)
    if not re.fullmatch(r"[1-9][0-9]{0,5}(MB|GB)", config.clicks.memory_limit):
        raise BadConfig("clicks.memory_limit must be of the form 512MB or 2GB")
    _expect_networks("server.trusted_proxies", config.server.trusted_proxies)
    _expect_networks("outbound.allowed_networks", config.outbound.allowed_networks)
    return config


def _named(text: str | None) -> Path | None:
    return Path(text) if text else None


def _beside(data: Path) -> Path | None:
    file = data / "config.toml"
    return file if file.is_file() else None


def _read_file(file: Path) -> dict[str, Any]:
    try:
        tree = tomllib.loads(file.read_text())
    except OSError as error:
        raise BadConfig(f"{file}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadConfig(f"{file}: {error}") from None
    flat: dict[str, Any] = {}
    for section, names in tree.items():
        if not isinstance(names, dict):
            raise BadConfig(f"{file}: {section} stands outside a section")
        flat.update({f"{section}.{name}": value for name, value in names.items()})
    return flat


def _from_variables(variables: Mapping[str, str]) -> dict[str, str]:
    """`ROUTY_SERVER_PORT=80` → `{"server.port": "80"}`."""
    found = {}
    for variable, text in variables.items():
        section, _, name = variable.removeprefix("ROUTY_").lower().partition("_")
        found[f"{section}.{name}"] = text
    return found


def _sections(values: Mapping[str, Any]) -> dict[str, Any]:
    chosen: dict[str, dict[str, Any]] = {section: {} for section in SECTIONS}
    for name, value in values.items():
        section, _, key = name.partition(".")
        kind = SECTIONS.get(section)
        if kind is None or key not in {f.name for f in dataclasses.fields(kind)}:
            raise BadConfig(f"there is no setting {name}")
        chosen[section][key] = _convert(kind, key, value)
    return {section: SECTIONS[section](**names) for section, names in chosen.items()}


def _convert(kind: type, key: str, value: Any) -> Any:
    where = f"{kind.__name__.lower()}.{key}"
    wanted = get_type_hints(kind)[key]
    metadata = next(f.metadata for f in dataclasses.fields(kind) if f.name == key)
    value = _as_number(where, value) if wanted is int else _as_truth(value) if wanted is bool else value
    if wanted not in (int, str, bool):
        value = (
            tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value
        )
        if not isinstance(value, list | tuple) or not all(isinstance(part, str) for part in value):
            raise BadConfig(f"{where} must be a list of texts")
        return tuple(value)
    if not isinstance(value, wanted):
        raise BadConfig(f"{where} must be of the kind {wanted.__name__}")
    if metadata["choices"] and value not in metadata["choices"]:
        raise BadConfig(f"{where} must be one of {', '.join(metadata['choices'])}")
    if metadata["least"] is not None and value < metadata["least"]:
        raise BadConfig(f"{where} must be at least {metadata['least']}")
    if metadata["most"] is not None and value > metadata["most"]:
        raise BadConfig(f"{where} must be at most {metadata['most']}")
    return value


def _expect_url(where: str, text: str) -> None:
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises for one that is no port
        fine = (
            parts.scheme in ("http", "https")
            and parts.hostname
            and not (parts.path or parts.username or " " in text)
        )
    except ValueError:
        fine = False
    if not fine:
        raise BadConfig(f"{where} must be of the form https://go.example, without a path")


def _expect_networks(where: str, listed: tuple[str, ...]) -> None:
    for text in listed:
        try:
            ipaddress.ip_network(text, strict=False)
        except ValueError:
            raise BadConfig(f"{where} must hold addresses or networks, and {text} is none") from None


def _as_number(where: str, value: Any) -> int:
    try:
        if isinstance(value, bool):
            raise ValueError
        return int(value)
    except (TypeError, ValueError):
        raise BadConfig(f"{where} must be a whole number") from None


def _as_truth(value: Any) -> Any:
    """A variable says true or false as text."""
    return {"true": True, "false": False}.get(value.lower(), value) if isinstance(value, str) else value


def example() -> str:
    """The text of config.example.toml."""
    lines = ["# Every setting of Routy with its default. Copy to data/config.toml, or name a file with --config."]
    lines += ["# Each can also be given as a variable: ROUTY_SERVER_PORT=80. Generated from routy/config.py."]
    for section, kind in SECTIONS.items():
        lines += ["", f"# {kind.__doc__}", f"[{section}]"]
        for entry in dataclasses.fields(kind):
            lines += [f"# {entry.metadata['doc']}", f"{entry.name} = {_toml(entry.default)}"]
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml(part) for part in value) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value).lower()

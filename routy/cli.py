"""The command line. `routy.py` hands over to `main`; each command is one function here.

Commands that only need the record store work beside a running server, which notices within a second. Those that
need the click store ask the running server over its socket, and open the files themselves when none runs.
"""

import argparse
import getpass
import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from routy import __version__, app, backup, check, config, control, holding, log, scopes, serving, tail, transfer
from routy.api.endpoints import ENDPOINTS, description
from routy.api.promises import promises
from routy.clock import iso, parse_iso, system_clock
from routy.config import BadConfig, Config
from routy.errors import RoutyError
from routy.passwords import hash_password
from routy.records import beginning, parameters, parse, read, write
from routy.resource import Actor
from routy.resources.exports import Format
from routy.resources.memberships import RANK
from routy.resources.tokens import Token
from routy.resources.users import User
from routy.secret import random_password
from routy.store.migrate import Edited, migrate
from routy.store.sqlite import NotAStore, Records


class Exit(Exception):
    """Say this on stderr and end with status 1."""


def main(arguments: Sequence[str] | None = None) -> int:
    os.umask(0o077)  # what lies in a data directory or a backup is for its owner alone
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["test"]:
        return check.run(given[1:])
    if given[:1] == ["bench"]:
        return subprocess.call([sys.executable, "-m", "bench", *given[1:]], cwd=check.ROOT)  # noqa: S603
    asked = _parser().parse_args(given)
    try:
        settings = config.load(asked.config and Path(asked.config), os.environ, _overrides(asked))
        return int(asked.run(asked, settings) or 0)
    except (
        Exit,
        BadConfig,
        holding.Held,
        Edited,
        control.Failed,
        transfer.Failed,
        backup.Damaged,
        NotAStore,
    ) as error:
        print(f"routy: {error}", file=sys.stderr)
    except RoutyError as error:
        print(f"routy: {error.message}", file=sys.stderr)
    except OSError as error:  # a directory that cannot be written to, a full disk
        print(f"routy: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("routy: stopped", file=sys.stderr)
    return 1


def _overrides(asked: argparse.Namespace) -> dict[str, str | None]:
    given = {
        "data": asked.data,
        "server.host": getattr(asked, "host", None),
        "server.port": getattr(asked, "port", None),
    }
    if getattr(asked, "demo", False) and asked.data is None:
        given["data"] = "demo-data"
    return given


# ---- serve


def serve(asked: argparse.Namespace, settings: Config) -> int:
    log.configure(logging.DEBUG if asked.verbose else logging.INFO)
    return serving.serve(settings, asked.demo)


# ---- tokens and users


def token_create(asked: argparse.Namespace, settings: Config) -> None:
    """Prints the token alone on stdout."""
    body: dict[str, Any] = {"name": asked.name, "scopes": [scope.strip() for scope in asked.scopes.split(",")]}
    if asked.expires:
        body["expires_at"] = iso(_moment("--expires", asked.expires))
    if asked.rate is not None:
        body["rate_per_minute"] = asked.rate
    records = _records(settings)
    values = parse.creation(Token.fields, body)
    with records.transaction(system_clock()) as tx:
        made = write.create(tx, _owner(records), Token, values)
    print(made["secret"])


def token_list(asked: argparse.Namespace, settings: Config) -> None:
    records = _records(settings)
    query = parameters.parse(Token, [("limit", "1000"), *([("q", asked.search)] if asked.search else [])])
    for row in read.page(records, _owner(records), Token, query).rows:
        used = iso(row["last_used_at"]) if row["last_used_at"] else "never used"
        print("\t".join((row["id"], row["hint"] + "…", row["name"], ",".join(row["scopes"]), used)))


def token_revoke(asked: argparse.Namespace, settings: Config) -> None:
    records = _records(settings)
    with records.transaction(system_clock()) as tx:
        write.delete(tx, _owner(records), Token, asked.id)


def user_create(asked: argparse.Namespace, settings: Config) -> None:
    """The first user becomes the owner, whatever role was named."""
    records = _records(settings)
    password, made_up = _password(asked)
    values = parse.creation(
        User.fields, {"email": asked.email, "name": asked.name, "password": password, "role": asked.role}
    )
    values["password"] = hash_password(values["password"])
    with records.transaction(system_clock()) as tx:
        if tx.one("/* users.any */ SELECT 1 FROM users LIMIT 1") is None:
            user = beginning.make_owner(tx, beginning.SYSTEM, None, values, {})
        else:
            user = write.create(tx, _owner(records), User, values)
    if made_up:
        print(f"password: {password}", file=sys.stderr)
    print(user["id"])


def _password(asked: argparse.Namespace) -> tuple[str, bool]:
    """The password, and whether we have made it up."""
    if asked.password_stdin:
        return sys.stdin.readline().rstrip("\n"), False
    if sys.stdin.isatty():
        return getpass.getpass("Password: "), False
    return random_password(), True


def _moment(option: str, text: str) -> int:
    try:
        return parse_iso(text)
    except ValueError as error:
        raise Exit(f"{option} {error}") from None


def _owner(records: Records) -> Actor:
    """The owner of the oldest workspace, in whose name the command line acts."""
    row = records.one(
        "/* memberships.owner */ SELECT m.user_id, m.workspace_id FROM memberships m"
        " JOIN users u ON u.id = m.user_id AND u.deleted_at IS NULL"
        " JOIN workspaces w ON w.id = m.workspace_id AND w.deleted_at IS NULL"
        " WHERE m.role = 'owner' AND m.deleted_at IS NULL ORDER BY w.key, m.key LIMIT 1"
    )
    if row is None:
        raise Exit("nobody is set up yet: open the setup link, or run: routy.py user create --email … --name …")
    actor = beginning.system_of(row["workspace_id"])
    return replace(actor, id=row["user_id"], user_id=row["user_id"], scopes=scopes.ROLES["owner"])


def _records(settings: Config) -> Records:
    """The record store of an installation that is there."""
    _expect_installation(settings)
    return Records(settings.data_dir / app.RECORDS)


def _expect_installation(settings: Config) -> None:
    """A mistyped directory must not become an empty installation that is then backed up for years."""
    if not (settings.data_dir / app.RECORDS).is_file():
        raise Exit(f"there is no Routy in {settings.data_dir} yet: start it once with routy.py serve")


# ---- the contract


def openapi(asked: argparse.Namespace, settings: Config) -> None:
    if asked.promises:
        print("\n".join(promises(description())))
    else:
        print(json.dumps(description(), indent=1, ensure_ascii=False))


def routes(asked: argparse.Namespace, settings: Config) -> None:
    for endpoint in ENDPOINTS:
        scope = "open" if endpoint.scope is None else endpoint.scope or "any credential"
        print(f"{endpoint.method:7}{endpoint.path:44}{scope:18}{endpoint.doc}")


# ---- the data directory


def migrate_(asked: argparse.Namespace, settings: Config) -> None:
    _expect_installation(settings)
    with holding.held(settings.data_dir, "migrate"):
        done = migrate(Records(settings.data_dir / app.RECORDS), system_clock())
    print("\n".join(done) or "nothing to do")


def backup_(asked: argparse.Namespace, settings: Config) -> None:
    _expect_installation(settings)
    to = Path(asked.to).absolute()
    earlier = str(Path(asked.since).absolute()) if asked.since else ""
    if holding.is_held(settings.data_dir):
        print(json.dumps(control.ask(settings.data_dir, "backup", to=str(to), since=earlier), indent=1))
        return
    with app.opened(settings, "backup") as routy:
        print(json.dumps(routy.backup(to, earlier), indent=1))


def restore(asked: argparse.Namespace, settings: Config) -> None:
    with holding.held(settings.data_dir, "restore"):
        aside = backup.restore(Path(asked.source), settings.data_dir, system_clock())
    print(f"restored; what was there before lies in {aside}" if aside else "restored")


def verify(asked: argparse.Namespace, settings: Config) -> int:
    _expect_installation(settings)
    if holding.is_held(settings.data_dir):
        found = control.ask(settings.data_dir, "verify", repair=asked.repair)
    else:
        with app.opened(settings, "verify") as routy:
            found = routy.verify(asked.repair)
    print(json.dumps(found, indent=1))
    return 0 if found["ok"] else 1


def archive(asked: argparse.Namespace, settings: Config) -> None:
    _expect_installation(settings)
    to = str(Path(asked.to).absolute())
    if holding.is_held(settings.data_dir):
        print(json.dumps(control.ask(settings.data_dir, "export", month=asked.month, to=to), indent=1))
        return
    with app.opened(settings, "archive") as routy:
        print(json.dumps(routy.export(asked.month, Path(to)), indent=1))


def export(asked: argparse.Namespace, settings: Config) -> None:
    source = {"report": "reports"}.get(asked.source, asked.source.replace("-", "_"))
    if source[:4].isdigit():
        raise Exit(f"a month is archived by: routy.py archive {source.replace('_', '-')} DIR")
    form = asked.format or Path(asked.to).suffix.removeprefix(".") or "csv"
    body = {"source": source, "query": asked.query, "format": form}
    records = _records(settings)
    rows = transfer.export(settings, records, _owner(records), body, asked.to)
    print(f"{rows:,} rows", file=sys.stderr)


def import_(asked: argparse.Namespace, settings: Config) -> int:
    """0 where every row was taken."""
    pairs = [text.partition("=") for text in asked.map]
    if wrong := [field + sign for field, sign, column in pairs if not (field and sign and column)]:
        raise Exit(f"--map {wrong[0]} must be of the form FIELD=COLUMN")
    records = _records(settings)
    body = {
        "resource": asked.resource.replace("-", "_"),
        "mapping": {field: column for field, _, column in pairs},
        "atomic": asked.atomic,
        "upsert": not asked.no_upsert,
    }
    done = transfer.import_(settings, records, _owner(records), body, Path(asked.file), asked.dry_run)
    for row in transfer.refused(records, done):
        told = "; ".join(f"{name}: {text}" for name, text in json.loads(row["errors"]).items())
        print(f"line {row['line']}: {told}")
    words = ("created", "updated", "unchanged", "failed")
    counted = ", ".join(f"{done[f'{word}_rows']:,} {word}" for word in words)
    print(
        f"{'tried' if asked.dry_run else done['status']}: {counted}{'; ' + done['error'] if done['error'] else ''}"
    )
    print(done["id"])
    return 1 if done["failed_rows"] or done["error"] else 0


def tail_(asked: argparse.Namespace, settings: Config) -> None:
    _expect_installation(settings)
    try:
        filters = tail.filters_of(asked.filter)
    except ValueError as error:
        raise Exit(str(error)) from None
    if not holding.is_held(settings.data_dir):
        raise Exit(f"no server runs on {settings.data_dir}: there is nothing to follow")
    tail.tail(settings.data_dir, asked.stream, filters, asked.json, sys.stdout)


def reclassify(asked: argparse.Namespace, settings: Config) -> None:
    _expect_installation(settings)
    since = _moment("--since", asked.since)
    if holding.is_held(settings.data_dir):
        print(json.dumps(control.ask(settings.data_dir, "reclassify", since=since), indent=1))
        return
    with app.opened(settings, "reclassify") as routy:
        print(json.dumps(routy.reclassify(since), indent=1))


# ---- arguments


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--data", metavar="DIR", help="the data directory (default: data)")
    common.add_argument("--config", metavar="FILE", help="a TOML file of settings")
    parser = argparse.ArgumentParser(prog="routy.py", description="Self-hosted link tracking.")
    parser.add_argument("--version", action="version", version=f"Routy {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, run: Callable[..., Any], text: str, under: Any = commands) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = under.add_parser(name, help=text, description=text, parents=[common])
        made.set_defaults(run=run)
        return made

    _add_serve(add)
    _add_people(add, commands)
    made = add("openapi", openapi, "Print the OpenAPI document.")
    made.add_argument("--promises", action="store_true", help="print the lines that v1 promises instead")
    add("routes", routes, "Print every API endpoint with its scope.")
    add("migrate", migrate_, "Bring the record store to this version.")
    made = add("backup", backup_, "Copy everything into a directory.")
    made.add_argument("to", metavar="DIR")
    made.add_argument("--since", metavar="EARLIER", help="link what has not changed since this backup")
    add("restore", restore, "Replace the data by a backup.").add_argument("source", metavar="DIR")
    made = add("verify", verify, "Compare spool, ledgers, rows and roll-ups.")
    made.add_argument("--repair", action="store_true", help="derive anew what is derived and wrong")
    made = add("archive", archive, "Write a month of clicks as a Parquet file with a manifest.")
    made.add_argument("month", metavar="MONTH", help="such as 2026-10")
    made.add_argument("to", metavar="DIR")
    _add_files(add)
    made = add("tail", tail_, "Follow clicks or events of a running server.")
    made.add_argument("stream", choices=tail.STREAMS)
    made.add_argument("--json", action="store_true", help="a JSON object a line instead of columns")
    made.add_argument("--filter", action="append", default=[], metavar="NAME=VALUE", help="as lists have them")
    made = add("reclassify", reclassify, "Judge clicks again, by the rules and lists of this version.")
    made.add_argument("--since", required=True, metavar="DATE", help="from the beginning of this day (UTC) on")
    commands.add_parser("bench", help="Measure; --all for everything, --json for machines.")
    commands.add_parser("test", help="Run everything that CI runs; further arguments go to pytest.")
    return parser


def _add_serve(add: Callable[..., argparse.ArgumentParser]) -> None:
    made = add("serve", serve, "Run the server.")
    made.add_argument("--host", help="the address to listen on")
    made.add_argument("--port", help="the port to listen on")
    made.add_argument("--demo", action="store_true", help="a year of invented links and clicks, in demo-data")
    made.add_argument("--verbose", action="store_true", help="say more on stderr")


def _add_files(add: Callable[..., argparse.ArgumentParser]) -> None:
    made = add("export", export, "Write a list or a report into a file, as the owner.")
    made.add_argument("source", metavar="LIST", help="links, clicks, audit-entries …, or report")
    made.add_argument("--query", default="", metavar="a=b&c=d", help="filters, fields and sort, as in a URL")
    made.add_argument("--format", choices=get_args(Format), help="else by the name of the file")
    made.add_argument("--to", required=True, metavar="FILE", help="- is standard output")
    made = add("import", import_, "Make records out of a CSV or NDJSON file, as the owner.")
    made.add_argument("resource", metavar="LIST", help="links, tags, domains …")
    made.add_argument("file", metavar="FILE")
    made.add_argument("--dry-run", action="store_true", help="judge every row and store none")
    made.add_argument("--map", action="append", default=[], metavar="FIELD=COLUMN", help="beside what is guessed")
    made.add_argument("--atomic", action="store_true", help="all rows or none")
    made.add_argument("--no-upsert", action="store_true", help="refuse rows whose external_id is there")


def _add_people(add: Callable[..., argparse.ArgumentParser], commands: Any) -> None:
    token = commands.add_parser("token", help="Tokens of the API.").add_subparsers(required=True, metavar="COMMAND")
    made = add("create", token_create, "Make a token, as the owner; prints it alone.", token)
    made.add_argument("--name", required=True)
    made.add_argument("--scopes", required=True, help="comma-separated, or a preset: read-only, full")
    made.add_argument("--expires", metavar="DATE")
    made.add_argument("--rate", type=int, metavar="PER_MINUTE", help="requests a minute; 0: no limit")
    add("list", token_list, "List the tokens.", token).add_argument("--search", metavar="TEXT")
    add("revoke", token_revoke, "Revoke a token for good.", token).add_argument("id")
    user = commands.add_parser("user", help="People who log in.").add_subparsers(required=True, metavar="COMMAND")
    made = add("create", user_create, "Make a user; the first one becomes the owner.", user)
    made.add_argument("--email", required=True)
    made.add_argument("--name", required=True)
    made.add_argument("--role", default="viewer", choices=list(RANK))
    made.add_argument("--password-stdin", action="store_true", help="read the password from standard input")


if __name__ == "__main__":
    sys.exit(main())

"""The rules of the house, read from the code itself: who imports whom, one home for each dependency, nothing
undocumented, nothing untested."""

import ast
import importlib
import inspect
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from routy import config
from routy.api.endpoints import ENDPOINTS, description
from routy.clock import system_clock
from routy.errors import RoutyError
from routy.resource import Field, Record, Resource
from routy.resources import RESOURCES
from routy.scopes import SCOPES
from routy.store.migrate import migrate
from routy.store.sqlite import Records
from tests.resources.samples import COMES_ABOUT, having

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "routy").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))

# ---- who may import whom. A group is a folder of routy/, or a module that stands beside them.


def words(text: str) -> list[str]:
    return text.split()


GROUND = "errors ids clock days log config paths secret scopes formats __version__"
SHARED = f"{GROUND} resource resources store records deliveries passwords signing outbound"
MAY_IMPORT = {
    **dict.fromkeys(words("errors ids clock days log config paths secret scopes formats"), GROUND),
    "resource": GROUND,
    "resources": f"{GROUND} resource",
    "store": GROUND,
    **dict.fromkeys(words("records deliveries passwords signing outbound backup holding control"), SHARED),
    "polling": "",
    "server": f"{SHARED} polling",
    **dict.fromkeys(words("clicks money reports public webhooks imports exports alerts mail"), SHARED),
    "api": SHARED,
    "dashboard": GROUND,
    "front": f"{GROUND} clicks",
    "edge": f"{GROUND} server",
    "supervisor": "",
    "tail": f"{GROUND} control",
    "demo": f"{SHARED} clicks",
    "work": f"{SHARED} clicks webhooks imports exports alerts mail api control",
    "app": f"{SHARED} clicks reports public webhooks imports exports alerts mail api dashboard front work "
    "backup control holding",
    "serving": f"{SHARED} app front server supervisor demo holding",
    "check": GROUND,
    "transfer": f"{SHARED} app exports imports holding",
    "cli": f"{SHARED} transfer app serving api backup check control holding tail",
}
STDLIB_ONLY = words(
    "errors ids clock days log config paths secret scopes formats holding control backup check front supervisor "
    "serving tail cli app"
)

HOMES = {
    "apsw": ["store.sqlite"],
    "duckdb": ["store.cursors", "store.duck"],
    "bottle": ["api.routes", "dashboard.pages"],
    "waitress": ["polling", "server"],
    "granian": ["edge"],
    "jinja2": ["dashboard.pages"],
    "jwt": ["signing"],
    "urllib3": ["outbound"],
    "dns": ["outbound"],
    "argon2": ["passwords"],
    "cryptography": ["webhooks.sealing"],
    "segno": ["api.qr"],
    "PIL": ["api.qr"],
    "prometheus_client": ["api.metrics"],
    "crawleruseragents": ["clicks.agent"],
    "ua_parser": ["clicks.agent"],
    "ua_parser_rs": ["clicks.agent"],
    "iptocc": ["clicks.geo"],
    "maxminddb": ["clicks.mmdb"],
    "xlsxwriter": ["exports.sheets"],
}
EVERYWHERE = ("msgspec",)


def name_of(file: Path) -> str:
    """`api.routes` for routy/api/routes.py; empty for routy/__init__.py."""
    parts = file.relative_to(ROOT / "routy").with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(), str(file))


def imports(file: Path) -> Iterator[str]:
    """The modules that a file names, however it imports them: `routy.api.routes`, `apsw`."""
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: imports are absolute"
            whole = node.module in ("routy", *(f"routy.{group}" for group in MAY_IMPORT))
            yield from (f"{node.module}.{alias.name}" if whole else str(node.module) for alias in node.names)


def group_of(module: str) -> str:
    return module.removeprefix("routy.").partition(".")[0]


@pytest.mark.parametrize("file", MODULES, ids=name_of)
def test_a_module_imports_only_what_lies_below_it(file: Path) -> None:
    mine = group_of(name_of(file))
    ours = {group_of(module) for module in imports(file) if module.startswith("routy")}
    assert not mine or mine in MAY_IMPORT, f"{mine} has no place among the layers yet"
    assert ours - {mine} <= set(MAY_IMPORT.get(mine, "").split())


@pytest.mark.parametrize("file", MODULES, ids=name_of)
def test_the_ground_stands_on_the_standard_library_alone(file: Path) -> None:
    if group_of(name_of(file)) in STDLIB_ONLY:
        assert foreign(file) == set()


def foreign(file: Path) -> set[str]:
    tops = {module.partition(".")[0] for module in imports(file)}
    return tops - {"routy", *sys.stdlib_module_names}


def test_every_dependency_has_one_home() -> None:
    found: dict[str, list[str]] = {}
    for file in MODULES:
        for module in foreign(file) - set(EVERYWHERE):
            found.setdefault(module, []).append(name_of(file))
    assert found == HOMES


def test_the_stores_know_no_resource_and_a_resource_no_store() -> None:
    for file in MODULES:
        groups = {group_of(module) for module in imports(file) if module.startswith("routy")}
        if group_of(name_of(file)) == "store":
            assert not groups & {"resource", "resources", "records"}
        if group_of(name_of(file)) in ("resource", "resources"):
            assert not groups & {"store", "records", "api"}


@pytest.mark.parametrize("file", MODULES, ids=name_of)
def test_no_import_hides_in_a_function(file: Path) -> None:
    functions = [
        node for node in ast.walk(tree_of(file)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    hidden = [
        node.lineno for one in functions for node in ast.walk(one) if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert hidden == []


# ---- how a module is written

LONGEST = 450
BANNED = {
    "manager",
    "service",
    "helper",
    "helpers",
    "utils",
    "util",
    "common",
    "core",
    "base",
    "handler",
    "processor",
}
BANNED |= {"data", "info", "misc"}


@pytest.mark.parametrize("file", MODULES, ids=name_of)
def test_a_module_is_short_and_says_what_it_is_for(file: Path) -> None:
    assert ast.get_docstring(tree_of(file)), "it has no docstring"
    assert len(file.read_text().splitlines()) <= LONGEST


@pytest.mark.parametrize("file", MODULES, ids=name_of)
def test_names_say_what_a_thing_is(file: Path) -> None:
    classes = [node.name for node in ast.walk(tree_of(file)) if isinstance(node, ast.ClassDef)]
    words = {word.lower() for name in classes for word in re.findall(r"[A-Z][a-z]*", name)}
    assert not words & BANNED
    assert not set(re.split(r"[._]", name_of(file))) & BANNED


STATEMENT = re.compile(r"\s*(SELECT|INSERT INTO|INSERT OR|UPDATE|DELETE FROM|REPLACE INTO|WITH)\s", re.ASCII)
LABEL = re.compile(r"\s*/\* [\w{}]+(\.[\w{}]+)+ \*/\s", re.ASCII)
PARTS_OF_STATEMENTS = {  # they stand inside of labelled ones, or run whatever they are given
    "clicks.generations": 3,
    "records.query": 3,
    "records.write": 1,
    "reports.build": 10,
    "reports.run": 1,
    "store.months": 1,
    "store.sqlite": 2,
    "store.duck": 3,
}


def texts(node: ast.AST) -> Iterator[str]:
    """Every string as it is written, an f-string as one with {} for its values; no docstrings."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            continue
        if isinstance(child, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in child.values)
        if isinstance(child, ast.Constant) and isinstance(child.value, str):
            yield child.value
        yield from texts(child) if not isinstance(child, ast.JoinedStr) else ()


def test_every_statement_says_who_it_is() -> None:
    bare: dict[str, list[str]] = {}
    for file in MODULES:
        for text in texts(tree_of(file)):
            if STATEMENT.match(text) and not LABEL.match(text):
                bare.setdefault(name_of(file), []).append(text[:60])
    allowed = {name: found for name, found in bare.items() if len(found) <= PARTS_OF_STATEMENTS.get(name, 0)}
    assert {name: found for name, found in bare.items() if name not in allowed} == {}


def test_every_statement_in_a_file_says_who_it_is() -> None:
    for file in (ROOT / "routy").rglob("*.sql"):
        assert file.read_text().lstrip().startswith(("--", "/*")), f"{file.name} does not say what it is"


# ---- settings, endpoints, resources: all documented


def test_the_example_of_settings_is_what_the_code_says() -> None:
    assert (ROOT / "config.example.toml").read_text() == config.example()


def test_every_setting_is_documented_with_its_default() -> None:
    text = (ROOT / "docs/configuration.md").read_text()
    rows = dict(re.findall(r"^\| `([\w.]+)` \| `([^`]*)` \|", text, re.M))
    assert rows == dict(settings_of_the_example())


def settings_of_the_example() -> Iterator[tuple[str, str]]:
    """Each as it stands there: `("server.host", '"127.0.0.1"')`."""
    section = ""
    for line in config.example().splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and line[0] != "#":
            name, _, default = line.partition(" = ")
            yield f"{section}.{name}", default


def test_every_endpoint_is_described() -> None:
    paths = description()["paths"]
    listed = {(endpoint.method.lower(), endpoint.path) for endpoint in ENDPOINTS}
    described = {(method, path) for path, methods in paths.items() for method in methods if method != "servers"}
    assert listed == described
    operations = [paths[path][method] for method, path in listed]
    assert all(len(one["summary"]) > 6 and one["responses"] and one["operationId"] for one in operations)
    assert len({one["operationId"] for one in operations}) == len(operations)
    assert all(parameter["schema"] for one in operations for parameter in one["parameters"])
    assert all(endpoint.doc.endswith(".") for endpoint in ENDPOINTS)


def test_every_scope_and_every_error_is_described() -> None:
    text, guide = str(description()), (ROOT / "docs/api.md").read_text()
    for scope in SCOPES:
        assert scope in text
    for kind in kinds(RoutyError):
        assert kind.code in text and kind.code in guide, kind.code


def kinds(kind: type[RoutyError]) -> Iterator[type[RoutyError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from kinds(child)


def every_field() -> list[tuple[str, Field]]:
    return [(f"{r.plural}.{f.name}", f) for r in RESOURCES.values() for f in r.fields.values() if not f.hidden]


@pytest.mark.parametrize(("name", "field"), every_field(), ids=lambda one: one if isinstance(one, str) else "")
def test_every_field_is_described(name: str, field: Field) -> None:
    assert field.doc and field.doc[-1] in ".;:"


@pytest.mark.parametrize("resource", RESOURCES.values(), ids=lambda one: one.plural)
def test_every_resource_has_a_file_a_doc_and_samples(resource: type[Resource]) -> None:
    assert resource.__module__ == f"routy.resources.{resource.plural}"
    assert resource.__doc__ and "." in resource.__doc__
    assert resource in having("list").args[1], "the contract tests do not see it"
    assert ("create" in resource.operations) != (resource.plural in COMES_ABOUT)


def test_every_resource_is_in_the_table_of_contents() -> None:
    for file in (ROOT / "routy/resources").glob("[a-z]*.py"):
        importlib.import_module(f"routy.resources.{file.stem}")
    declared = {kind for parent in (Resource, Record) for kind in parent.__subclasses__() if kind is not Record}
    assert declared == set(RESOURCES.values())
    assert len({kind.prefix for kind in declared}) == len(declared)


# ---- the schema


def schema(records: Records) -> dict[tuple[str, str], str]:
    rows = records.rows("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name <> 'migrations'")
    return {(row["type"], row["name"]): re.sub(r"\s*([(),]|\s)\s*", r"\1", row["sql"]) for row in rows}


def test_the_written_schema_is_what_the_migrations_add_up_to(tmp_path: Path) -> None:
    migrated, written = Records(tmp_path / "migrated.db"), Records(tmp_path / "written.db")
    migrate(migrated, system_clock())
    written.script((ROOT / "routy/store/schema.sql").read_text())
    assert schema(migrated) == schema(written)
    for records in (migrated, written):
        records.close()


# ---- what is packed


def test_the_package_lists_all_of_its_parts() -> None:
    packed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    there = {".".join(file.parent.relative_to(ROOT).parts) for file in MODULES if file.name == "__init__.py"}
    assert set(packed["packages"]) == there
    others = {file for file in (ROOT / "routy").rglob("*") if file.is_file() and file.suffix not in (".py", ".pyc")}
    covered = {
        found
        for package, patterns in packed["package-data"].items()
        for pattern in patterns
        for found in (ROOT / package.replace(".", "/")).glob(pattern)
    }
    assert others == covered


def test_every_dependency_is_pinned_and_every_pin_is_exact() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pins = [
        *project["dependencies"],
        *(pin for extra in project["optional-dependencies"].values() for pin in extra),
    ]
    assert all(re.fullmatch(r"[a-z0-9._-]+(\[[a-z,]+\])?==[\w.]+", pin) for pin in pins), pins
    names = {pin.partition("==")[0].partition("[")[0] for pin in pins}
    assert len(names) == len(set(pins)), "one of them is pinned to two versions"


# ---- the tests themselves


def written_in(file: Path) -> list[ast.FunctionDef]:
    return [
        node for node in ast.walk(tree_of(file)) if isinstance(node, ast.FunctionDef) and node.name[:5] == "test_"
    ]


def called(node: ast.AST) -> set[str]:
    calls = [one.func for one in ast.walk(node) if isinstance(one, ast.Call)]
    return {
        one.id if isinstance(one, ast.Name) else one.attr
        for one in calls
        if isinstance(one, ast.Name | ast.Attribute)
    }


@cache
def asserting() -> frozenset[str]:
    """The names of functions in tests/ that assert something, themselves or through others."""
    functions = [one for file in TESTS for one in ast.walk(tree_of(file)) if isinstance(one, ast.FunctionDef)]
    found = {one.name for one in functions if any(isinstance(node, ast.Assert) for node in ast.walk(one))}
    found |= {"raises", "unchanged"}
    while more := {one.name for one in functions if one.name not in found and called(one) & found}:
        found |= more
    return frozenset(found)


@pytest.mark.parametrize("file", [file for file in TESTS if written_in(file)], ids=lambda file: file.stem)
def test_every_test_asserts_something_and_its_name_is_a_sentence(file: Path) -> None:
    idle = [test.name for test in written_in(file) if test.name not in asserting()]
    assert idle == []
    assert [
        test.name for test in written_in(file) if test.name.count("_") < 3 and file.name != "test_check.py"
    ] == []


@pytest.mark.parametrize("file", TESTS, ids=lambda file: file.stem)
def test_no_test_mocks_what_is_ours(file: Path) -> None:
    assert not {module for module in imports(file) if module.startswith(("unittest", "mock", "pytest_mock"))}


def test_every_function_that_a_resource_marks_has_a_purpose() -> None:
    rules = [rule for kind in RESOURCES.values() for rule in (*kind.fills, *kind.checks, *kind.effects)]
    assert all(len(inspect.signature(rule).parameters) == 4 for rule in rules)
    assert all(computed.doc for kind in RESOURCES.values() for computed in kind.computed)

"""Settings: from where, in which order, and what is refused."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from routy.config import SECTIONS, BadConfig, Config, example, load


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "routy.toml"
    file.write_text(text)
    return file


def test_without_anything_the_defaults_hold() -> None:
    assert load() == Config()
    assert load().public_url == "http://127.0.0.1:8787"
    assert load().data_dir == Path("data")


def test_the_example_is_the_defaults(tmp_path: Path) -> None:
    assert load(written(tmp_path, example())) == Config()


def test_later_places_win(tmp_path: Path) -> None:
    file = written(tmp_path, '[server]\nport = 1\nhost = "file"\nthreads = 20\n')
    variables = {"ROUTY_SERVER_PORT": "2", "ROUTY_SERVER_HOST": "variable", "PATH": "x", "ROUTYX": "y"}
    found = load(file, variables, {"server.port": "3", "server.host": None})
    assert (found.server.port, found.server.host, found.server.threads) == (3, "variable", 20)


def test_the_file_in_the_data_directory_is_read_by_itself(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[server]\nport = 5\n")
    assert load(overrides={"data": str(tmp_path)}).server.port == 5
    assert load(environ={"ROUTY_DATA": str(tmp_path)}).server.port == 5
    other = written(tmp_path, "[server]\nport = 6\n")
    assert load(environ={"ROUTY_DATA": str(tmp_path), "ROUTY_CONFIG": str(other)}).server.port == 6
    assert load(other, {"ROUTY_DATA": str(tmp_path)}).server.port == 6


@pytest.mark.parametrize("section", SECTIONS)
def test_every_setting_can_be_a_variable(section: str) -> None:
    for field in dataclasses.fields(SECTIONS[section]):
        value = another(field.name, field.default, field.metadata["choices"])
        text = ", ".join(value) if isinstance(value, tuple) else str(value)
        found = load(environ={f"ROUTY_{section.upper()}_{field.name.upper()}": text})
        assert getattr(getattr(found, section), field.name) == value != field.default


def another(name: str, default: Any, choices: tuple[str, ...]) -> Any:
    """A value that is taken and is not the default."""
    known: dict[str, Any] = {"public_url": "https://go.example", "memory_limit": "1GB", "host": "0.0.0.0"}
    lists = ("trusted_proxies", "cors_origins", "allowed_networks")
    known |= dict.fromkeys(lists, ("10.0.0.0/8", "192.0.2.1"))
    known |= dict.fromkeys(("city_db", "asn_db", "directory", "username", "password", "sender"), "something")
    if choices:
        return next(choice for choice in choices if choice != default)
    if isinstance(default, bool):
        return not default
    return known[name] if name in known else default + 1


def test_lists_are_arrays_in_a_file_and_commas_in_a_variable(tmp_path: Path) -> None:
    file = written(tmp_path, '[api]\ncors_origins = ["https://a.example", "https://b.example"]\n')
    assert load(file).api.cors_origins == ("https://a.example", "https://b.example")
    variables = {"ROUTY_API_CORS_ORIGINS": "https://a.example , https://b.example,"}
    assert load(environ=variables).api.cors_origins == ("https://a.example", "https://b.example")
    assert load(environ={"ROUTY_API_CORS_ORIGINS": ""}).api.cors_origins == ()


def test_a_public_url_loses_its_last_slash() -> None:
    assert load(environ={"ROUTY_SERVER_PUBLIC_URL": "https://go.example/"}).public_url == "https://go.example"


WRONG_FILES = {
    "[server]\nprot = 1\n": "server.prot",
    "[servers]\nport = 1\n": "servers.port",
    "port = 1\n": "port",
    '[server]\nport = "x"\n': "server.port",
    "[server]\nport = true\n": "server.port",
    "[server]\nport = -1\n": "server.port",
    "[server]\nhost = 5\n": "server.host",
    "[server]\nthreads = 9\n": "server.threads",
    '[clicks]\nip = "some"\n': "clicks.ip",
    "[api]\ncors_origins = [1]\n": "api.cors_origins",
    "[api]\ncors_origins = 5\n": "api.cors_origins",
    "[server\n": "routy.toml",
    "\xff": "routy.toml",
}


@pytest.mark.parametrize("text", WRONG_FILES, ids=repr)
def test_a_wrong_file_is_refused_with_the_setting_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "routy.toml"
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(BadConfig, match=WRONG_FILES[text]):
        load(file)


WRONG_VALUES: dict[str, Any] = {
    "ROUTY_SERVER_PORT": ("x", "", "-1", "1.5", "65536", "99999"),
    "ROUTY_SERVER_NOTHING": ("1",),
    "ROUTY_NOTHING_AT_ALL": ("1",),
    "ROUTY_X": ("1",),
    "ROUTY_CLICKS_IP": ("", "all"),
    "ROUTY_CLICKS_SYNC_MS": ("0",),
    "ROUTY_SERVER_PUBLIC_URL": (
        "go.example",
        "ftp://go.example",
        "http://",
        "https://go example/",
        "https://a:b@go.example",
    ),
    "ROUTY_SERVER_TRUSTED_PROXIES": ("nobody", "10.0.0.0/99"),
    "ROUTY_CLICKS_MEMORY_LIMIT": ("much", "", "-1GB"),
}


@pytest.mark.parametrize("variable", WRONG_VALUES)
def test_a_value_that_cannot_be_used_is_refused_before_anything_starts(variable: str) -> None:
    for text in WRONG_VALUES[variable]:
        section, _, name = variable.removeprefix("ROUTY_").lower().partition("_")
        with pytest.raises(BadConfig, match=rf"{section}\.{name}"):
            load(environ={variable: text})
            print(f"{variable}={text} was taken")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match=r"none\.toml"):
        load(tmp_path / "none.toml")
    with pytest.raises(BadConfig, match=r"none\.toml"):
        load(environ={"ROUTY_CONFIG": str(tmp_path / "none.toml")})

"""Covers optionbus.config: four places laid over each other, and every way in which one of them can be wrong."""

import math
from pathlib import Path
from typing import Any

import pytest

from messages.errors import ConfigInvalid
from optionbus.config import Config, load


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    return tmp_path / "bot.toml"


def _refusal(file: Path | None = None, environment: dict[str, str] | None = None, **overrides: Any) -> ConfigInvalid:
    with pytest.raises(ConfigInvalid) as caught:
        load(file, environment=environment or {}, overrides=overrides)
    return caught.value


def test_without_any_source_the_defaults_hold() -> None:
    assert load(environment={}) == Config()


def test_each_place_wins_over_the_one_before(toml: Path) -> None:
    toml.write_text("[subscriptions]\nlimit = 5\nbuffer = 6\n[reconnect]\nbase_seconds = 7\n")
    environment = {"OPTIONBUS__SUBSCRIPTIONS__BUFFER": "60", "OPTIONBUS__RECONNECT__BASE_SECONDS": "70"}

    config = load(toml, environment=environment, overrides={"reconnect": {"base_seconds": 700}})

    assert config.subscriptions.limit == 5
    assert config.subscriptions.buffer == 60
    assert config.reconnect.base_seconds == 700.0
    assert config.reconnect.maximum_seconds == Config().reconnect.maximum_seconds


def test_json_is_read_where_the_name_says_so(tmp_path: Path) -> None:
    file = tmp_path / "bot.json"
    file.write_text('{"log": {"level": "DEBUG"}, "actors": ["mine:Bot"]}')

    config = load(file, environment={})

    assert (config.log.level, config.actors) == ("DEBUG", ("mine:Bot",))


def test_the_processs_own_environment_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPTIONBUS__SUBSCRIPTIONS__LIMIT", "8")

    assert load().subscriptions.limit == 8


def test_text_of_the_environment_becomes_what_is_meant() -> None:
    environment = {
        "OPTIONBUS__RECONNECT__MAX_FAILURES": "3",
        "OPTIONBUS__CONNECTION__URLS": "ws://127.0.0.1:1/, ws://127.0.0.1:2/",
        "OPTIONBUS__ACTORS": "",
        "OPTIONBUS__CONNECTION__PROXY": "socks5h://127.0.0.1:1080",
        "OPTIONBUS_SSID": "not a setting",
        "PATH": "nor this",
    }

    config = load(environment=environment)

    assert config.reconnect.max_failures == 3
    assert config.connection.urls == ("ws://127.0.0.1:1/", "ws://127.0.0.1:2/")
    assert config.connection.proxy == "socks5h://127.0.0.1:1080"
    assert config.actors == ()


def test_an_empty_section_changes_nothing(toml: Path) -> None:
    toml.write_text("[connection]\n[log]\n")

    assert load(toml, environment={"OPTIONBUS__LOG__LEVEL": "TRACE"}).log.level == "TRACE"
    assert load(environment={"OPTIONBUS__LOG__LEVEL": "TRACE"}, overrides={"log": {}}).log.level == "TRACE"


def test_the_source_is_the_file(toml: Path) -> None:
    toml.write_text("[subscriptions]\nlimit = 0\n")

    error = _refusal(toml)

    assert (error.source, error.path) == (str(toml), "subscriptions.limit")
    assert str(error) == f"{toml} at subscriptions.limit: Expected `int` >= 1."


def test_the_source_is_the_variable_that_wins_over_the_file(toml: Path) -> None:
    toml.write_text("[subscriptions]\nlimit = 4\nbuffer = 5\n")

    error = _refusal(toml, {"OPTIONBUS__SUBSCRIPTIONS__LIMIT": "many"})

    assert (error.source, error.path) == ("OPTIONBUS__SUBSCRIPTIONS__LIMIT", "subscriptions.limit")


def test_the_source_is_the_argument(toml: Path) -> None:
    toml.write_text("[subscriptions]\nlimit = 4\n")

    assert _refusal(toml, subscriptions={"limit": -1}).source == "argument"


@pytest.mark.parametrize(
    ("overrides", "path", "problem"),
    [
        ({"subscriptions": {"limt": 4}}, "subscriptions.limt", "Did you mean limit?"),
        ({"subscription": {"limit": 4}}, "subscription", "Did you mean subscriptions?"),
        ({"log": {"zzz": 1}}, "log.zzz", "There are: level."),
        ({"log": {"a.b": 1}}, "log.a.b", "There are: level."),
        ({"log": {"new\nline [0]`": 1}}, "log.new\nline [0]`", "There are: level."),
        ({1: {}}, "1", "There are: connection, "),
        ({"log": {"level": "info"}}, "log.level", "Give one of TRACE, DEBUG, INFO"),
        ({"log": {"level": {"is": "INFO"}}}, "log.level", "Expected `str`, got `object`"),
        ({"connection": 3}, "connection", "Expected `object`, got `int`"),
        ({"connection": {"urls": ["ws://a", 3]}}, "connection.urls[1]", "Expected `str`, got `int`"),
        ({"actors": "mine:Bot"}, "actors", "Expected `array`, got `str`"),
        ({"subscriptions": {"limit": 4.5}}, "subscriptions.limit", "Expected `int`, got `float`"),
        ({"subscriptions": {"limit": True}}, "subscriptions.limit", "Expected `int`, got `bool`"),
        ({"reconnect": {"base_seconds": 0}}, "reconnect.base_seconds", "Expected `float` > 0.0"),
        ({"reconnect": {"base_seconds": math.nan}}, "reconnect.base_seconds", "Expected `float` > 0.0"),
        ({"reconnect": {"base_seconds": math.inf}}, "reconnect.base_seconds", "Expected a finite number."),
        ({"reconnect": {"base_seconds": "inf"}}, "reconnect.base_seconds", "Expected a finite number."),
        ({"reconnect": {"base_seconds": 10**400}}, "reconnect.base_seconds", "Number out of range"),
    ],
)
def test_a_wrong_value_is_named_by_its_path(overrides: dict[Any, Any], path: str, problem: str) -> None:
    with pytest.raises(ConfigInvalid) as caught:
        load(environment={}, overrides=overrides)

    assert (caught.value.source, caught.value.path) == ("argument", path)
    assert problem in caught.value.problem


@pytest.mark.parametrize("number", ["nan", "inf", "-inf", "1e999"])
def test_a_number_that_is_not_finite_is_refused_from_a_file(toml: Path, number: str) -> None:
    toml.write_text(f"[reconnect]\nmaximum_seconds = {number}\n")

    assert _refusal(toml).path == "reconnect.maximum_seconds"


def test_a_section_given_as_a_value_is_told_by_who_gave_it(toml: Path) -> None:
    toml.write_text("connection = 3\n")

    error = _refusal(toml, {"OPTIONBUS__CONNECTION__PROXY": "http://proxy"})

    assert (error.source, error.path) == (str(toml), "connection")


def test_a_value_over_a_filled_section_is_told_by_who_gave_it(toml: Path) -> None:
    toml.write_text('[connection]\nproxy = "http://proxy"\n')

    error = _refusal(toml, {"OPTIONBUS__CONNECTION": "3"})

    assert (error.source, error.path) == ("OPTIONBUS__CONNECTION", "connection")


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("bot.toml", b"[connection\n", "it is not TOML"),
        ("bot.toml", b"a = \xff", "it is not TOML"),
        ("bot.toml", b"a = " + b"[" * 100_000, "it is not TOML"),
        ("bot.json", b"{", "it is not JSON"),
        ("bot.json", b"[]", "it is not a JSON object"),
    ],
)
def test_a_file_that_cannot_be_parsed_is_told(tmp_path: Path, name: str, content: bytes, problem: str) -> None:
    (tmp_path / name).write_bytes(content)

    error = _refusal(tmp_path / name)

    assert (error.source, error.path) == (str(tmp_path / name), "")
    assert problem in error.problem


def test_a_file_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    assert "No such file" in _refusal(tmp_path / "missing.toml").problem
    assert "directory" in _refusal(tmp_path).problem

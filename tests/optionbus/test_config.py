"""Covers optionbus.config: four places laid over each other, and every way in which one of them can be wrong."""

import math
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from messages.errors import ConfigInvalid, InvalidArgument
from messages.secret import Secret
from optionbus.config import Config, Setting, accept, load, refuse_strange_region
from supervisor.settings import ConnectionSettings


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
    assert config.connection.proxy == Secret("socks5h://127.0.0.1:1080")
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
        ({"log": {"zzz": 1}}, "log.zzz", "There are: level, file, "),
        ({"log": {"a.b": 1}}, "log.a.b", "There are: level, file, "),
        ({"log": {"new\nline [0]`": 1}}, "log.new\nline [0]`", "There are: level, file, "),
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


# Each of the four places.

Place = Callable[[Path, str, Any], Any]


def _from_toml(folder: Path, path: str, value: Any) -> Config:
    (folder / "bot.toml").write_text(_toml(path, value))
    return load(folder / "bot.toml", environment={})


def _from_json(folder: Path, path: str, value: Any) -> Config:
    (folder / "bot.json").write_bytes(msgspec.json.encode(_nested(path, value)))
    return load(folder / "bot.json", environment={})


def _from_environment(_folder: Path, path: str, value: Any) -> Config:
    text = ",".join(value) if isinstance(value, list) else str(value)
    return load(environment={f"OPTIONBUS__{path.replace('.', '__').upper()}": text})


def _from_arguments(_folder: Path, path: str, value: Any) -> Config:
    return load(environment={}, overrides=_nested(path, value))


def _nested(path: str, value: Any) -> dict[str, Any]:
    section, name = path.split(".")
    return {section: {name: value}}


def _toml(path: str, value: Any) -> str:
    section, name = path.split(".")
    return f"[{section}]\n{name} = {msgspec.json.encode(value).decode()}\n"


every_place = pytest.mark.parametrize("place", [_from_toml, _from_json, _from_environment, _from_arguments])


@every_place
@pytest.mark.parametrize(
    ("path", "value", "meant"),
    [
        ("connection.urls", ["ws://a", "ws://b"], ("ws://a", "ws://b")),
        ("connection.region", "Prague", "Prague"),
        ("connection.minimum_tls", "1.3", "1.3"),
        ("connection.proxy", "http://user:f00dfeed@host", Secret("http://user:f00dfeed@host")),
        ("reconnect.max_failures", 3, 3),
        ("subscriptions.overflow", "fail", "fail"),
        ("requests.extra_duration_seconds", 0, 0.0),
        ("orders.max_stake", 12.5, Decimal("12.5")),
        ("log.json", True, True),
        ("log.rotation", "10 MB", "10 MB"),
    ],
)
def test_every_place_can_say_every_kind_of_setting(
    tmp_path: Path, place: Place, path: str, value: Any, meant: object
) -> None:
    section, name = path.split(".")

    assert getattr(getattr(place(tmp_path, path, value), section), name) == meant


@every_place
@pytest.mark.parametrize(
    ("path", "value", "where", "problem"),
    [
        ("connection.urls", ["ws://a", "http://b"], "connection.urls[1]", "Give ws:// or wss://"),
        ("connection.region", "atlantis", "connection.region", "Give one of fastest, eu, Prague"),
        ("connection.minimum_tls", "1.1", "connection.minimum_tls", "Give one of 1.2, 1.3"),
        ("connection.check_hostname", False, "connection.check_hostname", "no such field"),
        ("connection.proxy", "ftp://user:f00dfeed@host", "connection.proxy", "Give http:// or socks5://"),
        ("connection.origin", "a\nb", "connection.origin", "one line"),
        ("reconnect.max_failures", 0, "reconnect.max_failures", "Expected `int` >= 1"),
        ("subscriptions.overflow", "forget", "subscriptions.overflow", "Give one of drop oldest, conflate, fail"),
        ("requests.extra_duration_seconds", -1, "requests.extra_duration_seconds", "Expected `float` >= 0.0"),
        ("log.sink", "x", "log.sink", "no such field"),
        ("nothing.at_all", 1, "nothing", "no such field"),
    ],
)
def test_every_place_is_told_what_is_wrong_by_its_path(
    tmp_path: Path, place: Place, path: str, value: Any, where: str, problem: str
) -> None:
    with pytest.raises(ConfigInvalid) as caught:
        place(tmp_path, path, value)

    assert caught.value.path == where
    assert problem in caught.value.problem
    assert caught.value.source in {
        *(str(tmp_path / name) for name in ("bot.toml", "bot.json")),
        *("argument", f"OPTIONBUS__{path.replace('.', '__').upper()}"),
    }
    assert "f00dfeed" not in str(caught.value)


# What a client takes.


def test_a_client_keeps_a_copy_that_nobody_else_can_change() -> None:
    urls = ["ws://a"]
    made = Config(connection=ConnectionSettings(urls=urls))  # type: ignore[arg-type]  # as careless code does
    accepted = accept(made)

    urls.append("ws://b")

    assert accepted.connection.urls == ("ws://a",)
    with pytest.raises(AttributeError):
        accepted.connection.urls = ("ws://c",)  # type: ignore[misc]


def test_a_config_made_in_code_is_checked_like_a_file() -> None:
    for connection, path in (
        (ConnectionSettings(login_timeout_seconds=-1), "connection.login_timeout_seconds"),
        (ConnectionSettings(region=7), "connection.region"),  # type: ignore[arg-type]
        (ConnectionSettings(urls=("ws://a", "b")), "connection.urls[1]"),
    ):
        with pytest.raises(ConfigInvalid) as caught:
            accept(Config(connection=connection))
        assert (caught.value.source, caught.value.path) == ("config", path)


def test_a_proxy_made_in_code_may_be_text() -> None:
    made = Config(connection=ConnectionSettings(proxy="http://host"))  # type: ignore[arg-type]

    assert accept(made).connection.proxy == Secret("http://host")


def test_a_url_of_ones_own_goes_before_the_config() -> None:
    made = Config(connection=ConnectionSettings(urls=("ws://a",), region="fastest"))

    assert accept(made, "ws://b").connection.urls == ("ws://b",)
    assert accept(None) == Config()


@pytest.mark.parametrize(("config", "url"), [("bot.toml", None), ({}, None), (None, 7)])
def test_what_is_no_config_is_refused(config: Any, url: Any) -> None:
    with pytest.raises(InvalidArgument):
        accept(config, url)


def test_a_password_is_shown_nowhere(tmp_path: Path) -> None:
    config = _from_toml(tmp_path, "connection.proxy", "http://user:f00dfeed@host")

    assert "f00dfeed" not in f"{config} {config!r} {accept(config)} {Setting('f00dfeed', 'a file')!r}"


def test_a_region_without_a_host_for_the_account_is_refused() -> None:
    with pytest.raises(ConfigInvalid, match="demo accounts") as caught:
        refuse_strange_region(Config(connection=ConnectionSettings(region="asia")), is_demo=True)

    assert caught.value.path == "connection.region"


def test_an_empty_section_hides_no_mistake() -> None:
    with pytest.raises(ConfigInvalid, match="OPTIONBUS__CONNECTION"):
        load(environment={"OPTIONBUS__CONNECTION": "x"}, overrides={"connection": {}})


@pytest.mark.parametrize("wrong", [{"overrides": ["x"]}, {"file": 5}])
def test_what_is_no_file_and_no_mapping_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument):
        load(environment={}, **wrong)

"""Covers supervisor.settings."""

import msgspec
import pytest

from supervisor.settings import Settings

POSITIVE = (
    "connection.connect_timeout_seconds",
    "connection.login_timeout_seconds",
    "reconnect.base_seconds",
    "reconnect.maximum_seconds",
    "reconnect.stable_seconds",
    "reconnect.callback_seconds",
    "requests.timeout_seconds",
    "requests.order_timeout_seconds",
    "orders.minimum",
    "orders.maximum",
)
COUNTS = (
    "reconnect.max_failures",
    "subscriptions.limit",
    "subscriptions.buffer",
    "orders.min_duration_seconds",
    "orders.max_duration_seconds",
)


def _with(path: str, value: object) -> Settings:
    section, name = path.split(".")
    return msgspec.convert({section: {name: value}}, Settings)


def test_nothing_has_to_be_set() -> None:
    assert msgspec.convert({}, Settings) == Settings()


def test_defaults_are_those_of_the_platform() -> None:
    settings = Settings()

    assert (settings.reconnect.base_seconds, settings.reconnect.maximum_seconds) == (1.0, 300.0)
    assert settings.reconnect.stable_seconds == 10.0
    assert settings.reconnect.max_failures is None
    assert settings.subscriptions.limit == 4


@pytest.mark.parametrize("path", POSITIVE + COUNTS)
@pytest.mark.parametrize("value", [0, -1, "soon"])
def test_a_number_that_makes_no_sense_is_refused(path: str, value: object) -> None:
    with pytest.raises(msgspec.ValidationError, match=path.split(".")[1]):
        _with(path, value)


@pytest.mark.parametrize("path", COUNTS)
def test_a_count_is_whole(path: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        _with(path, 1.5)


@pytest.mark.parametrize("path", ["reconnect.base", "connection.url", "extras.any"])
def test_a_field_that_does_not_exist_is_refused(path: str) -> None:
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        _with(path, 1)


def test_a_level_is_one_that_exists() -> None:
    with pytest.raises(msgspec.ValidationError):
        _with("log.level", "LOUD")


def test_demo_and_real_have_hosts_of_their_own() -> None:
    demo, real = Settings().endpoints(is_demo=True), Settings().endpoints(is_demo=False)

    assert demo
    assert real
    assert not set(demo) & set(real)
    assert all(url.startswith("wss://") and "demo" in url for url in demo)


def test_urls_that_are_set_are_used_instead() -> None:
    settings = msgspec.convert({"connection": {"urls": ["ws://a", "ws://b"]}}, Settings)

    assert settings.endpoints(is_demo=True) == settings.endpoints(is_demo=False) == ("ws://a", "ws://b")

"""Covers supervisor.settings_check."""

import math
from base64 import b64encode

import pytest

from messages.secret import Secret
from supervisor.settings import ConnectionSettings, ReconnectSettings, Settings
from supervisor.settings_check import problems, proxy_secrets, region_problem


def _connection(**fields: object) -> Settings:
    return Settings(connection=ConnectionSettings(**fields))  # type: ignore[arg-type]


def test_nothing_is_wrong_with_the_defaults() -> None:
    assert list(problems(Settings())) == []


@pytest.mark.parametrize(
    ("settings", "where", "text"),
    [
        (_connection(urls=("ws://a", "http://b")), "connection.urls[1]", "ws:// or wss://"),
        (_connection(urls=("ws://name@a",)), "connection.urls[0]", "names a user"),
        (_connection(proxy=Secret("ftp://user:f00dfeed@host")), "connection.proxy", "socks5://"),
        (_connection(origin="https://a\r\nEvil: 1"), "connection.origin", "one line"),
        (_connection(user_agent="Mosaïc"), "connection.user_agent", "ASCII"),
        (_connection(region="atlantis"), "connection.region", "fastest, eu, Prague, us-south"),
        (Settings(reconnect=ReconnectSettings(base_seconds=math.inf)), "reconnect.base_seconds", "finite"),
    ],
)
def test_a_value_that_cannot_be_meant_is_told_by_its_path(settings: Settings, where: str, text: str) -> None:
    (problem,) = problems(settings)

    assert ".".join(problem.path) + problem.item == where
    assert text in problem.text
    assert "f00dfeed" not in problem.text


@pytest.mark.parametrize("proxy", ["", "host:1", "http://host", "socks5://user:password@host:1", "socks5h://[::1]:1"])
def test_a_proxy_may_be_said_in_several_ways(proxy: str) -> None:
    assert list(problems(_connection(proxy=Secret(proxy)))) == []


def test_not_every_region_is_for_every_account() -> None:
    problem = region_problem(_connection(region="asia"), is_demo=True)

    assert problem is not None
    assert problem.text == "'asia' is not for demo accounts. Give one of fastest, eu."
    assert region_problem(_connection(region="asia"), is_demo=False) is None
    assert region_problem(_connection(region="asia", urls=("ws://a",)), is_demo=True) is None


def test_a_password_is_a_secret_in_whatever_form_it_travels() -> None:
    secrets = proxy_secrets(_connection(proxy=Secret("http://user:f00d%2Ffeed@host")))

    assert {secret.reveal() for secret in secrets} == {
        "f00d/feed",
        "f00d%2Ffeed",
        b64encode(b"user:f00d/feed").decode(),
    }
    assert proxy_secrets(Settings()) == proxy_secrets(_connection(proxy=Secret("host:1"))) == ()

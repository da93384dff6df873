"""Config: the fields, defaults and limits of the original, and what they become here."""

import json
import warnings
from typing import Any

import pytest

from messages.secret import Secret
from optionbus.compat import Config
from optionbus.compat.config import config_of, settings_of
from optionbus.config import accept

URL = "ws://127.0.0.1:1/socket.io/?EIO=4&transport=websocket"


def test_it_is_made_from_a_dict_and_leaves_out_what_it_does_not_know() -> None:
    config = Config.from_dict({"timeout_secs": 7, "nonsense": 1})

    assert (config.timeout_secs, config.max_allowed_loops) == (7, 100)


def test_it_is_made_from_json_and_gives_it_back() -> None:
    config = Config.from_json('{"urls": ["wss://a.example/"], "log_level": "WARN"}')

    assert Config.from_json(config.to_json()) == config
    assert json.loads(config.to_json()) == config.to_dict()


@pytest.mark.parametrize(
    "given",
    [
        {"max_allowed_loops": -1},
        {"sleep_interval": -1},
        {"reconnect_time": 0},
        {"connection_initialization_timeout_secs": 0},
        {"timeout_secs": 0},
    ],
)
def test_a_number_that_is_too_small_is_an_error(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(given))):
        Config.from_dict(given)


def test_it_is_changed_by_a_dict_until_it_is_in_use() -> None:
    config = Config()
    config.update({"timeout_secs": 9, "nonsense": 1})
    config.lock()

    assert config.timeout_secs == 9
    with pytest.raises(RuntimeError, match="in use"):
        config.timeout_secs = 8
    with pytest.raises(RuntimeError, match="in use"):
        config.update({"timeout_secs": 8})


def test_its_fields_become_our_settings() -> None:
    config = Config(
        max_allowed_loops=3,
        reconnect_time=400,
        connection_initialization_timeout_secs=4,
        timeout_secs=6,
        urls=[URL],
        proxy="socks5://someone:password@proxy.example:1080",
        user_agent="Somebody",
        origin="https://example.com",
        log_level="warn",
        extra_duration=2,
    )

    settings = accept(settings_of(config))

    connection, reconnect, requests = settings.connection, settings.reconnect, settings.requests
    assert (connection.urls, connection.connect_timeout_seconds, connection.login_timeout_seconds) == ((URL,), 4, 4)
    assert (connection.origin, connection.user_agent) == ("https://example.com", "Somebody")
    assert connection.proxy == Secret("socks5://someone:password@proxy.example:1080")
    assert (reconnect.max_failures, reconnect.base_seconds, reconnect.maximum_seconds) == (3, 400, 400)
    assert (requests.timeout_seconds, requests.order_timeout_seconds, requests.extra_duration_seconds) == (6, 6, 2)
    assert settings.log.level == "WARNING"


def test_the_defaults_become_settings_that_can_be_used() -> None:
    assert accept(settings_of(Config())).connection.urls == ()
    assert settings_of(Config(max_allowed_loops=0)).reconnect.max_failures == 1


@pytest.mark.parametrize("field", ["sec_websocket_extensions", "tls_cipher_suites", "tls_alpn"])
def test_a_field_that_is_not_used_says_so(field: str) -> None:
    with pytest.warns(UserWarning, match=field):
        settings_of(Config.from_dict({field: "something"}))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        settings_of(Config())


def test_a_proxys_password_is_not_shown() -> None:
    config = Config(proxy="http://someone:password@proxy.example:1080")

    assert "password" not in repr(config) + config.to_json()


@pytest.mark.parametrize("given", [None, {}, "{}", Config()])
def test_a_client_takes_any_form_of_it_and_a_url_that_goes_first(given: Any) -> None:
    assert config_of(given, URL).urls == [URL]


def test_anything_else_is_no_config() -> None:
    with pytest.raises(ValueError, match="int"):
        config_of(3, None)  # type: ignore[arg-type]

"""Covers actors.places."""

import pytest

from actors.places import PROXY_PORTS, SERVER_PORTS, place_of
from messages.errors import UsageError


@pytest.mark.parametrize(
    ("url", "port"), [("ws://host/path", 80), ("wss://host", 443), ("wss://host:8443/?a=b", 8443), ("ws://[::1]", 80)]
)
def test_a_server_has_a_host_and_a_port(url: str, port: int) -> None:
    place = place_of(url, SERVER_PORTS)

    assert (place.host, place.port) == ("::1" if "[" in url else "host", port)


def test_a_proxy_may_want_a_login_which_is_unquoted_and_hidden() -> None:
    place = place_of("socks5h://us%3Aer:f00d%2Ffeed@host", PROXY_PORTS)

    assert (place.scheme, place.port, place.username) == ("socks5h", 1080, "us:er")
    assert place.password.reveal() == "f00d/feed"
    assert "f00d" not in repr(place)


def test_a_proxy_without_a_scheme_speaks_http() -> None:
    assert place_of("host:3128", PROXY_PORTS)[:3] == ("http", "host", 3128)


@pytest.mark.parametrize("url", ["", "host", "http://host", "wss://", "ws://host:port", "ws://host:99999", "ws://[::1"])
def test_an_address_of_no_server_says_what_one_is(url: str) -> None:
    with pytest.raises(UsageError, match="ws:// or wss://"):
        place_of(url, SERVER_PORTS)


@pytest.mark.parametrize("url", ["ftp://user:f00dfeed@host", "http://user:f00dfeed@host:f00dfeed", "http://:f00dfeed@"])
def test_an_address_that_cannot_be_used_is_not_quoted(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        place_of(url, PROXY_PORTS)

    assert "f00dfeed" not in str(caught.value)
    assert "socks5://" in str(caught.value)

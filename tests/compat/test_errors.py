"""What bots catch is caught here, and what is refused says why."""

import re

import pytest

from messages.errors import (
    BusError,
    DeadlineExceeded,
    InvalidDuration,
    NotConnected,
    RealAccountRefused,
    SystemFailed,
    UnknownAsset,
)
from messages.order_errors import OrderRefused, OrderUnconfirmed, UnknownDeal
from optionbus import compat
from optionbus.compat.errors import translated
from optionbus.compat.pocketoption.tools import LoginError

SESSION = '42["auth",{"session":"abcdefghijklmnopqrstuvwxyz","isDemo":%d,"uid":12345,"platform":2}]'
REAL, DEMO = SESSION % 0, SESSION % 1


@pytest.mark.parametrize(
    ("error", "caught"),
    [
        (UnknownAsset("NOPE"), (compat.InvalidParameterError, ValueError)),
        (InvalidDuration(0, 1, 2), (compat.InvalidParameterError, ValueError)),
        (OrderRefused("A", "closed"), (compat.PocketOptionError,)),
        (OrderUnconfirmed("A", "1"), (compat.PocketOptionError,)),
        (UnknownDeal("1"), (compat.TradeNotFoundError, RuntimeError)),
        (DeadlineExceeded("it", 1.0), (compat.NotAllowedError, TimeoutError)),
        (NotConnected("held"), (compat.UninitializedError, ConnectionError)),
        (SystemFailed("it was stopped"), (compat.UninitializedError, ConnectionError)),
        (RealAccountRefused(), (compat.NotAllowedError,)),
    ],
)
def test_an_error_is_of_each_class_that_a_bot_may_catch(error: BusError, caught: tuple[type[Exception], ...]) -> None:
    for kind in (*caught, compat.PocketOptionError):
        with pytest.raises(kind, match=re.escape(str(error))) as raised, translated():
            raise error
        assert raised.value.__cause__ is error


def test_what_is_no_error_of_ours_passes() -> None:
    with pytest.raises(KeyError), translated():
        raise KeyError


@pytest.mark.parametrize("make", [compat.PocketOption, compat.PocketOptionAsync])
def test_real_money_takes_an_opt_in(make: type) -> None:
    with pytest.raises(compat.NotAllowedError, match="allow_real"):
        make(REAL)


@pytest.mark.parametrize("ssid", ["hello", '42["auth",{"session":"abcdefghijklmnop"}]', None, ""])
def test_what_is_no_session_makes_no_client(ssid: str) -> None:
    with pytest.raises(ValueError, match="SSID"):
        compat.PocketOptionAsync(ssid)


def test_a_client_that_cannot_connect_says_so_in_time() -> None:
    config = {"connection_initialization_timeout_secs": 1, "urls": ["ws://127.0.0.1:9/"]}

    with pytest.raises(TimeoutError, match="ready"):
        compat.PocketOptionAsync(DEMO, config=config)


async def _log_in() -> None:
    await compat.login_async("somebody@example.com", "password")


def test_login_by_password_is_refused_and_shows_none() -> None:
    with pytest.raises(LoginError, match="Paste the session") as caught:
        compat.login("somebody@example.com", "password", demo=True)

    assert "somebody" not in str(caught.value)
    with pytest.raises(LoginError):
        _log_in().send(None)


def test_a_guest_session_is_refused() -> None:
    with pytest.raises(compat.NotAllowedError, match="simulated"):
        compat.PocketOption.try_demo()
    with pytest.raises(compat.NotAllowedError, match="simulated"):
        compat.PocketOptionAsync.try_demo().send(None)

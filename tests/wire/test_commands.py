"""Covers messages.wire.commands: every command as text, and read back by the framing of the other side."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from msgspec import json

from messages.market import Symbol
from messages.session import Frame
from messages.trading import Direction, OpenPendingOrder, OrderId, PendingTrigger, PlaceTrade, Ticket
from messages.wire import commands
from messages.wire.framing import FrameDecoder

EURUSD = Symbol("EURUSD_otc")
TRADE = PlaceTrade(
    order_id=OrderId("0f8fad5b-d9cb-469f-a165-70867728950e"),
    symbol=EURUSD,
    direction=Direction.CALL,
    stake=Decimal("1.50"),
    duration_seconds=60,
    deadline_seconds=5.0,
)


def _pending(trigger: PendingTrigger, open_time: float | None, open_price: float | None) -> OpenPendingOrder:
    return OpenPendingOrder(
        order_id=OrderId("p-1"),
        trigger=trigger,
        symbol=EURUSD,
        direction=Direction.PUT,
        stake=Decimal(1),
        open_time=open_time,
        open_price=open_price,
        duration_seconds=60,
        min_payout_percent=80,
    )


AT_A_TIME = _pending(PendingTrigger.TIME, datetime(2024, 12, 31, 18, 12, 19, tzinfo=UTC).timestamp(), None)
AT_A_PRICE = _pending(PendingTrigger.PRICE, None, 171.125)

TABLE: list[tuple[str, str, Any]] = [
    (commands.change_symbol(EURUSD, 60), "changeSymbol", {"asset": "EURUSD_otc", "period": 60}),
    (commands.subscribe_for(EURUSD), "subfor", "EURUSD_otc"),
    (commands.unsubscribe_for(EURUSD), "unsubfor", "EURUSD_otc"),
    (commands.keep_alive(), "ps", None),
    (commands.get_balance(), "getBalance", None),
    (commands.load_assets(), "assets/load", None),
    (
        commands.open_order(TRADE, is_demo=True),
        "openOrder",
        {
            "asset": "EURUSD_otc",
            "amount": 1.5,
            "action": "call",
            "isDemo": 1,
            "requestId": "0f8fad5b-d9cb-469f-a165-70867728950e",
            "optionType": 100,
            "time": 60,
        },
    ),
    (
        commands.load_history_period(EURUSD, 173_369_878_255, 1_733_482_800, 9000, 60),
        "loadHistoryPeriod",
        {"asset": "EURUSD_otc", "index": 173_369_878_255, "time": 1_733_482_800, "offset": 9000, "period": 60},
    ),
    (
        commands.open_pending_order(AT_A_TIME, 7200.0),
        "openPendingOrder",
        {
            "openType": 0,
            "amount": 1,
            "asset": "EURUSD_otc",
            "openTime": "2024-12-31 20:12:19",
            "openPrice": 0,
            "timeframe": 60,
            "minPayout": 80,
            "command": 1,
        },
    ),
    (
        commands.open_pending_order(AT_A_PRICE, 7200.0),
        "openPendingOrder",
        {
            "openType": 1,
            "amount": 1,
            "asset": "EURUSD_otc",
            "openTime": "0000-00-00 00:00:00",
            "openPrice": 171.125,
            "timeframe": 60,
            "minPayout": 80,
            "command": 1,
        },
    ),
    (commands.cancel_pending_order(Ticket("a")), "cancelPendingOrder", {"ticket": "a"}),
    (commands.cancel_pending_orders([Ticket("a"), Ticket("b")]), "cancelPendingOrders", {"tickets": ["a", "b"]}),
    (commands.cancel_pending_orders([]), "cancelPendingOrders", {"tickets": []}),
]


def _read(text: str) -> Frame:
    frame = FrameDecoder().feed(text.encode(), True)
    assert isinstance(frame, Frame)
    return frame


@pytest.mark.parametrize(("text", "event", "argument"), TABLE)
def test_a_command_is_read_back_by_the_other_side(text: str, event: str, argument: Any) -> None:
    frame = _read(text)

    assert frame.event == event
    assert (json.decode(frame.payload) if frame.payload else None) == argument


def test_the_keep_alive_is_two_letters() -> None:
    assert commands.keep_alive() == '42["ps"]'


def test_a_stake_is_a_number_exactly_as_given() -> None:
    assert '"amount":1.50,' in commands.open_order(TRADE, is_demo=True)


@pytest.mark.parametrize(("is_demo", "written"), [(True, 1), (False, 0)])
def test_an_order_says_for_which_account(*, is_demo: bool, written: int) -> None:
    payload = _read(commands.open_order(TRADE, is_demo=is_demo)).payload

    assert json.decode(payload)["isDemo"] == written


@pytest.mark.parametrize("symbol", ["#AXP_otc", 'quo"te', "back\\slash", "Ωmega", "\0"])
def test_a_symbol_survives_its_quoting(symbol: str) -> None:
    assert json.decode(_read(commands.subscribe_for(Symbol(symbol))).payload) == symbol


def test_a_time_between_seconds_goes_to_the_nearest() -> None:
    assert AT_A_TIME.open_time is not None
    order = _pending(PendingTrigger.TIME, AT_A_TIME.open_time - 0.000001, None)

    assert commands.open_pending_order(order, 7200.0) == commands.open_pending_order(AT_A_TIME, 7200.0)


def test_login_asks_for_what_a_browser_asks_for() -> None:
    assert [_read(text).event for text in commands.LOGIN_FRAMES] == [
        "assets/load",
        "indicator/load",
        "favorite/load",
        "price-alert/load",
        "getBalance",
    ]


@pytest.mark.parametrize("event", sorted(commands.ORDER_EVENTS))
def test_an_order_is_known_by_its_event(event: str) -> None:
    assert commands.order_in(f'42["{event}",{{}}]') == event
    assert commands.order_in(f'451-["{event}",{{"_placeholder":true,"num":0}}]') == event


@pytest.mark.parametrize(
    "data", ['42["cancelPendingOrder",{"ticket":"1"}]', '42["echo","openOrder"]', b'42["openOrder",{}]', "", "2"]
)
def test_what_is_no_order_is_not_taken_for_one(data: str | bytes) -> None:
    assert commands.order_in(data) is None

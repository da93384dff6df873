"""What values look like to a bot."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from messages.market import Candle, Symbol, Tick
from messages.trading import Deal, DealId, DealResult, Direction, OrderId, Outcome, PendingOrder, PendingTrigger, Ticket
from optionbus.compat import Trade, shapes

OFFSET = 7200.0
OPENED = 1_764_000_000.25
DEAL = Deal(
    id=DealId("d-1"),
    symbol=Symbol("EURUSD_otc"),
    direction=Direction.PUT,
    stake=Decimal("10.0"),
    profit=Decimal("9.20"),
    payout_percent=92,
    open_price=1.07,
    close_price=None,
    open_time=OPENED,
    close_time=OPENED + 60,
    server_open_time=OPENED + OFFSET,
    server_close_time=OPENED + OFFSET + 60,
    is_demo=True,
    order_id=OrderId("o-1"),
    currency="USD",
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0795, "1.0795"),
        (40.0, "40"),
        (100, "100"),
        (0.0, "0"),
        (1e-07, "0.0000001"),
        (1e22, "10000000000000000000000"),
        (Decimal("-10.00"), "-10"),
        (Decimal("9.20"), "9.2"),
        (Decimal(5000), "5000"),
    ],
)
def test_numbers_are_texts_without_exponent_or_idle_zeros(value: float | Decimal, text: str) -> None:
    assert shapes.number(value) == text


def test_a_tick_is_a_candle_on_the_platforms_clock() -> None:
    shape = shapes.tick(Tick(Symbol("EURUSD_otc"), OPENED, 1.0795, OPENED + OFFSET))

    assert (shape["timestamp"], shape["open"], shape["close"], shape["is_closed"]) == (
        1_764_007_200,
        "1.0795",
        "1.0795",
        False,
    )


def test_a_candle_has_texts_and_the_platforms_clock_and_a_plain_one_numbers_and_utc() -> None:
    candle = Candle(symbol=Symbol("A"), time=60.0, period_seconds=60, open=2.0, high=4.0, low=1.0, close=3.0)

    assert shapes.candle(candle, OFFSET, is_closed=True) == {
        "symbol": "A",
        "timestamp": 7260,
        "open": "2",
        "high": "4",
        "low": "1",
        "close": "3",
        "volume": None,
        "is_closed": True,
    }
    assert shapes.plain_candle(candle) == {"time": 60, "open": 2.0, "high": 4.0, "low": 1.0, "close": 3.0}


def test_an_open_deal_is_told_in_the_platforms_words_and_clock() -> None:
    trade = shapes.trade(DEAL, 7)

    assert (trade.id, trade.uid, trade.requestId, trade.command, trade.isDemo) == ("d-1", 7, "o-1", 1, 1)
    assert (trade.openTime, trade.closeTime) == ("2025-11-24 18:00:00", "2025-11-24 18:01:00")
    assert (trade.openTimestamp, trade.openMs, trade.closeMs) == (1_764_007_200, 250, None)
    assert (trade.amount, trade["profit"], trade.closePrice, trade.amountUSD) == ("10", "9.2", "0", "10")
    assert not trade.is_settled
    assert trade.result is None


@pytest.mark.parametrize("outcome", Outcome)
def test_a_deal_that_has_ended_says_how(outcome: Outcome) -> None:
    closed = replace(DEAL, close_price=1.06)

    trade = shapes.settled(DealResult(outcome=outcome, profit=Decimal("-10.0"), deal=closed), 7)

    assert (trade.result, trade.profit, trade.closePrice) == (outcome.value, -10.0, "1.06")
    assert [trade.is_win, trade.is_loss, trade.is_draw] == [outcome.value == name for name in ("win", "loss", "draw")]


def test_a_trade_is_a_dict_with_attributes() -> None:
    trade = Trade(id="d-1")

    assert trade.id == trade["id"] == "d-1"
    assert trade.profit is None
    assert type(trade.to_dict()) is dict
    with pytest.raises(AttributeError, match="nonsense"):
        _ = trade.nonsense


def test_an_order_that_waits_is_told_on_the_platforms_clock() -> None:
    order = PendingOrder(
        ticket=Ticket("t-1"),
        trigger=PendingTrigger.TIME,
        symbol=Symbol("A"),
        direction=Direction.CALL,
        stake=Decimal(5),
        open_time=OPENED,
        open_price=None,
        duration_seconds=60,
        min_payout_percent=80,
    )

    shape = shapes.pending(order, OFFSET)

    assert (shape["open_type"], shape["open_time"], shape["command"]) == (0, "2025-11-24 18:00:00", 0)
    assert (shape["amount"], shape["open_price"], shape["min_payout"]) == ("5", "0", 80)

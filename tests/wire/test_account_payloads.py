"""Covers messages.wire.account_payloads."""

from decimal import Decimal
from typing import Any

import pytest

from messages.account import BalanceReported
from messages.errors import WireError
from messages.trading import (
    ClosedDealsReported,
    Deal,
    DealsSettled,
    Direction,
    OpenedDealsReported,
    TradeAccepted,
    TradeRefused,
)
from messages.wire.account_payloads import (
    balance_reported,
    closed_deals_reported,
    deals_settled,
    opened_deals_reported,
    trade_accepted,
    trade_refused,
)
from tests.wire.breakage import broken_rows, encoded

NEEDED: dict[str, Any] = {
    "id": "27897152-8199-4d2f-946a-59de837b85d6",
    "openTimestamp": 1_733_356_728,
    "closeTimestamp": 1_733_356_788,
    "amount": 1,
    "profit": 0.92,
    "percentProfit": 92,
    "openPrice": 37.81209,
    "command": 0,
    "asset": "EURTRY_otc",
}
UNUSED: dict[str, Any] = {
    "openTime": "2024-12-04 23:58:48",
    "closeTime": "2024-12-04 23:59:48",
    "refundTime": None,
    "refundTimestamp": None,
    "uid": 10_000_001,
    "percentLoss": 100,
    "copyTicket": "",
    "openMs": 601,
    "closeMs": 0,
    "optionType": 100,
    "isRollover": False,
    "isCopySignal": None,
    "isAI": False,
    "amountUsd": 1,
    "amountUSD": 1,
    "unheard": {"of": []},
}
OPEN: dict[str, Any] = {
    **NEEDED,
    **UNUSED,
    "closePrice": 0,
    "isDemo": 1,
    "requestId": 19_656_019,
    "currency": "USD",
}
CLOSED: dict[str, Any] = {**OPEN, "closePrice": 37.8123, "profit": -1, "requestId": None}

MAY_BE_ANY_TEXT = ("id", "asset", "requestId", "currency")
MAY_BE_NULL = ("closePrice", "isDemo", "requestId", "currency")


def _accepted(**fields: Any) -> Deal:
    decoded = trade_accepted(encoded(OPEN | fields), 7200.0)
    assert isinstance(decoded.event, TradeAccepted)
    return decoded.event.deal


def _opened(*rows: Any) -> tuple[tuple[Deal, ...], int]:
    decoded = opened_deals_reported(encoded(list(rows)), 7200.0)
    assert isinstance(decoded.event, OpenedDealsReported)
    return decoded.event.deals, decoded.rejected


def _closed(*rows: Any) -> tuple[tuple[Deal, ...], int]:
    decoded = closed_deals_reported(encoded(list(rows)), 7200.0)
    assert isinstance(decoded.event, ClosedDealsReported)
    return decoded.event.deals, decoded.rejected


def _settled(body: Any) -> tuple[DealsSettled, int]:
    decoded = deals_settled(encoded(body), 7200.0)
    assert isinstance(decoded.event, DealsSettled)
    return decoded.event, decoded.rejected


def _refused(**body: Any) -> TradeRefused:
    decoded = trade_refused(encoded(body), 7200.0)
    assert isinstance(decoded.event, TradeRefused)
    return decoded.event


def _balance(payload: bytes) -> BalanceReported:
    decoded = balance_reported(payload, 7200.0)
    assert isinstance(decoded.event, BalanceReported)
    return decoded.event


@pytest.mark.parametrize("written", ["50000.10", '"50000.10"'])
def test_balance_is_money_exactly_as_written(written: str) -> None:
    event = _balance(f'{{"isDemo":1,"balance":{written},"uid":5,"login":null}}'.encode())

    assert (event.is_demo, str(event.amount)) == (True, "50000.10")


@pytest.mark.parametrize(
    ("written", "expected"),
    [("0", False), ("1", True), ("true", True), ('"1"', True), ("null", None)],
)
def test_balance_says_of_which_account(written: str, expected: bool | None) -> None:  # noqa: FBT001
    assert _balance(f'{{"isDemo":{written},"balance":1}}'.encode()).is_demo is expected


def test_balance_may_leave_out_of_which_account() -> None:
    assert _balance(b'{"balance":1}') == BalanceReported(is_demo=None, amount=Decimal(1))


@pytest.mark.parametrize(
    "written", ["null", '"NaN"', '"sNaN"', '"Infinity"', "1e999999999", "0e999999999", '"much"', "{}", "true"]
)
def test_a_balance_that_is_no_amount_is_unreadable(written: str) -> None:
    with pytest.raises(WireError) as caught:
        _balance(f'{{"isDemo":1,"balance":{written}}}'.encode())

    assert caught.value.what == "successupdateBalance"


def test_an_accepted_trade_is_a_deal() -> None:
    deal = _accepted()

    assert deal == Deal(
        id=deal.id,
        symbol=deal.symbol,
        direction=Direction.CALL,
        stake=Decimal(1),
        profit=Decimal("0.92"),
        payout_percent=92,
        open_price=37.81209,
        close_price=None,
        open_time=1_733_356_728 - 7200.0,
        close_time=1_733_356_788 - 7200.0,
        server_open_time=1_733_356_728.0,
        server_close_time=1_733_356_788.0,
        is_demo=True,
        order_id=deal.order_id,
        currency="USD",
    )
    assert (deal.id, deal.symbol, deal.order_id) == (OPEN["id"], "EURTRY_otc", "19656019")


@pytest.mark.parametrize(("command", "direction"), [(0, Direction.CALL), (1, Direction.PUT), ("1", Direction.PUT)])
def test_a_command_is_a_direction(command: Any, direction: Direction) -> None:
    assert _accepted(command=command).direction is direction


@pytest.mark.parametrize(
    ("request_id", "order_id"),
    [(19_656_019, "19656019"), ("0f8fad5b-d9cb", "0f8fad5b-d9cb"), ("0123", "0123"), ("null", "null"), (None, None)],
)
def test_a_request_id_is_echoed_as_it_was_sent(request_id: Any, order_id: str | None) -> None:
    assert _accepted(requestId=request_id).order_id == order_id


@pytest.mark.parametrize(("close_price", "expected"), [(0, None), (None, None), (37.5, 37.5), ("37.5", 37.5)])
def test_a_closing_price_of_zero_is_none(close_price: Any, expected: float | None) -> None:
    assert _accepted(closePrice=close_price).close_price == expected


def test_times_in_milliseconds_are_the_same_times() -> None:
    assert _accepted(openTimestamp=1_733_356_728_000, closeTimestamp="1733356788000") == _accepted()


def test_profit_keeps_the_digits_it_was_written_with() -> None:
    payload = encoded(OPEN).replace(b"0.92", b"0.9200000000000001")

    event = trade_accepted(payload, 7200.0).event

    assert isinstance(event, TradeAccepted)
    assert str(event.deal.profit) == "0.9200000000000001"


def test_a_deal_of_needed_fields_alone_is_read() -> None:
    (deal,), rejected = _opened(NEEDED)

    assert rejected == 0
    assert (deal.close_price, deal.is_demo, deal.order_id, deal.currency) == (None, None, None, None)


@pytest.mark.parametrize("field", NEEDED)
def test_an_accepted_trade_without_a_needed_field_is_unreadable(field: str) -> None:
    body = {key: value for key, value in OPEN.items() if key != field}

    with pytest.raises(WireError, match="missing required field"):
        trade_accepted(encoded(body), 7200.0)


def test_an_accepted_trade_of_an_impossible_time_is_unreadable() -> None:
    with pytest.raises(WireError, match="beyond all dates"):
        _accepted(closeTimestamp=5e11)


@pytest.mark.parametrize(("name", "row"), broken_rows(OPEN))
def test_a_broken_field_of_a_deal_loses_only_that_deal(name: str, row: dict[str, Any]) -> None:
    field, _, breakage = name.partition(" ")
    good = OPEN | {"id": "another"}

    deals, rejected = _opened(good, row, good)

    assert [deals[0], deals[-1]] == [*_opened(good)[0], *_opened(good)[0]]
    assert rejected == (0 if _is_harmless(field, breakage) else 1)
    assert len(deals) == 3 - rejected


def _is_harmless(field: str, breakage: str) -> bool:
    return (
        field in UNUSED
        or (breakage in {"a string", "NaN", "infinite"} and field in MAY_BE_ANY_TEXT)
        or (breakage in {"null", "missing"} and field in MAY_BE_NULL)
        or (field, breakage) in {("currency", "an empty string"), ("isDemo", "a boolean"), ("requestId", "negative")}
        or (field, breakage) == ("id", "negative")
    )


def test_an_empty_list_of_deals_is_a_report() -> None:
    assert _opened() == ((), 0)
    assert _closed() == ((), 0)


def test_closed_deals_have_their_closing_price() -> None:
    (deal,), rejected = _closed(CLOSED)

    assert (deal.close_price, deal.profit, deal.order_id, rejected) == (37.8123, Decimal(-1), None, 0)


def test_an_open_deal_among_closed_ones_is_dropped() -> None:
    deals, rejected = _closed(OPEN, CLOSED)

    assert (deals, rejected) == (_closed(CLOSED)[0], 1)


def test_deals_settle_several_at_once() -> None:
    event, rejected = _settled({"profit": 1.92, "deals": [CLOSED, OPEN, CLOSED]})

    assert (event.gross_profit, rejected) == (Decimal("1.92"), 1)
    assert event.deals == 2 * _closed(CLOSED)[0]


@pytest.mark.parametrize("body", [{"deals": []}, {"deals": [], "profit": None}])
def test_a_settlement_may_leave_out_its_profit(body: dict[str, Any]) -> None:
    assert _settled(body) == (DealsSettled(gross_profit=None, deals=()), 0)


@pytest.mark.parametrize("profit", ["NaN", "much", {}, True, 1e30])
def test_a_settlement_whose_profit_is_broken_still_has_its_deals(profit: Any) -> None:
    event, rejected = _settled({"deals": [CLOSED], "profit": profit})

    assert (event.gross_profit, event.deals, rejected) == (None, _closed(CLOSED)[0], 1)


@pytest.mark.parametrize("body", [{}, {"deals": 1}, {"deals": None, "profit": 1}, [CLOSED]], ids=str)
def test_a_settlement_without_deals_is_unreadable(body: Any) -> None:
    with pytest.raises(WireError):
        _settled(body)


def test_a_refused_trade_says_why_and_of_which_asset() -> None:
    event = _refused(error="MaxDemoTrades", amount=10, asset="EURUSD_otc")

    assert (event.reason, event.amount, event.symbol) == ("MaxDemoTrades", Decimal(10), "EURUSD_otc")


def test_a_refusal_without_anything_is_still_a_refusal() -> None:
    assert _refused() == TradeRefused(symbol=None, reason="no reason given", amount=None)


@pytest.mark.parametrize("body", [{"amount": "NaN"}, {"amount": {}}, {"asset": ""}, {"error": []}], ids=str)
def test_a_broken_refusal_is_unreadable(body: dict[str, Any]) -> None:
    with pytest.raises(WireError):
        _refused(**body)

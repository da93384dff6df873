"""Covers messages.wire.pending_payloads."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from messages.base import Event
from messages.errors import WireError
from messages.trading import (
    Direction,
    PendingAccepted,
    PendingCancelled,
    PendingCancelRefused,
    PendingOrder,
    PendingRefused,
    PendingReported,
    PendingTrigger,
)
from messages.wire.pending_payloads import (
    pending_accepted,
    pending_cancel_refused,
    pending_cancelled,
    pending_refused,
    pending_reported,
)
from tests.wire.breakage import broken_rows, encoded

ORDER: dict[str, Any] = {
    "ticket": "a0523357-2582-4b55-a92f-e0da117e80a7",
    "openType": 0,
    "amount": 1.5,
    "symbol": "EURUSD_otc",
    "openTime": "2024-12-31 20:12:19",
    "openPrice": 0,
    "timeframe": 60,
    "minPayout": 60,
    "command": 0,
    "dateCreated": "2024-12-31 20:10:24",
    "id": 1_943_327,
}
PRICE_ORDER = ORDER | {"openType": 1, "openTime": "0000-00-00 00:00:00", "openPrice": "171.125", "command": 1}
UNUSED = ("dateCreated", "id")
"""Columns without which an order can be read."""


def _accepted(body: Any) -> PendingOrder:
    event = pending_accepted(encoded(body), 7200.0).event
    assert isinstance(event, PendingAccepted)
    return event.order


def _reported(body: Any) -> tuple[tuple[PendingOrder, ...], int]:
    decoded = pending_reported(encoded(body), 7200.0)
    assert isinstance(decoded.event, PendingReported)
    return decoded.event.orders, decoded.rejected


def _refused(body: Any) -> Event:
    return pending_refused(encoded(body), 7200.0).event


def test_an_accepted_order_waits_for_a_time() -> None:
    order = _accepted(ORDER)

    assert order == PendingOrder(
        ticket=order.ticket,
        trigger=PendingTrigger.TIME,
        symbol=order.symbol,
        direction=Direction.CALL,
        stake=Decimal("1.5"),
        open_time=datetime(2024, 12, 31, 18, 12, 19, tzinfo=UTC).timestamp(),
        open_price=None,
        duration_seconds=60,
        min_payout_percent=60,
        created=datetime(2024, 12, 31, 18, 10, 24, tzinfo=UTC).timestamp(),
    )
    assert (order.ticket, order.symbol) == (ORDER["ticket"], "EURUSD_otc")


def test_an_order_that_waits_for_a_price_has_no_time() -> None:
    order = _accepted(PRICE_ORDER)

    assert (order.trigger, order.open_time, order.open_price) == (PendingTrigger.PRICE, None, 171.125)
    assert order.direction is Direction.PUT


@pytest.mark.parametrize("body", [{"data": ORDER}, {"data": {"data": ORDER}}])
def test_a_wrapped_order_is_the_same_order(body: Any) -> None:
    assert _accepted(body) == _accepted(ORDER)


@pytest.mark.parametrize("text", ["soon", "", "2024-13-31 20:12:19"])
def test_an_open_time_that_is_no_date_is_unreadable(text: str) -> None:
    with pytest.raises(WireError, match="openTime is no date"):
        _accepted(ORDER | {"openTime": text})


@pytest.mark.parametrize("wrap", [lambda orders: orders, lambda orders: {"data": orders}], ids=["bare", "wrapped"])
def test_a_list_of_orders_is_read_bare_and_wrapped(wrap: Any) -> None:
    orders, rejected = _reported(wrap([ORDER, PRICE_ORDER]))

    assert orders == (_accepted(ORDER), _accepted(PRICE_ORDER))
    assert rejected == 0


@pytest.mark.parametrize(("name", "row"), broken_rows(ORDER))
def test_a_broken_field_of_an_order_loses_only_that_order(name: str, row: dict[str, Any]) -> None:
    field, _, breakage = name.partition(" ")

    orders, rejected = _reported([PRICE_ORDER, row, PRICE_ORDER])

    assert [orders[0], orders[-1]] == 2 * [_accepted(PRICE_ORDER)]
    assert rejected == (0 if _is_harmless(field, breakage) else 1)
    assert len(orders) == 3 - rejected


def _is_harmless(field: str, breakage: str) -> bool:
    return (
        field in UNUSED
        or (field in {"ticket", "symbol"} and breakage in {"a string", "NaN", "infinite"})
        or (field, breakage) in {("openTime", "null"), ("openPrice", "null"), ("openPrice", "missing")}
        or (field, breakage) == ("ticket", "negative")
    )


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"data": ORDER, "error": "OPEN_TIME"}},
        {"data": ORDER, "error": "OPEN_TIME"},
        ORDER | {"error": "OPEN_TIME"},
        {"symbol": "EURUSD_otc", "error": "OPEN_TIME"},
    ],
    ids=["nested twice", "nested", "flat", "short"],
)
def test_a_refusal_is_read_on_every_level(body: Any) -> None:
    order, ticket = _accepted(ORDER), None if body.keys() == {"symbol", "error"} else _accepted(ORDER).ticket

    assert _refused(body) == PendingRefused(symbol=order.symbol, reason="OPEN_TIME", ticket=ticket)


@pytest.mark.parametrize("body", [{}, {"data": None}, {"data": []}, {"data": {}}], ids=str)
def test_a_refusal_without_anything_is_still_a_refusal(body: Any) -> None:
    assert _refused(body) == PendingRefused(symbol=None, reason="no reason given")


@pytest.mark.parametrize(
    ("body", "tickets"),
    [
        ({"ticket": "a"}, ("a",)),
        ({"ticket": 7}, ("7",)),
        ({"tickets": ["a", "b"]}, ("a", "b")),
        ({"cancelled": ["a", "b"]}, ("a", "b")),
        ({"data": {"ticket": "a"}}, ("a",)),
        ({"data": {"data": {"tickets": ["a", "b"]}}}, ("a", "b")),
        ({}, ()),
    ],
)
def test_cancelled_tickets_are_read_in_every_form(body: Any, tickets: tuple[str, ...]) -> None:
    event = pending_cancelled(encoded(body), 7200.0).event

    assert isinstance(event, PendingCancelled)
    assert event.tickets == tickets


@pytest.mark.parametrize("wrap", [lambda body: body, lambda body: {"data": body}], ids=["bare", "wrapped"])
def test_a_refused_cancellation_says_why(wrap: Any) -> None:
    event = pending_cancel_refused(encoded(wrap({"ticket": "a", "error": "NotFound"})), 7200.0).event

    assert isinstance(event, PendingCancelRefused)
    assert (event.tickets, event.reason) == (("a",), "NotFound")


def test_levels_deeper_than_three_are_not_looked_at() -> None:
    assert _refused({"data": {"data": {"data": {"error": "OPEN_TIME"}}}}) == _refused({})


@pytest.mark.parametrize("decoder", [pending_accepted, pending_refused, pending_cancelled, pending_reported])
def test_an_endless_nest_is_unreadable(decoder: Any) -> None:
    with pytest.raises(WireError, match="nested too deeply"):
        decoder(b'{"data":' * 100_000, 7200.0)


@pytest.mark.parametrize("body", ["ticket", [], None, {"tickets": "a"}, {"ticket": []}], ids=str)
def test_a_cancellation_that_is_no_object_is_unreadable(body: Any) -> None:
    with pytest.raises(WireError):
        pending_cancelled(encoded(body), 7200.0)

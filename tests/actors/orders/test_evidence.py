"""Covers actors.orders.evidence: each condition of proof is taken away alone."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from actors.orders.evidence import (
    CLOSED_LIST_LENGTH,
    GRACE_SECONDS,
    LOOKS_SECONDS,
    MEMORY_SECONDS,
    PATIENCE_SECONDS,
    Sheet,
    Statement,
    closed_sheet,
    due,
    in_hindsight,
    is_heard_out,
    is_ruled_out,
    is_told,
    next_look,
    verdict_due,
)
from actors.orders.ledger import SKEW_SECONDS
from messages.orders import OrderRecord, OrderState
from messages.trading import ClosedDealsReported, Deal
from tests.actors.api.samples import DEAL, NOW
from tests.actors.orders.samples import deal, order

LOST = order(1, OrderState.UNKNOWN, updated=NOW + 10)
DUE = NOW + LOST.duration_seconds + GRACE_SECONDS
EQUITY = Decimal(100)
NOTHING = Sheet((), DUE)
TOLD = Statement(
    opened=NOTHING,
    closed=NOTHING,
    closed_before=NOTHING,
    balance=EQUITY,
    balance_received=DUE,
    is_balance_current=True,
)
"""Nothing was placed: told in full, in time, and the money agrees."""


def closing(*moments: float, profit: str = "0") -> tuple[Deal, ...]:
    return tuple(
        deal(number, open_time=moment - 60, close_time=moment, profit=Decimal(profit))
        for number, moment in enumerate(moments, start=100)
    )


def full_list(oldest: float) -> Sheet:
    """As many deals as the platform tells, of which the first closed at that moment."""
    return Sheet(closing(*(oldest + number for number in range(CLOSED_LIST_LENGTH))), DUE)


# Proof.


def test_an_order_is_ruled_out_where_all_is_told_in_time_and_the_money_agrees() -> None:
    assert is_ruled_out(LOST, TOLD, EQUITY)


@pytest.mark.parametrize(
    "told",
    [
        Statement(),
        replace(TOLD, opened=None),
        replace(TOLD, closed=None),
        replace(TOLD, balance=None),
        replace(TOLD, opened=Sheet((), DUE - 0.1)),
        replace(TOLD, closed_before=Sheet((), DUE - 0.1)),
        replace(TOLD, closed_before=None),
        replace(TOLD, balance_received=DUE - 0.1),
        replace(TOLD, opened=Sheet((), DUE + 0.1)),
        replace(TOLD, closed=Sheet((), DUE + 0.1)),
        replace(TOLD, is_balance_current=False),
        replace(TOLD, opened=Sheet((), DUE, is_whole=False)),
        replace(TOLD, closed=Sheet((), DUE, is_whole=False)),
        replace(TOLD, closed_before=Sheet((), DUE, is_whole=False)),
        replace(TOLD, closed=full_list(NOW - SKEW_SECONDS)),
    ],
    ids=[
        "nothing told",
        "no open deals",
        "no closed deals",
        "no balance",
        "open deals too early",
        "closed deals too early",
        "closed deals once",
        "balance too early",
        "open deals after the balance",
        "closed deals after the balance",
        "a deal has closed since the balance",
        "an open deal that cannot be read",
        "a closed deal that cannot be read",
        "a closed deal that could not be read before",
        "closed deals that do not reach back",
    ],
)
def test_without_any_one_of_it_nothing_is_proved(told: Statement) -> None:
    assert not is_ruled_out(LOST, told, EQUITY)


@pytest.mark.parametrize("equity", [None, Decimal(99), Decimal("99.99"), Decimal(101)])
def test_money_that_does_not_agree_proves_nothing(equity: Decimal | None) -> None:
    assert not is_ruled_out(LOST, TOLD, equity)


def test_an_order_sent_while_the_money_was_not_known_is_never_ruled_out() -> None:
    assert not is_ruled_out(replace(LOST, equity=None), TOLD, EQUITY)


def test_a_full_list_that_reaches_back_is_proof() -> None:
    told = replace(TOLD, closed=full_list(NOW - SKEW_SECONDS - 0.1))

    assert is_ruled_out(LOST, told, EQUITY)


def test_the_money_that_other_deals_brought_since_is_counted() -> None:
    before, since = closing(NOW - 0.1, profit="50"), closing(NOW, NOW + 30, profit="0.92")
    told = replace(TOLD, closed=Sheet((*before, *since), DUE))

    assert is_ruled_out(LOST, told, EQUITY + Decimal("1.84"))
    assert not is_ruled_out(LOST, told, EQUITY)


# Lists that leave out what must be in them.

ENDS = [DUE - 600 + number for number in range(CLOSED_LIST_LENGTH + 1)]
ROWS = closing(*ENDS)


def ended(row: Deal, **changes: object) -> OrderRecord:
    """An order of which the platform has told the end before the lists came."""
    closed = order(9, OrderState.CLOSED, deal=replace(row, close_price=1.2), updated=DUE - 1)
    return replace(closed, **changes)


def is_believed(known: OrderRecord, *listed: Deal, before: tuple[Deal, ...] | None = None) -> bool:
    """Whether lists with these rows are, where that order is known."""
    sheets = [sheet(listed, [known]), sheet(listed if before is None else before, [known])]
    return is_heard_out(LOST, replace(TOLD, closed=sheets[0], closed_before=sheets[1]))


def sheet(rows: tuple[Deal, ...], known: list[OrderRecord]) -> Sheet:
    return closed_sheet(ClosedDealsReported(deals=rows), DUE, known)


def test_a_list_with_every_deal_that_is_known_to_have_closed_is_believed() -> None:
    assert is_believed(ended(ROWS[4]), *ROWS[:8])


@pytest.mark.parametrize(
    "rows", [(), ROWS[:4], ROWS[5:8], (*ROWS[:4], *ROWS[5:])], ids=["no row", "older", "newer", "around it"]
)
def test_a_list_without_a_deal_that_is_known_to_have_closed_is_not(rows: tuple[Deal, ...]) -> None:
    assert not is_believed(ended(ROWS[4]), *rows)


@pytest.mark.parametrize("state", [OrderState.OPEN, OrderState.MANUAL])
def test_nor_is_one_without_a_deal_that_was_open_and_has_expired(state: OrderState) -> None:
    expired = ended(replace(ROWS[4], close_time=DUE - GRACE_SECONDS), state=state)

    assert not is_believed(expired, *ROWS[5:8])
    assert is_believed(expired, *ROWS[4:8])


def test_nor_is_one_without_a_deal_that_the_next_one_has() -> None:
    sheets = sheet(ROWS[:4], []), sheet(ROWS[:5], [])
    late = sheet((*ROWS[:4], replace(ROWS[4], close_time=DUE - SKEW_SECONDS)), [])

    assert in_hindsight(sheets[0], sheets[1]).leaves_out
    assert not in_hindsight(sheets[0], late).leaves_out
    assert not in_hindsight(sheets[1], sheets[0]).leaves_out
    assert in_hindsight(replace(sheets[0], leaves_out=True), sheets[0]).leaves_out


def test_nor_is_one_after_a_list_without_it() -> None:
    assert not is_believed(ended(ROWS[4]), ROWS[4], before=())


def test_a_full_list_may_leave_out_what_is_older_than_all_of_it() -> None:
    assert is_believed(ended(ROWS[0]), *ROWS[1:])
    assert not is_believed(ended(replace(ROWS[0], close_time=ENDS[2] + SKEW_SECONDS)), *ROWS[1:])


@pytest.mark.parametrize(
    "known",
    [
        ended(replace(ROWS[4], close_time=DUE - MEMORY_SECONDS - 1)),
        replace(ended(ROWS[4]), deal=ROWS[4]),
        ended(replace(ROWS[4], close_time=DUE - GRACE_SECONDS + 0.1), state=OrderState.OPEN),
        ended(ROWS[4], state=OrderState.REJECTED),
        ended(ROWS[4], deal=None),
        ended(ROWS[4], deal=None, state=OrderState.MANUAL),
    ],
    ids=["long ago", "its end was not told", "may be open", "not placed", "no deal", "nobody knows"],
)
def test_a_list_may_leave_out_a_deal_that_need_not_be_in_it(known: OrderRecord) -> None:
    assert is_believed(known)


def test_a_list_that_leaves_something_out_has_been_told_all_the_same() -> None:
    told = replace(TOLD, closed_before=replace(NOTHING, leaves_out=True))

    assert is_told(LOST, told)
    assert not is_heard_out(LOST, told)


# When to look.


def test_an_order_is_due_at_its_expiry_and_a_grace_period() -> None:
    later = replace(DEAL, close_time=NOW + 300)

    assert due(LOST) == NOW + 60 + GRACE_SECONDS
    assert due(replace(LOST, deal=later)) == NOW + 300 + GRACE_SECONDS


def test_it_is_given_up_only_once_there_has_been_a_connection_for_a_while() -> None:
    assert verdict_due(LOST, NOW) == DUE + PATIENCE_SECONDS
    assert verdict_due(LOST, DUE + 1000) == DUE + 1000 + PATIENCE_SECONDS


def looks(lost: OrderRecord, since: float) -> list[float]:
    """All moments at which an order is looked for, told from when it was lost."""
    moments: list[float] = []
    now: float | None = lost.updated
    while now is not None:
        now = next_look(lost, now, since)
        moments += [] if now is None else [now - lost.updated]
    return moments


def test_an_unknown_order_is_looked_for_on_a_schedule_and_when_it_is_due() -> None:
    wait = due(LOST) - LOST.updated

    assert LOOKS_SECONDS == (5.0, 15.0, 60.0)
    assert looks(LOST, NOW) == sorted({*LOOKS_SECONDS, wait, wait + 5, wait + 10, wait + PATIENCE_SECONDS})


def test_an_open_deal_is_looked_for_when_it_is_due() -> None:
    opened = order(1, OrderState.OPEN, updated=NOW)

    assert looks(opened, NOW) == [80.0, 85.0, 90.0, 95.0]


def test_a_late_connection_is_given_its_time() -> None:
    connected = DUE + 1000 - LOST.updated

    assert looks(LOST, DUE + 1000)[-3:] == [connected + 5, connected + 10, connected + PATIENCE_SECONDS]

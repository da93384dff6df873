"""Covers actors.orders.pending_reconciliation."""

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from actors.orders.evidence import GRACE_SECONDS, PATIENCE_SECONDS
from actors.orders.ledger import Ledger
from actors.orders.pending_forms import pending_order
from actors.orders.pending_reconciliation import PendingReconciliation
from messages.orders import OrderRecord, OrderState, OrderStateChanged, PendingTerms
from messages.trading import Direction, OrderId, PendingOrder, PendingRefused, PendingReported, PendingTrigger, Ticket
from tests.actors.api.samples import NOW, POUND
from tests.actors.orders.samples import order

S = OrderState
PATIENCE = 15.0
OPENS = NOW + 600.0
LATER = NOW + PATIENCE

AT_A_TIME = PendingTerms(trigger=PendingTrigger.TIME, open_time=OPENS, open_price=None, min_payout_percent=80)
AT_A_PRICE = PendingTerms(trigger=PendingTrigger.PRICE, open_time=None, open_price=1.5, min_payout_percent=80)


def ours(number: int = 1, state: OrderState = S.UNKNOWN, **changes: Any) -> OrderRecord:
    """One of several pending orders, alike but for what is changed."""
    terms = changes.pop("pending", AT_A_TIME)
    if state in (S.WAITING, S.ENDED):
        terms = replace(terms, ticket=Ticket(f"t-{number}"))
    return order(number, state, pending=terms, **changes)


def told(number: int = 1, record: OrderRecord | None = None, **changes: Any) -> PendingOrder:
    """The order as the platform tells it."""
    record = record or ours()
    terms = record.pending
    assert terms is not None
    listed = pending_order(replace(record, pending=replace(terms, ticket=Ticket(f"t-{number}"))))
    assert listed is not None
    return replace(listed, **{"created": record.created, **changes})


def listed(*orders: PendingOrder, rejected: int = 0) -> PendingReported:
    return PendingReported(orders=orders, rejected=rejected)


class Table:
    """A ledger of these orders, and what is held against it."""

    def __init__(self, *orders: OrderRecord) -> None:
        self.ledger = Ledger()
        for each in orders:
            self.ledger.enter(each)
        self.reconciliation = PendingReconciliation(self.ledger, PATIENCE)

    def hear(self, report: PendingReported, now: float = LATER) -> list[OrderStateChanged]:
        return [*self.reconciliation.hear(report, now), *self.reconciliation.conclude(now, NOW)]

    def state(self, number: int = 1) -> OrderState:
        found = self.ledger.get(OrderId(f"o-{number}"))
        assert found is not None
        return found.state


# Being kept.


def test_an_order_that_is_in_the_list_is_kept_under_its_ticket() -> None:
    table = Table(ours())

    [change] = table.hear(listed(told()))

    assert (change.before, change.order.state) == (S.UNKNOWN, S.WAITING)
    assert pending_order(change.order) == told(created=None)
    assert not change.is_alarm


@pytest.mark.parametrize("state", [S.REJECTED, S.NOT_PLACED, S.MANUAL])
def test_an_order_that_was_believed_not_to_be_there_alarms(state: OrderState) -> None:
    [change] = Table(ours(state=state)).hear(listed(told()))

    assert (change.order.state, change.is_alarm) == (S.WAITING, True)


@pytest.mark.parametrize(
    "changes",
    [
        {"symbol": POUND},
        {"direction": Direction.PUT},
        {"stake": Decimal(2)},
        {"trigger": PendingTrigger.PRICE, "open_time": None, "open_price": 1.5},
        {"open_time": OPENS + 2.1},
        {"duration_seconds": 61},
        {"min_payout_percent": 81},
        {"created": NOW - 2.1},
        {"created": NOW + PATIENCE + 2.1},
    ],
)
def test_an_order_of_other_terms_or_another_time_is_not_it(changes: dict[str, Any]) -> None:
    table = Table(ours())

    table.hear(listed(told(**changes)), NOW)

    assert table.state() is S.UNKNOWN


@pytest.mark.parametrize(
    "changes", [{"open_time": OPENS + 2}, {"created": NOW - 2}, {"created": NOW + PATIENCE + 2}, {"created": None}]
)
def test_what_the_platform_rounds_away_does_not_matter(changes: dict[str, Any]) -> None:
    table = Table(ours())

    table.hear(listed(told(**changes)))

    assert table.state() is S.WAITING


@pytest.mark.parametrize(("price", "state"), [(1.5, S.WAITING), (1.5001, S.UNKNOWN)])
def test_a_price_is_the_same_or_it_is_another_order(price: float, state: OrderState) -> None:
    table = Table(ours(pending=AT_A_PRICE))

    table.hear(listed(told(record=ours(pending=AT_A_PRICE), open_price=price)))

    assert table.state() is state


def test_two_that_are_alike_are_nobodys() -> None:
    table = Table(ours())

    table.hear(listed(told(1), told(2)))

    assert table.state() is S.UNKNOWN


def test_one_that_is_another_orders_is_not_alike() -> None:
    table = Table(ours(1), ours(2, S.WAITING))

    table.hear(listed(told(1), told(2)))

    assert (table.state(1), table.state(2)) == (S.WAITING, S.WAITING)


def test_of_two_orders_that_are_alike_none_is_given_it() -> None:
    table = Table(ours(1), ours(2))

    table.hear(listed(told(1)))

    assert (table.state(1), table.state(2)) == (S.UNKNOWN, S.UNKNOWN)


def test_an_order_on_its_way_is_left_to_its_answer() -> None:
    table = Table(ours(state=S.SENT))

    table.hear(listed(told()))

    assert table.state() is S.SENT


@pytest.mark.parametrize("state", [S.SENT, S.UNKNOWN])
def test_an_answer_is_for_the_order_that_waits_for_one(state: OrderState) -> None:
    table = Table(ours(state=state))

    changes = table.reconciliation.accept(told(open_time=OPENS + 3600), NOW)

    assert [change.order.state for change in changes] == [S.WAITING]


def test_an_order_that_waits_is_not_kept_twice() -> None:
    table = Table(ours(state=S.WAITING))

    assert table.reconciliation.accept(told(), NOW) == []
    assert table.hear(listed(told())) == []


# Being refused.


@pytest.mark.parametrize("symbol", [None, told().symbol])
def test_a_refusal_is_for_the_only_order_it_can_mean(symbol: Any) -> None:
    table = Table(ours())

    [change] = table.reconciliation.refuse(PendingRefused(symbol=symbol, reason="OPEN_TIME"), NOW, is_answer=True)

    assert (change.order.state, change.order.reason) == (S.REJECTED, "OPEN_TIME")


def test_a_refusal_of_another_order_is_nobodys() -> None:
    reconciliation = Table(ours()).reconciliation

    assert reconciliation.refuse(PendingRefused(symbol=POUND, reason="no"), NOW, is_answer=True) == []
    assert reconciliation.refuse(PendingRefused(symbol=None, reason="no"), NOW, is_answer=False) == []


def test_a_refusal_that_may_mean_two_orders_is_nobodys() -> None:
    table = Table(ours(1), ours(2, S.SENT, symbol=POUND))

    assert table.reconciliation.refuse(PendingRefused(symbol=None, reason="no"), NOW, is_answer=True) == []


# Ending.


def test_an_order_that_is_in_the_list_no_more_has_ended() -> None:
    table = Table(ours(state=S.WAITING))

    [change] = table.hear(listed())

    assert change.order.state is S.ENDED


def test_a_list_that_could_not_be_read_in_full_ends_nothing() -> None:
    table = Table(ours(1, S.WAITING), ours(2))

    assert table.hear(listed(rejected=1), NOW + 90) == []


def test_an_order_that_is_seen_again_waits_after_all() -> None:
    table = Table(ours(state=S.ENDED))

    table.hear(listed(told()))

    assert table.state() is S.WAITING


def test_an_order_that_could_not_open_has_ended_with_the_reason() -> None:
    table = Table(ours(state=S.WAITING))
    refused = PendingRefused(symbol=None, reason="MinPayout", ticket=Ticket("t-1"))

    [change] = table.reconciliation.refuse(refused, NOW, is_answer=False)

    assert (change.order.state, change.order.reason) == (S.ENDED, "MinPayout")


def test_a_cancelled_order_has_ended() -> None:
    table = Table(ours(state=S.WAITING))

    [change] = table.reconciliation.cancel([Ticket("t-1"), Ticket("t-9")], NOW)

    assert (change.order.state, change.order.reason) == (S.ENDED, "cancelled")


# What silence says.


def test_an_order_that_two_lists_do_not_have_was_not_kept_if_its_time_is_still_to_come() -> None:
    table = Table(ours())

    states, doubts = [], []
    for _ in range(2):
        table.hear(listed(told(1, symbol=POUND)))
        states.append(table.state())
        doubts.append(table.reconciliation.needs_another_list)

    assert states == [S.UNKNOWN, S.NOT_PLACED]
    assert doubts == [True, False]


@pytest.mark.parametrize(
    "before", [listed(told(min_payout_percent=10)), listed(rejected=1)], ids=["may have had it", "unreadable"]
)
def test_two_that_do_not_have_it_have_to_come_in_a_row(before: PendingReported) -> None:
    table = Table(ours())

    table.hear(listed())
    table.hear(before)
    doubts = [table.reconciliation.needs_another_list]
    table.hear(listed())
    doubts.append(table.reconciliation.needs_another_list)

    assert table.state() is S.UNKNOWN
    assert doubts == [False, True]


def test_something_like_it_that_waited_once_may_have_been_it() -> None:
    table = Table(ours())

    for orders in ([told(created=NOW - 3600)], [], []):
        table.hear(listed(*orders))

    assert table.state() is S.MANUAL


@pytest.mark.parametrize("lost", [0.0, 7.0])
def test_a_list_that_was_told_early_proves_nothing(lost: float) -> None:
    table = Table(ours(updated=NOW + lost))

    table.hear(listed(), LATER + lost - 0.1)
    doubt = table.reconciliation.needs_another_list
    table.hear(listed(), LATER + lost)

    assert not doubt
    assert table.state() is S.UNKNOWN


def test_a_list_of_another_connection_proves_nothing() -> None:
    table = Table(ours())
    table.hear(listed())

    table.reconciliation.begin_anew()
    table.hear(listed())

    assert table.state() is S.UNKNOWN


@pytest.mark.parametrize(("terms", "now"), [(AT_A_TIME, OPENS - 2), (AT_A_PRICE, LATER)])
def test_an_order_that_may_have_opened_is_for_a_person(terms: PendingTerms, now: float) -> None:
    table = Table(ours(pending=terms))

    table.hear(listed(), now)
    table.hear(listed(), now)

    assert table.state() is S.MANUAL


@pytest.mark.parametrize("changes", [{"min_payout_percent": 10}, {"created": NOW - 3600}, {"created": NOW + 3600}])
def test_where_something_like_it_waits_nothing_is_concluded(changes: dict[str, Any]) -> None:
    table = Table(ours())

    table.hear(listed(told(**changes)))
    table.hear(listed(told(**changes)))

    assert table.state() is S.UNKNOWN


@pytest.mark.parametrize(("created", "state"), [(-7, S.WAITING), (-7.1, S.UNKNOWN), (17, S.WAITING), (17.1, S.UNKNOWN)])
def test_a_skew_that_was_measured_is_allowed_for(created: float, state: OrderState) -> None:
    table = Table(ours())
    table.reconciliation.skew_seconds = -5.0

    table.hear(listed(told(created=NOW + created)))

    assert table.state() is state


@pytest.mark.parametrize(("early", "state"), [(7.1, S.NOT_PLACED), (7.0, S.MANUAL)])
def test_by_its_clock_the_platform_may_have_opened_it_already(early: float, state: OrderState) -> None:
    table = Table(ours())
    table.reconciliation.skew_seconds = 5.0

    table.hear(listed(), OPENS - early)
    table.hear(listed(), OPENS - early)

    assert table.state() is state


@pytest.mark.parametrize(("terms", "expiry"), [(AT_A_TIME, OPENS + 60), (AT_A_PRICE, NOW + 60)])
def test_where_no_list_tells_it_is_for_a_person_after_its_expiry_and_a_grace(
    terms: PendingTerms, expiry: float
) -> None:
    table, due = Table(ours(pending=terms)), expiry + GRACE_SECONDS + PATIENCE_SECONDS

    early = table.reconciliation.conclude(due - 0.1, NOW)
    unheard = table.reconciliation.conclude(due, None)
    [change] = table.reconciliation.conclude(due, NOW)

    assert (early, unheard) == ([], [])
    assert change.order.state is S.MANUAL

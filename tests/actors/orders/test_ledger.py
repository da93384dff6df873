"""Covers actors.orders.ledger."""

import itertools
from decimal import Decimal

import pytest
from msgspec.structs import replace

from actors.orders import ledger as module
from actors.orders.ledger import (
    FINAL,
    MISSING,
    SKEW_SECONDS,
    TABLE,
    UNACKNOWLEDGED,
    IllegalOrderMove,
    Ledger,
    OrderEvent,
    advance,
    age,
    by_hand,
    is_alarm,
    may_be,
    recovered,
    worth_keeping,
)
from messages.base import Incarnation
from messages.errors import UsageError
from messages.orders import OrderRecord, OrderState, PendingTerms
from messages.trading import Direction, OrderId, PendingTrigger
from tests.actors.api.samples import DEAL, NOW, POUND
from tests.actors.orders.samples import CLOSED_DEAL, ORDER, deal, order

S, E = OrderState, OrderEvent
PATIENCE = 15.0

MOVES = {
    S.CREATED: {E.DENY: S.DENIED, E.JOURNAL: S.JOURNALED},
    S.DENIED: {},
    S.JOURNALED: {E.SEND: S.SENT, E.DENY: S.DENIED, E.LOSE: S.UNKNOWN},
    S.SENT: {E.OPEN: S.OPEN, E.KEEP: S.WAITING, E.REFUSE: S.REJECTED, E.LOSE: S.UNKNOWN},
    S.WAITING: {E.END: S.ENDED},
    S.ENDED: {E.KEEP: S.WAITING},
    S.OPEN: {E.CLOSE: S.CLOSED, E.GIVE_UP: S.MANUAL},
    S.REJECTED: {E.KEEP: S.WAITING, E.OPEN: S.OPEN, E.CLOSE: S.CLOSED},
    S.UNKNOWN: {
        E.OPEN: S.OPEN,
        E.KEEP: S.WAITING,
        E.CLOSE: S.CLOSED,
        E.REFUSE: S.REJECTED,
        E.RULE_OUT: S.NOT_PLACED,
        E.GIVE_UP: S.MANUAL,
    },
    S.NOT_PLACED: {E.KEEP: S.WAITING, E.OPEN: S.OPEN, E.CLOSE: S.CLOSED},
    S.CLOSED: {},
    S.MANUAL: {
        E.OPEN: S.OPEN,
        E.CLOSE: S.CLOSED,
        E.KEEP: S.WAITING,
        E.END: S.ENDED,
        E.RULE_OUT: S.NOT_PLACED,
    },
}
"""The contract, said a second time."""

CELLS = list(itertools.product(S, E))

WORDS = {
    E.DENY: "denied",
    E.JOURNAL: "journaled",
    E.SEND: "sent",
    E.OPEN: "seen open",
    E.CLOSE: "seen closed",
    E.KEEP: "kept waiting",
    E.END: "seen waiting no longer",
    E.REFUSE: "refused",
    E.LOSE: "lost from sight",
    E.RULE_OUT: "shown not to exist",
    E.GIVE_UP: "given up",
}

TERMS = PendingTerms(trigger=PendingTrigger.TIME, open_time=NOW + 600, open_price=None, min_payout_percent=80)


def ledger_of(*orders: OrderRecord) -> Ledger:
    ledger = Ledger()
    for each in orders:
        ledger.enter(each)
    return ledger


# The table.


@pytest.mark.parametrize(("state", "event"), [cell for cell in CELLS if cell[1] in MOVES[cell[0]]])
def test_an_order_moves_along_the_table(state: OrderState, event: OrderEvent) -> None:
    ledger = ledger_of(order(1, state))

    moved = ledger.move(OrderId("o-1"), event, NOW + 1, reason="so")

    assert advance(state, event) is MOVES[state][event]
    assert moved == order(1, MOVES[state][event], updated=NOW + 1, reason="so")
    assert ledger.get(OrderId("o-1")) == moved


@pytest.mark.parametrize(("state", "event"), [cell for cell in CELLS if cell[1] not in MOVES[cell[0]]])
def test_what_is_not_in_the_table_raises_and_changes_nothing(state: OrderState, event: OrderEvent) -> None:
    ledger = ledger_of(order(1, state))

    with pytest.raises(IllegalOrderMove, match=f"{state.value} cannot be {event.value}"):
        ledger.move(OrderId("o-1"), event, NOW + 1, reason="so")

    assert ledger.get(OrderId("o-1")) == order(1, state)


@pytest.mark.parametrize("event", E)
def test_an_illegal_move_says_what_cannot_be(event: OrderEvent) -> None:
    error = IllegalOrderMove(S.CLOSED, event)

    assert isinstance(error, UsageError)
    assert (error.state, error.event) == (S.CLOSED, event)
    assert str(error) == f"An order that is closed cannot be {WORDS[event]}."


def test_nothing_leads_back_to_the_door() -> None:
    assert [before for (before, _), after in TABLE.items() if after is S.JOURNALED] == [S.CREATED]
    assert [before for (before, _), after in TABLE.items() if after is S.SENT] == [S.JOURNALED]


def test_every_state_can_be_reached() -> None:
    assert {S.CREATED, *TABLE.values()} == set(S)


def test_what_has_an_end_stays_so_unless_it_is_seen() -> None:
    assert {event for (before, event) in TABLE if before in FINAL} == {E.OPEN, E.CLOSE, E.KEEP}


def test_an_order_that_nobody_knows_cannot_move() -> None:
    with pytest.raises(KeyError):
        Ledger().move(OrderId("o-1"), E.SEND, NOW)


@pytest.mark.parametrize(("before", "after"), list(itertools.product(S, S)))
def test_a_deal_of_an_order_that_was_believed_not_to_exist_alarms(before: OrderState, after: OrderState) -> None:
    expected = before in {S.REJECTED, S.NOT_PLACED, S.MANUAL} and after in {S.OPEN, S.CLOSED, S.WAITING}

    assert is_alarm(before, after) is expected


# What a person says.


@pytest.mark.parametrize(
    ("end", "pending", "event"),
    [
        (S.CLOSED, None, E.CLOSE),
        (S.CLOSED, TERMS, E.END),
        (S.NOT_PLACED, None, E.RULE_OUT),
        (S.NOT_PLACED, TERMS, E.RULE_OUT),
    ],
)
def test_what_a_person_says_is_an_event(end: OrderState, pending: PendingTerms | None, event: OrderEvent) -> None:
    assert by_hand(order(1, S.MANUAL, pending=pending), end) is event


@pytest.mark.parametrize("state", [state for state in S if state is not S.MANUAL])
def test_what_nobody_has_to_settle_is_not_settled_by_hand(state: OrderState) -> None:
    with pytest.raises(UsageError) as raised:
        by_hand(order(1, state), S.CLOSED)

    assert str(raised.value) == f"Only an order that is manual is settled by hand, and this one is {state.value}."


def test_the_order_that_a_person_has_to_settle_is_found_by_its_asset() -> None:
    ledger = ledger_of(
        order(1, S.OPEN),
        order(2, S.MANUAL, symbol=POUND),
        order(3, S.MANUAL, is_external=True),
        order(4, S.MANUAL),
        order(5, S.MANUAL),
    )

    assert ledger.manual(ORDER.symbol) == order(4, S.MANUAL)
    assert ledger.manual(POUND) == order(2, S.MANUAL, symbol=POUND)
    assert ledger.exposure.manual == {ORDER.symbol: 2, POUND: 1}


@pytest.mark.parametrize("state", S)
def test_nobody_has_to_settle_a_strangers_order_or_one_that_is_not_manual(state: OrderState) -> None:
    ledger = ledger_of(order(1, state, is_external=True), order(2, S.UNKNOWN))

    assert ledger.manual(ORDER.symbol) is None


# Who is in it.


@pytest.mark.parametrize("state", S)
def test_an_order_is_unresolved_until_its_end_is_known(state: OrderState) -> None:
    ledger = ledger_of(order(1, state))

    assert bool(ledger.unresolved) is (state not in {S.DENIED, S.REJECTED, S.NOT_PLACED, S.CLOSED, S.ENDED})
    assert list(ledger) == [order(1, state)]


def test_an_order_is_found_by_its_deal() -> None:
    ledger = ledger_of(order(1, S.OPEN, deal=DEAL), order(2, S.SENT))

    assert ledger.of_deal(DEAL.id) == order(1, S.OPEN, deal=DEAL)
    assert ledger.of_deal(deal(9).id) is None


def test_the_oldest_orders_with_an_end_are_shed_and_those_without_one_never(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT_FINAL", 2)
    ledger = ledger_of(order(9, S.UNKNOWN), *(order(number, S.CLOSED, deal=deal(number)) for number in (1, 2, 3)))

    assert {each.order_id for each in ledger} == {"o-9", "o-2", "o-3"}
    assert ledger.of_deal(deal(1).id) is None
    assert ledger.of_deal(deal(2).id) is not None
    assert set(ledger._of_deal) == {deal(2).id, deal(3).id}


def test_orders_that_have_a_deal_in_common_are_shed_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT_FINAL", 1)

    ledger = ledger_of(*(order(number, S.CLOSED, deal=DEAL) for number in (1, 2)), order(3, S.DENIED))

    assert [each.order_id for each in ledger] == ["o-3"]


def test_a_thousand_orders_with_an_end_stay_in_memory() -> None:
    ledger = ledger_of(*(order(number, S.REJECTED) for number in range(1_001)))

    assert [each.order_id for each in ledger] == [f"o-{number}" for number in range(1, 1_001)]


def test_orders_come_those_with_an_end_first_and_each_kind_as_it_came() -> None:
    ledger = ledger_of(order(3, S.SENT), order(2, S.CLOSED), order(1, S.UNKNOWN), order(4, S.DENIED))

    assert [each.order_id for each in ledger] == ["o-2", "o-4", "o-3", "o-1"]
    assert [each.order_id for each in ledger.unresolved] == ["o-3", "o-1"]


def test_an_order_that_is_seen_after_its_end_is_in_the_ledger_once() -> None:
    ledger = ledger_of(order(1, S.NOT_PLACED))

    moved = ledger.move(OrderId("o-1"), E.OPEN, NOW, deal=DEAL)

    assert list(ledger) == [moved]
    assert ledger.unresolved == (moved,)


@pytest.mark.parametrize("state", [S.OPEN, S.CLOSED])
def test_one_stranger_gives_way_to_no_other(state: OrderState) -> None:
    first, second = (order(number, state, deal=DEAL, is_external=True) for number in (8, 9))

    ledger = ledger_of(first, second)

    assert list(ledger) == [first]


@pytest.mark.parametrize("state", [S.OPEN, S.CLOSED])
def test_a_deal_of_two_orders_of_ours_leaves_neither_out(state: OrderState) -> None:
    first, second = (order(number, state, deal=DEAL) for number in (1, 2))

    ledger = ledger_of(first, second)

    assert list(ledger) == [first, second]
    assert ledger.of_deal(DEAL.id) == second


def test_a_stranger_whose_deal_has_closed_gives_way_too() -> None:
    ledger = ledger_of(order(8, S.CLOSED, deal=DEAL, is_external=True), order(1, S.CLOSED, deal=DEAL))

    assert list(ledger) == [order(1, S.CLOSED, deal=DEAL)]
    assert vars(ledger.exposure) == vars(Ledger().exposure)


@pytest.mark.parametrize("is_ours_first", [True, False])
def test_a_deal_taken_for_a_strangers_goes_to_the_order_that_it_names(*, is_ours_first: bool) -> None:
    stranger = order(8, S.OPEN, deal=DEAL, is_external=True)
    ours = order(1, S.OPEN, deal=DEAL)

    ledger = ledger_of(*((ours, stranger) if is_ours_first else (stranger, ours)))

    assert ledger.of_deal(DEAL.id) == ours
    assert list(ledger) == [ours]
    assert ledger.exposure.at_stake == ours.stake


@pytest.mark.parametrize("state", S)
def test_what_may_exist_is_at_stake(state: OrderState) -> None:
    exposure = ledger_of(order(1, state)).exposure
    is_out, is_open = state in {S.JOURNALED, S.SENT, S.UNKNOWN}, state is S.OPEN
    is_running = is_out or is_open or state is S.WAITING

    assert exposure.unacknowledged[ORDER.symbol] == int(is_out)
    assert exposure.running[ORDER.symbol] == int(is_running)
    assert exposure.running_in_all == int(is_running)
    assert exposure.at_stake == int(is_running)
    assert exposure.open_stakes == (1 if is_open else 0)


def test_stakes_and_orders_add_up_over_assets() -> None:
    exposure = ledger_of(
        order(1, S.OPEN, stake=Decimal(3)),
        order(2, S.OPEN, stake=Decimal(4), symbol=POUND),
        order(3, S.SENT, stake=Decimal(5)),
        order(4, S.UNKNOWN, stake=Decimal(6)),
    ).exposure

    assert (exposure.open_stakes, exposure.at_stake) == (Decimal(7), Decimal(18))
    assert exposure.running_in_all == 4
    assert exposure.unacknowledged == {ORDER.symbol: 2}
    assert exposure.running == {ORDER.symbol: 3, POUND: 1}


@pytest.mark.parametrize(("state", "event"), TABLE)
def test_what_is_at_stake_is_as_if_it_were_counted_anew(state: OrderState, event: OrderEvent) -> None:
    ledger = ledger_of(order(1, state), order(2, S.OPEN), order(3, S.UNKNOWN, symbol=POUND))

    ledger.move(OrderId("o-1"), event, NOW)

    anew = ledger_of(*ledger)
    assert vars(ledger.exposure) == vars(anew.exposure)


# Whose a deal is.


@pytest.mark.parametrize("state", [state for state in S if state is not S.DENIED])
def test_a_deal_that_names_an_order_is_its(state: OrderState) -> None:
    ledger = ledger_of(order(1, state))

    assert ledger.owner(replace(DEAL, order_id=OrderId("o-1")), PATIENCE) == order(1, state)


def test_a_deal_that_names_somebody_elses_order_is_nobodys_however_alike() -> None:
    ledger = ledger_of(order(1, S.UNKNOWN))

    assert ledger.owner(replace(DEAL, order_id=OrderId("foreign")), PATIENCE) is None


def test_a_deal_that_names_somebody_elses_order_is_known_again() -> None:
    adopted = order(8, S.OPEN, deal=DEAL, is_external=True)
    ledger = ledger_of(adopted)

    assert ledger.owner(replace(DEAL, order_id=OrderId("foreign")), PATIENCE) == adopted


def test_a_deal_that_names_an_order_that_was_never_sent_is_somebody_elses() -> None:
    ledger = ledger_of(order(1, S.DENIED))

    assert ledger.owner(replace(DEAL, order_id=OrderId("o-1")), PATIENCE) is None


@pytest.mark.parametrize("state", S)
def test_a_deal_without_a_name_belongs_to_the_one_missing_order_like_it(state: OrderState) -> None:
    ledger = ledger_of(order(1, state))

    owner = ledger.owner(DEAL, PATIENCE)

    assert (owner is not None) is (state in {S.UNKNOWN, S.NOT_PLACED, S.MANUAL, S.REJECTED, S.CLOSED})


@pytest.mark.parametrize("state", S)
def test_an_answer_without_a_name_may_also_be_to_an_order_on_its_way(state: OrderState) -> None:
    ledger = ledger_of(order(1, state))

    owner = ledger.owner(DEAL, PATIENCE, {S.SENT, *MISSING})

    assert (owner is not None) is (state in {S.SENT, S.UNKNOWN, S.NOT_PLACED, S.MANUAL, S.REJECTED, S.CLOSED})


def test_where_two_orders_are_missing_a_deal_like_both_is_nobodys() -> None:
    ledger = ledger_of(order(1, S.UNKNOWN), order(2, S.MANUAL))

    assert ledger.owner(DEAL, PATIENCE) is None


def test_an_order_that_was_refused_is_asked_last() -> None:
    ledger = ledger_of(order(1, S.REJECTED), order(2, S.UNKNOWN))

    owner = ledger.owner(DEAL, PATIENCE)

    assert owner is not None
    assert owner.order_id == "o-2"


def test_an_order_that_a_person_said_was_closed_is_asked_before_one_that_was_refused() -> None:
    ledger = ledger_of(order(1, S.REJECTED), order(2, S.CLOSED))

    owner = ledger.owner(DEAL, PATIENCE)

    assert owner is not None
    assert owner.order_id == "o-2"


def test_while_one_like_it_is_on_its_way_an_order_that_was_refused_is_given_nothing() -> None:
    ledger = ledger_of(order(1, S.REJECTED), order(2, S.SENT))

    assert ledger.owner(DEAL, PATIENCE) is None


@pytest.mark.parametrize("state", [S.REJECTED, S.CLOSED, S.NOT_PLACED, S.MANUAL])
@pytest.mark.parametrize("awaited", [S.JOURNALED, S.SENT, S.UNKNOWN])
def test_so_it_is_though_by_the_time_it_cannot_be_the_other(state: OrderState, awaited: OrderState) -> None:
    like_it = ledger_of(order(1, state), order(2, awaited, created=NOW + 30))
    unlike_it = ledger_of(order(1, state), order(2, awaited, created=NOW + 30, stake=Decimal(2)))

    owner = unlike_it.owner(DEAL, PATIENCE)

    assert like_it.owner(DEAL, PATIENCE) is None
    assert owner is not None
    assert owner.order_id == "o-1"


def test_an_order_that_has_its_deal_is_given_no_other() -> None:
    ledger = ledger_of(order(1, S.MANUAL, deal=deal(1)))

    assert ledger.owner(deal(2), PATIENCE) is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"symbol": POUND}, False),
        ({"direction": Direction.PUT}, False),
        ({"stake": Decimal("1.01")}, False),
        ({"open_time": NOW - SKEW_SECONDS, "close_time": NOW + 60 - SKEW_SECONDS}, True),
        ({"open_time": NOW - SKEW_SECONDS - 0.1, "close_time": NOW + 58}, False),
        ({"open_time": NOW + PATIENCE + SKEW_SECONDS, "close_time": NOW + 77}, True),
        ({"open_time": NOW + PATIENCE + SKEW_SECONDS + 0.1, "close_time": NOW + 77.1}, False),
        ({"close_time": NOW + 60 + SKEW_SECONDS}, True),
        ({"close_time": NOW + 60 + SKEW_SECONDS + 0.1}, False),
        ({"close_time": NOW + 60 - SKEW_SECONDS - 0.1}, False),
    ],
)
def test_a_deal_is_like_an_order_by_content_and_time(changes: dict[str, object], *, expected: bool) -> None:
    assert may_be(ORDER, deal(1, **changes), PATIENCE) is expected


@pytest.mark.parametrize(("lasts", "expected"), [(58, True), (57.9, False), (62, True), (62.1, False)])
def test_clocks_may_differ_by_two_seconds(lasts: float, *, expected: bool) -> None:
    assert may_be(ORDER, deal(1, close_time=NOW + lasts), PATIENCE) is expected


# After a restart.


@pytest.mark.parametrize("state", [S.JOURNALED, S.SENT])
def test_after_a_restart_nobody_knows_how_far_an_order_came(state: OrderState) -> None:
    ledger, _pending = recovered([order(1, state, incarnation=Incarnation(7), updated=NOW)], NOW + 9)

    assert list(ledger) == [order(1, S.UNKNOWN, updated=NOW + 9, reason="the process ended")]


def test_after_a_restart_what_was_unknown_is_so_from_now_on() -> None:
    before = order(1, S.UNKNOWN, updated=NOW, reason="so")

    ledger, _pending = recovered([before], NOW + 9)

    assert list(ledger) == [replace(before, updated=NOW + 9)]


@pytest.mark.parametrize("state", [state for state in S if state not in UNACKNOWLEDGED])
def test_after_a_restart_all_else_stands_as_it_stood(state: OrderState) -> None:
    before = order(1, state, updated=NOW, deal=CLOSED_DEAL, reason="so")

    ledger, _pending = recovered([before], NOW + 9)

    assert list(ledger) == [before]


def test_after_a_restart_pending_orders_are_in_a_ledger_of_their_own() -> None:
    plain, pending = recovered([order(1, S.SENT), order(2, S.SENT, pending=TERMS)], NOW + 9)

    assert [(each.order_id, each.state) for each in plain] == [("o-1", S.UNKNOWN)]
    assert [(each.order_id, each.state) for each in pending] == [("o-2", S.UNKNOWN)]


# What is kept.


def test_orders_are_sorted_by_when_they_were_made_then_by_id() -> None:
    assert age(order(7, created=3.0)) == (3.0, "o-7")


def test_all_without_an_end_and_the_last_thousand_with_one_are_worth_keeping() -> None:
    finals = [order(number, S.CLOSED, created=NOW + number) for number in range(1_001, 0, -1)]
    unresolved = [order(number, S.UNKNOWN, created=NOW - number) for number in (2_001, 2_002)]

    kept = worth_keeping({each.order_id: each for each in (*finals, *unresolved)})

    assert [each.order_id for each in kept] == ["o-2002", "o-2001", *(f"o-{number}" for number in range(2, 1_002))]

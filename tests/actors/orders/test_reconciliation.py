"""Covers actors.orders.reconciliation."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from actors.orders.evidence import GRACE_SECONDS, PATIENCE_SECONDS
from actors.orders.ledger import Ledger, OrderEvent
from actors.orders.reconciliation import Reconciliation, Word
from actors.orders.register import Register
from messages.account import BalanceReported
from messages.market import Symbol
from messages.orders import OrderRecord, OrderState
from messages.trading import (
    ClosedDealsReported,
    Deal,
    DealId,
    DealsSettled,
    Direction,
    OpenedDealsReported,
    OrderId,
    TradeAccepted,
    TradeRefused,
)
from tests.actors.api.samples import DEAL, EURO, NOW, POUND
from tests.actors.orders.samples import CLOSED_DEAL, FailingJournal, deal, order

S = OrderState
ID = OrderId("o-1")
OURS, OURS_CLOSED = replace(DEAL, order_id=ID), replace(CLOSED_DEAL, order_id=ID)
DUE = NOW + 60 + GRACE_SECONDS
VERDICT = DUE + PATIENCE_SECONDS
BALANCE = BalanceReported(is_demo=True, amount=Decimal(100))


class Desk:
    """A register, and what the platform says of it."""

    def __init__(self) -> None:
        self.register = Register(FailingJournal().opened)
        self.register.catch_up(NOW)
        self.reconciliation = Reconciliation(self.register, 15.0)

    def have(self, *orders: OrderRecord) -> None:
        """These are the orders there are."""
        for each in orders:
            self.register.adopt(each)

    def hear(self, *words: Word, now: float = NOW + 1) -> list[tuple[str, str, bool]]:
        """The moves: whose, to where, and whether it alarms."""
        changes = [change for word in words for change in self.reconciliation.hear(word, now)]
        return [(change.order.order_id, change.order.state.value, change.is_alarm) for change in changes]

    def conclude(self, now: float, since: float | None = NOW) -> list[tuple[str, str]]:
        changes = self.reconciliation.conclude(now, since)
        return [(change.order.order_id, change.order.state.value) for change in changes]

    def state(self, number: int = 1) -> OrderState:
        found = self.register.ledger.get(OrderId(f"o-{number}"))
        assert found is not None
        return found.state

    @property
    def strangers(self) -> list[OrderRecord]:
        return [each for each in self.register.ledger if each.is_external]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def opened(*deals: Deal, rejected: int = 0) -> OpenedDealsReported:
    return OpenedDealsReported(deals=deals, rejected=rejected)


def closed(*deals: Deal, rejected: int = 0) -> ClosedDealsReported:
    return ClosedDealsReported(deals=deals, rejected=rejected)


def settled(*deals: Deal) -> DealsSettled:
    return DealsSettled(gross_profit=None, deals=deals)


def refused(symbol: Symbol | None = EURO) -> TradeRefused:
    return TradeRefused(symbol=symbol, reason="no", amount=Decimal(10))


by_list_or_event = pytest.mark.parametrize("tell", [closed, settled], ids=["list", "event"])
seen_open = pytest.mark.parametrize("word", [TradeAccepted(deal=OURS), opened(OURS)], ids=["answer", "list"])

# Each word.


@seen_open
@pytest.mark.parametrize(
    ("state", "is_alarm"),
    [(S.SENT, False), (S.UNKNOWN, False), (S.REJECTED, True), (S.NOT_PLACED, True), (S.MANUAL, True)],
)
def test_a_deal_that_names_an_order_opens_it(desk: Desk, word: Word, state: OrderState, *, is_alarm: bool) -> None:
    desk.have(order(1, state, reason="before"))

    assert desk.hear(word) == [(ID, "open", is_alarm)]
    found = desk.register.ledger.get(ID)
    assert found is not None
    assert (found.deal, found.reason, found.updated) == (OURS, "", NOW + 1)


@seen_open
@pytest.mark.parametrize("state", [S.OPEN, S.CLOSED])
def test_a_deal_seen_open_again_is_no_news(desk: Desk, word: Word, state: OrderState) -> None:
    desk.have(order(1, state, deal=OURS))

    assert desk.hear(word, word) == []
    assert desk.state() is state


@by_list_or_event
@pytest.mark.parametrize(
    ("state", "moves"),
    [
        (S.SENT, [(ID, "open", False), (ID, "closed", False)]),
        (S.OPEN, [(ID, "closed", False)]),
        (S.UNKNOWN, [(ID, "closed", False)]),
        (S.REJECTED, [(ID, "closed", True)]),
        (S.NOT_PLACED, [(ID, "closed", True)]),
        (S.MANUAL, [(ID, "closed", True)]),
        (S.CLOSED, []),
    ],
)
def test_a_deal_that_names_an_order_closes_it(desk: Desk, tell: Any, state: OrderState, moves: list[object]) -> None:
    desk.have(order(1, state))

    assert desk.hear(tell(OURS_CLOSED)) == moves
    assert desk.state() is S.CLOSED


@by_list_or_event
def test_a_deal_that_closes_is_known_by_its_id_where_it_names_no_order(desk: Desk, tell: Any) -> None:
    desk.have(order(1, S.OPEN, deal=OURS))

    assert desk.hear(tell(CLOSED_DEAL)) == [(ID, "closed", False)]
    found = desk.register.ledger.get(ID)
    assert found is not None
    assert found.deal == OURS_CLOSED


@pytest.mark.parametrize("symbol", [EURO, None])
@pytest.mark.parametrize("state", list(S))
def test_a_refusal_is_believed_of_the_one_order_that_it_can_mean(
    desk: Desk, state: OrderState, symbol: Symbol | None
) -> None:
    desk.have(order(1, state))

    moves = desk.hear(refused(symbol))

    assert moves == ([(ID, "rejected", False)] if state in {S.SENT, S.UNKNOWN} else [])
    found = desk.register.ledger.get(ID)
    assert found is not None
    assert not moves or (found.reason, found.limit) == ("no", Decimal(10))


def test_a_refusal_that_can_mean_two_orders_means_none(desk: Desk) -> None:
    desk.have(order(1, S.SENT), order(2, S.UNKNOWN, symbol=POUND))

    assert desk.hear(refused(None)) == []
    assert desk.hear(refused(Symbol("USDJPY_otc"))) == []
    assert desk.hear(refused(POUND)) == [("o-2", "rejected", False)]


def test_the_balance_moves_nothing(desk: Desk) -> None:
    desk.have(order(1, S.UNKNOWN))

    assert desk.hear(BALANCE) == []


# Whose a deal is.


def test_an_answer_without_a_name_is_to_the_order_that_was_sent(desk: Desk) -> None:
    desk.have(order(1, S.SENT))

    assert desk.hear(TradeAccepted(deal=DEAL)) == [(ID, "open", False)]
    found = desk.register.ledger.get(ID)
    assert found is not None
    assert found.deal == OURS


@pytest.mark.parametrize("tell", [opened, closed, settled])
def test_an_order_on_its_way_is_not_found_in_a_list_by_its_content(desk: Desk, tell: Any) -> None:
    desk.have(order(1, S.SENT))

    assert desk.hear(tell(CLOSED_DEAL)) == []
    assert desk.state() is S.SENT
    assert desk.strangers == []


@pytest.mark.parametrize(
    ("state", "is_alarm"), [(S.UNKNOWN, False), (S.NOT_PLACED, True), (S.MANUAL, True), (S.REJECTED, True)]
)
@pytest.mark.parametrize(("tell", "end"), [(opened, "open"), (closed, "closed"), (settled, "closed")])
def test_an_order_that_is_missing_is_found_by_its_content(
    desk: Desk, tell: Any, end: str, state: OrderState, *, is_alarm: bool
) -> None:
    desk.have(order(1, state))

    assert desk.hear(tell(CLOSED_DEAL)) == [(ID, end, is_alarm)]
    assert desk.strangers == []


def test_a_deal_like_two_missing_orders_moves_neither_and_rules_out_neither(desk: Desk) -> None:
    desk.have(order(1, S.UNKNOWN), order(2, S.MANUAL))

    moves = desk.hear(opened(), closed(replace(CLOSED_DEAL, profit=Decimal(0))), BALANCE, now=DUE)

    assert moves == []
    assert desk.conclude(VERDICT) == [(ID, "manual")]


@pytest.mark.parametrize(
    "other",
    [deal(1, symbol=POUND), deal(1, stake=Decimal(2)), deal(1, direction=Direction.PUT), deal(1, close_time=NOW + 300)],
    ids=["asset", "stake", "direction", "duration"],
)
def test_a_deal_of_another_kind_was_placed_elsewhere(desk: Desk, other: Deal) -> None:
    desk.have(order(1, S.UNKNOWN))

    assert desk.hear(opened(other)) == []
    (stranger,) = desk.strangers
    assert (stranger.order_id, stranger.state, stranger.deal) == ("deal-d-1", S.OPEN, other)
    assert (stranger.created, stranger.duration_seconds) == (other.open_time, round(other.close_time - NOW))


@pytest.mark.parametrize(("name", "expected"), [(None, "deal-d-1"), (OrderId("foreign"), "foreign")])
def test_a_deal_that_was_placed_elsewhere_is_adopted_once_and_followed_to_its_end(
    desk: Desk, name: OrderId | None, expected: str
) -> None:
    theirs, theirs_closed = replace(DEAL, order_id=name), replace(CLOSED_DEAL, order_id=name)

    moves = desk.hear(opened(theirs), opened(theirs), closed(theirs_closed), settled(theirs_closed))

    assert moves == [(expected, "closed", False)]
    (stranger,) = desk.strangers
    assert stranger.deal == theirs_closed


def test_strangers_who_name_all_their_orders_alike_are_told_apart(desk: Desk) -> None:
    one, two = (deal(number, order_id=OrderId("buy")) for number in (1, 2))

    moves = desk.hear(opened(one, two), closed(replace(two, close_price=1.2)), opened(one), closed(one))

    assert moves == [("deal-d-2", "closed", False), ("buy", "closed", False)]


def test_a_deal_taken_for_somebody_elses_is_ours_once_it_names_our_order(desk: Desk) -> None:
    desk.have(order(1, S.UNKNOWN, created=NOW - 100))
    desk.hear(opened(DEAL))
    strangers_before = desk.strangers

    moves = desk.hear(closed(OURS_CLOSED))

    assert len(strangers_before) == 1
    assert moves == [(ID, "closed", False)]
    assert desk.strangers == []


# What time and silence say.


def told_nothing(desk: Desk, now: float = DUE, **rejected: int) -> None:
    lists = opened(rejected=rejected.get("opened", 0)), closed(rejected=rejected.get("closed", 0))
    desk.hear(*lists, *lists, BALANCE, now=now)


def test_an_order_that_is_in_no_list_and_cost_nothing_was_not_placed(desk: Desk) -> None:
    desk.have(order(1, S.UNKNOWN))
    told_nothing(desk)

    assert desk.conclude(DUE) == [(ID, "not placed")]


@pytest.mark.parametrize("state", [state for state in S if state is not S.UNKNOWN])
def test_nothing_but_an_unknown_order_is_ruled_out(desk: Desk, state: OrderState) -> None:
    desk.have(order(1, state))
    told_nothing(desk)

    # All was told when it should have ended: an open deal that is in no list is a person's to look up.
    assert desk.conclude(DUE) == ([(ID, "manual")] if state is S.OPEN else [])


@pytest.mark.parametrize("rejected", ["opened", "closed"])
def test_rows_that_cannot_be_read_prove_nothing(desk: Desk, rejected: str) -> None:
    desk.have(order(1, S.UNKNOWN))
    told_nothing(desk, **{rejected: 1})

    assert desk.conclude(DUE) == []
    assert not desk.reconciliation.told.is_complete


def test_what_was_told_on_another_connection_proves_nothing(desk: Desk) -> None:
    desk.have(order(1, S.UNKNOWN))
    told_nothing(desk)

    desk.reconciliation.begin_anew()

    assert desk.conclude(DUE) == []
    assert desk.reconciliation.equity() is None


def like_it(opens: float) -> Deal:
    """What the order would have become; it has cost nothing."""
    return deal(1, open_time=opens, close_time=opens + 60, close_price=1.2, profit=Decimal(0))


@pytest.mark.parametrize("opens", [NOW - 3600, NOW - 2.1, NOW + 17.1, NOW + 3600])
def test_a_deal_like_the_order_proves_nothing_whenever_it_began_by_the_platforms_clock(
    desk: Desk, opens: float
) -> None:
    desk.have(order(1, S.UNKNOWN))
    lists = opened(), closed(like_it(opens))

    desk.hear(*lists, *lists, BALANCE, now=DUE)

    assert [each.order_id for each in desk.strangers] == ["deal-d-1"]
    assert desk.conclude(DUE) == [(ID, "manual")]


@pytest.mark.parametrize("word", [opened, closed, settled])
def test_a_deal_like_it_that_was_heard_of_before_is_another(desk: Desk, word: Callable[..., Word]) -> None:
    desk.hear(word(like_it(NOW - 30)), now=NOW - 1)
    desk.have(order(1, S.UNKNOWN))
    lists = opened(), closed(like_it(NOW - 30))

    desk.hear(*lists, *lists, BALANCE, now=DUE)

    assert desk.conclude(DUE) == [(ID, "not placed")]


def test_after_a_restart_nobody_knows_which_was_heard_of_before(desk: Desk) -> None:
    desk.hear(closed(like_it(NOW - 70)), now=NOW - 1)
    desk.have(order(1, S.UNKNOWN))
    desk.reconciliation.recall()
    lists = opened(), closed(like_it(NOW - 70))

    desk.hear(*lists, *lists, BALANCE, now=DUE)

    assert desk.conclude(DUE) == [(ID, "manual")]


def test_a_deal_like_it_that_was_told_once_while_it_was_on_its_way_may_be_it(desk: Desk) -> None:
    desk.have(order(1, S.SENT))
    desk.hear(settled(like_it(NOW - 3600)))
    desk.reconciliation.lose(S.SENT, NOW + 10, "late")

    told_nothing(desk)

    assert desk.conclude(DUE) == [(ID, "manual")]


def test_what_is_told_less_than_a_grace_after_it_was_lost_proves_nothing(desk: Desk) -> None:
    lost = NOW + 3600
    desk.have(order(1, S.UNKNOWN, updated=lost))

    told_nothing(desk, lost + GRACE_SECONDS - 0.1)
    early = desk.conclude(lost + GRACE_SECONDS - 0.1)
    told_nothing(desk, lost + GRACE_SECONDS)

    assert early == []
    assert desk.conclude(lost + GRACE_SECONDS) == [(ID, "not placed")]


@pytest.mark.parametrize(("opens", "state"), [(-7, S.OPEN), (-7.1, S.UNKNOWN), (17, S.OPEN), (17.1, S.UNKNOWN)])
def test_a_skew_that_was_measured_is_allowed_for(desk: Desk, opens: float, state: OrderState) -> None:
    desk.have(order(1, S.UNKNOWN))
    desk.reconciliation.skew_seconds = -5.0

    desk.hear(opened(deal(1, open_time=NOW + opens, close_time=NOW + opens + 60)))

    assert desk.state() is state


@pytest.mark.parametrize("state", [S.UNKNOWN, S.OPEN])
def test_when_time_is_up_a_person_has_to_look(desk: Desk, state: OrderState) -> None:
    desk.have(order(1, state))

    early, late = desk.conclude(VERDICT - 0.1), desk.conclude(VERDICT)

    assert (early, late) == ([], [(ID, "manual")])
    found = desk.register.ledger.get(ID)
    assert found is not None
    assert found.reason


@pytest.mark.parametrize("since", [None, VERDICT])
def test_time_is_not_up_without_a_connection_that_is_old_enough(desk: Desk, since: float | None) -> None:
    desk.have(order(1, S.UNKNOWN))

    assert desk.conclude(VERDICT + PATIENCE_SECONDS - 0.1, since) == []


@pytest.mark.parametrize("state", [S.SENT, S.MANUAL, S.CLOSED, S.REJECTED])
def test_nothing_else_is_given_up(desk: Desk, state: OrderState) -> None:
    desk.have(order(1, state))

    assert desk.conclude(VERDICT + 1000) == []


def test_orders_in_one_state_are_lost_on_one_asset_or_on_all(desk: Desk) -> None:
    desk.have(order(1, S.SENT), order(2, S.SENT, symbol=POUND), order(3, S.OPEN))

    one = desk.reconciliation.lose(S.SENT, NOW, "late", EURO)
    rest = desk.reconciliation.lose(S.SENT, NOW, "lost")

    assert [(change.order.order_id, change.order.state, change.order.reason) for change in (*one, *rest)] == [
        ("o-1", S.UNKNOWN, "late"),
        ("o-2", S.UNKNOWN, "lost"),
    ]


# The money.


def test_the_equity_is_the_balance_and_all_open_stakes(desk: Desk) -> None:
    before = desk.reconciliation.equity()
    desk.have(order(1, S.OPEN, stake=Decimal(3)), order(3, S.CLOSED))
    desk.hear(opened(deal(9, stake=Decimal(4), symbol=POUND)), BALANCE)

    assert before is None
    assert desk.reconciliation.equity() == 107


def test_orders_that_go_out_together_have_the_equity_before_all_of_them(desk: Desk) -> None:
    desk.hear(BALANCE)
    before = desk.reconciliation.equity()
    desk.have(order(1, S.SENT))

    assert before == 100
    assert desk.reconciliation.equity() == 100


@pytest.mark.parametrize("state", [S.JOURNALED, S.SENT, S.UNKNOWN])
def test_nobody_can_tell_the_equity_once_the_balance_may_be_without_a_stake(desk: Desk, state: OrderState) -> None:
    """Or a stake that was lost unseen would look like another's."""
    desk.hear(BALANCE)
    before = desk.reconciliation.equity()
    desk.have(order(1, state))
    desk.hear(replace(BALANCE, amount=Decimal(99)))

    assert before == 100
    assert desk.reconciliation.equity() is None


@pytest.mark.parametrize("state", [S.JOURNALED, S.SENT])
def test_while_an_order_is_on_its_way_the_money_proves_nothing(desk: Desk, state: OrderState) -> None:
    desk.have(order(1, S.UNKNOWN))
    told_nothing(desk)
    desk.have(order(2, state, symbol=POUND, created=DUE))
    between = desk.conclude(DUE)
    desk.register.move(OrderId("o-2"), OrderEvent.LOSE, DUE)

    assert between == []
    assert desk.conclude(DUE) == [(ID, "not placed")]


def test_an_open_stake_of_which_the_balance_does_not_know_yet_is_no_proof(desk: Desk) -> None:
    """The first order has cost one; the second, of the same stake, was accepted, and its balance is on its way."""
    desk.have(order(1, S.UNKNOWN))
    desk.hear(opened(), closed(), replace(BALANCE, amount=Decimal(99)), now=DUE)
    desk.have(order(2, S.OPEN, symbol=POUND, created=DUE, deal=deal(2, symbol=POUND, close_time=DUE + 60)))
    desk.hear(opened(), closed(), now=DUE + 1)
    between = desk.conclude(DUE + 1)
    desk.hear(replace(BALANCE, amount=Decimal(98)), now=DUE + 1)

    assert between == []
    assert desk.conclude(DUE + 1) == [(ID, "manual")]


def test_what_a_deal_elsewhere_brought_is_no_reason_for_doubt(desk: Desk) -> None:
    desk.have(order(1, S.UNKNOWN))
    theirs = deal(9, symbol=POUND, close_price=1.2, profit=Decimal("0.92"), order_id=OrderId("foreign"))

    desk.hear(opened(), closed(theirs), closed(theirs), replace(BALANCE, amount=Decimal("100.92")), now=DUE)

    assert desk.conclude(DUE) == [(ID, "not placed")]


def test_lists_that_were_told_once_prove_nothing(desk: Desk) -> None:
    desk.have(order(1, S.UNKNOWN))

    desk.hear(opened(), closed(), BALANCE, now=DUE)

    assert desk.conclude(DUE) == []


def test_money_that_has_not_caught_up_with_the_deals_is_waited_for(desk: Desk) -> None:
    desk.have(order(1, S.UNKNOWN))
    theirs = deal(9, symbol=POUND, close_price=1.2, close_time=DUE, profit=Decimal("0.92"), order_id=OrderId("foreign"))
    desk.hear(opened(), closed(), BALANCE, now=DUE)

    desk.hear(closed(theirs), now=DUE + 1)
    between = desk.conclude(DUE + 1)
    desk.hear(replace(BALANCE, amount=Decimal("100.92")), now=DUE + 1)

    assert between == []
    assert desk.conclude(DUE + 1) == [(ID, "not placed")]


@pytest.mark.parametrize(("balance", "state"), [(99, "manual"), (100, "not placed")])
def test_a_stake_that_was_accepted_after_the_balance_waits_for_the_next(desk: Desk, balance: int, state: str) -> None:
    """The first is lost unseen, or was never placed; the second was on its way when everything was told."""
    desk.have(order(1, S.UNKNOWN), order(2, S.SENT, symbol=POUND, created=DUE))
    desk.hear(opened(), closed(), closed(), replace(BALANCE, amount=Decimal(balance)), now=DUE)
    accepted = deal(2, symbol=POUND, order_id=OrderId("o-2"), close_time=DUE + 60)
    desk.hear(TradeAccepted(deal=accepted), now=DUE)
    between = desk.conclude(DUE)
    desk.hear(replace(BALANCE, amount=Decimal(balance - 1)), now=DUE)

    assert between == []
    assert desk.conclude(DUE) == [(ID, state)]


def test_a_deal_elsewhere_that_was_opened_after_the_balance_waits_for_the_next(desk: Desk) -> None:
    desk.have(order(1, S.UNKNOWN))
    desk.hear(opened(), closed(), closed(), replace(BALANCE, amount=Decimal(99)), now=DUE - 1)
    theirs = deal(9, symbol=POUND, stake=Decimal(1), close_time=DUE + 60, order_id=OrderId("foreign"))
    desk.hear(opened(theirs), closed(), closed(), now=DUE)
    between = desk.conclude(DUE)
    desk.hear(replace(BALANCE, amount=Decimal(98)), now=DUE)

    assert between == []
    assert desk.conclude(DUE) == [(ID, "manual")]


def test_the_equity_after_a_deal_has_opened_or_closed_is_told_by_the_next_balance(desk: Desk) -> None:
    desk.have(order(1, S.OPEN, deal=OURS))
    desk.hear(BALANCE)
    found = [desk.reconciliation.equity()]
    desk.hear(DealsSettled(gross_profit=None, deals=(OURS_CLOSED,)))
    found.append(desk.reconciliation.equity())
    desk.hear(BALANCE)
    found.append(desk.reconciliation.equity())

    assert found == [101, None, 100]


def test_an_open_deal_that_two_lists_leave_out_is_for_a_person_at_once(desk: Desk) -> None:
    desk.have(order(1, S.OPEN, deal=OURS))
    due = OURS.close_time + GRACE_SECONDS
    told_nothing(desk, due)

    assert desk.conclude(due) == [(ID, "manual")]


def test_a_list_without_a_deal_that_the_next_one_has_proves_nothing(desk: Desk) -> None:
    theirs = deal(9, symbol=POUND, close_price=1.2, close_time=NOW + 30, profit=Decimal(0), order_id=OrderId("foreign"))
    desk.have(order(1, S.UNKNOWN))
    desk.hear(opened(), closed(), closed(theirs), BALANCE, now=DUE)
    between = desk.conclude(DUE)
    desk.hear(closed(theirs), BALANCE, now=DUE)

    assert between == []
    assert desk.conclude(DUE) == [(ID, "not placed")]


@pytest.mark.parametrize("short", [0, 1], ids=["before", "now"])
def test_a_list_without_a_deal_that_is_known_to_have_closed_proves_nothing(desk: Desk, short: int) -> None:
    theirs = deal(9, symbol=POUND, close_price=1.2, close_time=NOW + 30, order_id=OrderId("foreign"))
    desk.hear(closed(theirs))
    desk.have(order(1, S.UNKNOWN))
    told = [closed(theirs), closed(theirs)]

    told[short] = closed()
    desk.hear(opened(), *told, BALANCE, now=DUE)

    assert desk.conclude(DUE) == []
    assert desk.reconciliation.told.is_complete


def test_orders_without_an_end_are_not_each_held_against_all_that_have_ended(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or a hundred of them, and a thousand that have ended, would keep every order waiting for half a second."""
    desk.have(*(order(number, S.UNKNOWN, equity=Decimal(99)) for number in range(1, 4)))
    walked: list[Ledger] = []
    walk = Ledger.__iter__

    def counted(ledger: Ledger) -> Iterator[OrderRecord]:
        walked.append(ledger)
        return walk(ledger)

    monkeypatch.setattr(Ledger, "__iter__", counted)
    told_nothing(desk)
    for_lists = len(walked)

    assert desk.conclude(DUE) == [(f"o-{number}", "manual") for number in range(1, 4)]
    assert len(walked) == for_lists == 2  # for each list of closed deals


def test_deals_keep_their_ids(desk: Desk) -> None:
    desk.have(order(1, S.OPEN, deal=OURS))

    desk.hear(closed(replace(OURS_CLOSED, id=DealId("d-1"))))

    assert desk.register.order_of_deal(DealId("d-1")) is not None

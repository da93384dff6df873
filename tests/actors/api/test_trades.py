"""Covers actors.api.trades."""

from decimal import Decimal
from functools import partial

import pytest
from msgspec.structs import replace

from actors.api.limits import OrderLimits
from actors.api.trades import TradesActor
from actors.orders.gate import RiskSettings
from actors.orders.memory import OrderMemory
from actors.orders.memory_journal import MemoryJournal
from actors.orders.register import Register
from messages.account import BalanceReported
from messages.base import Message
from messages.errors import (
    BusError,
    DeadlineExceeded,
    InvalidDuration,
    InvalidStake,
    NotConnected,
    UnknownAsset,
)
from messages.market import Symbol
from messages.order_errors import OrderRefused, OrderUnconfirmed
from messages.session import SessionState
from messages.trading import (
    ClosedDealsReported,
    Deal,
    DealId,
    Direction,
    OpenedDealsReported,
    OrderId,
    PlaceTrade,
    TradeAccepted,
    TradePlaced,
    TradeRefused,
)
from supervisor.spec import Factory
from tests.actors.api.samples import DEAL, EURO, POUND, YEN, listed
from tests.actors.stage import Stage

NAME = "Trades"
DEADLINE = 10.0
COMMAND = PlaceTrade(
    order_id=OrderId("o-1"),
    symbol=EURO,
    direction=Direction.CALL,
    stake=Decimal(1),
    duration_seconds=60,
    deadline_seconds=DEADLINE,
)
ACCEPTED = TradeAccepted(deal=replace(DEAL, order_id=COMMAND.order_id))
UNNAMED = TradeAccepted(deal=DEAL)
"""The same acknowledgement, where the platform echoes no id."""


NO_LIMITS, NO_RISK = OrderLimits(), RiskSettings()


def new_register() -> Register:
    """One with a journal in memory."""
    return Register(MemoryJournal)


def trades_actor(
    memory: OrderMemory,
    limits: OrderLimits = NO_LIMITS,
    risk: RiskSettings = NO_RISK,
    *,
    is_demo: bool = True,
) -> Factory:
    """What makes the actor."""
    return partial(TradesActor, memory=memory, limits=limits, risk=risk, is_demo=is_demo)


@pytest.fixture
def trades(stage: Stage) -> Stage:
    limits = OrderLimits(max_stake=Decimal(100), max_duration_seconds=300)
    stage.start(NAME, trades_actor(OrderMemory(new_register()), limits))
    stage.make_ready()
    return stage


def order(number: int, symbol: Symbol = EURO, *, deadline: float = DEADLINE) -> PlaceTrade:
    """One of several alike, which is meant."""
    order_id = OrderId(f"o-{number}")
    return replace(COMMAND, order_id=order_id, symbol=symbol, deadline_seconds=deadline, allow_duplicate=True)


def accepted(number: int, symbol: Symbol = EURO) -> TradeAccepted:
    return TradeAccepted(deal=replace(DEAL, order_id=OrderId(f"o-{number}"), id=DealId(f"d-{number}"), symbol=symbol))


def refused(symbol: Symbol | None = EURO) -> TradeRefused:
    return TradeRefused(symbol=symbol, reason="MaxDemoTrades", amount=Decimal(10))


def sent(stage: Stage) -> list[str]:
    """The ids of the orders that were sent, in order."""
    return [request["requestId"] for request in stage.requests("openOrder")]


def told(*deals: Deal, closed: tuple[Deal, ...] = (), balance: int = 100) -> list[Message]:
    """What the platform tells of an account, in full."""
    return [
        OpenedDealsReported(deals=deals),
        ClosedDealsReported(deals=closed),
        BalanceReported(is_demo=True, amount=Decimal(balance)),
    ]


# Sending.


@pytest.mark.parametrize("is_demo", [True, False])
def test_an_order_is_sent_as_the_platform_reads_it(*, stage: Stage, is_demo: bool) -> None:
    stage.start(NAME, trades_actor(OrderMemory(new_register()), is_demo=is_demo))
    stage.make_ready()

    stage.ask(NAME, replace(COMMAND, stake=Decimal("1.50"), direction=Direction.PUT))

    assert stage.requests("openOrder") == [
        {
            "asset": EURO,
            "amount": 1.5,
            "action": "put",
            "isDemo": int(is_demo),
            "requestId": "o-1",
            "optionType": 100,
            "time": 60,
        }
    ]


@pytest.mark.parametrize("state", [state for state in SessionState if state is not SessionState.READY])
def test_unless_the_session_is_ready_nothing_is_sent(trades: Stage, state: SessionState) -> None:
    trades.set_session(state)

    answer = trades.ask(NAME, COMMAND)

    assert trades.sent == []
    with pytest.raises(NotConnected, match=state.value):
        answer.get()


@pytest.mark.parametrize(
    ("command", "error"),
    [
        (replace(COMMAND, stake=Decimal(101)), InvalidStake),
        (replace(COMMAND, stake=Decimal("NaN")), InvalidStake),
        (replace(COMMAND, duration_seconds=301), InvalidDuration),
        (replace(COMMAND, symbol=Symbol("EURUSD")), UnknownAsset),
    ],
    ids=["stake", "no number", "duration", "asset"],
)
def test_what_cannot_be_placed_is_not_sent(trades: Stage, command: PlaceTrade, error: type[BusError]) -> None:
    trades.publish(listed(EURO))

    answer = trades.ask(NAME, command)

    assert trades.sent == []
    with pytest.raises(error):
        answer.get()


def test_an_unknown_asset_is_refused_with_those_like_it_even_after_a_crash(trades: Stage) -> None:
    trades.publish(listed(EURO, POUND))
    trades.crash(NAME)

    with pytest.raises(UnknownAsset, match=EURO):
        trades.ask(NAME, replace(COMMAND, symbol=Symbol("eurusd"))).get()


def test_before_the_assets_are_known_any_may_be_ordered(trades: Stage) -> None:
    trades.ask(NAME, COMMAND)

    assert sent(trades) == ["o-1"]


# Answers.


def test_an_accepted_order_is_answered_with_its_deal(trades: Stage) -> None:
    answer = trades.ask(NAME, COMMAND)

    trades.publish(ACCEPTED)

    assert isinstance(answer.get(), TradePlaced)
    assert answer.get().deal == ACCEPTED.deal


def test_a_refused_order_is_answered_in_the_platforms_words(trades: Stage) -> None:
    answer = trades.ask(NAME, COMMAND)

    trades.publish(refused())

    with pytest.raises(OrderRefused, match=r"EURUSD_otc: MaxDemoTrades \(limit 10\)"):
        answer.get()


def test_an_acknowledgement_without_an_id_belongs_to_the_order_like_it(trades: Stage) -> None:
    answer = trades.ask(NAME, COMMAND)

    trades.publish(UNNAMED)

    assert answer.get().deal == ACCEPTED.deal


@pytest.mark.parametrize(
    "deal",
    [
        replace(DEAL, id=DealId("d-9"), symbol=POUND),
        replace(DEAL, id=DealId("d-9"), stake=Decimal("1.01")),
        replace(DEAL, id=DealId("d-9"), direction=Direction.PUT),
        replace(DEAL, id=DealId("d-9"), open_time=DEAL.open_time - 9),
        replace(DEAL, id=DealId("d-9"), close_time=DEAL.close_time + 9),
    ],
    ids=["asset", "stake", "direction", "moment", "duration"],
)
def test_an_acknowledgement_without_an_id_of_another_kind_is_no_answer(trades: Stage, deal: Deal) -> None:
    answer = trades.ask(NAME, COMMAND)

    trades.publish(TradeAccepted(deal=deal))
    done_before = answer.done
    trades.publish(UNNAMED)

    assert not done_before
    assert answer.get().deal == ACCEPTED.deal


def test_an_acknowledgement_of_an_order_given_elsewhere_is_no_answer(trades: Stage) -> None:
    answer = trades.ask(NAME, COMMAND)

    trades.publish(accepted(9))

    assert not answer.done


def test_an_acknowledgement_that_nobody_waits_for_is_let_pass(trades: Stage) -> None:
    trades.publish(UNNAMED, ACCEPTED, refused(), refused(None))

    trades.ask(NAME, COMMAND)

    assert sent(trades) == ["o-1"]


def test_a_refusal_of_another_asset_is_no_answer_and_frees_nothing(trades: Stage) -> None:
    answers = [trades.ask(NAME, order(1)), trades.ask(NAME, order(2))]

    trades.publish(refused(POUND))

    assert [answer.done for answer in answers] == [False, False]
    assert sent(trades) == ["o-1"]


def test_a_refusal_without_an_asset_belongs_to_the_only_unanswered_order(trades: Stage) -> None:
    trades.ask(NAME, order(1, POUND))
    trades.publish(accepted(1, POUND))
    answer = trades.ask(NAME, order(2))

    trades.publish(refused(None))

    with pytest.raises(OrderRefused, match=EURO):
        answer.get()


def test_a_refusal_without_an_asset_is_nobodys_where_it_is_in_doubt(trades: Stage) -> None:
    answers = [trades.ask(NAME, order(1, EURO)), trades.ask(NAME, order(2, POUND))]

    trades.publish(refused(None))

    assert [answer.done for answer in answers] == [False, False]


# The same id is the same order.


def test_an_id_that_is_asked_for_twice_is_sent_once_and_answered_twice(trades: Stage) -> None:
    answers = [trades.ask(NAME, COMMAND), trades.ask(NAME, COMMAND)]

    trades.publish(ACCEPTED)

    assert sent(trades) == ["o-1"]
    assert [answer.get().deal for answer in answers] == [ACCEPTED.deal, ACCEPTED.deal]


def test_an_id_that_waits_is_sent_once_when_its_turn_comes(trades: Stage) -> None:
    trades.ask(NAME, order(1))
    answers = [trades.ask(NAME, order(2)), trades.ask(NAME, order(2))]

    trades.publish(accepted(1), accepted(2))

    assert sent(trades) == ["o-1", "o-2"]
    assert [answer.get().deal.id for answer in answers] == ["d-2", "d-2"]


def test_the_id_of_a_placed_order_is_answered_at_once_with_its_deal(trades: Stage) -> None:
    trades.ask(NAME, COMMAND)
    trades.publish(ACCEPTED)

    answer = trades.ask(NAME, COMMAND)

    assert sent(trades) == ["o-1"]
    assert answer.get().deal == ACCEPTED.deal


def test_the_id_of_a_refused_order_is_answered_at_once_with_the_refusal(trades: Stage) -> None:
    trades.ask(NAME, COMMAND)
    trades.publish(refused())

    answer = trades.ask(NAME, COMMAND)

    assert sent(trades) == ["o-1"]
    with pytest.raises(OrderRefused):
        answer.get()


def test_the_id_of_an_order_that_was_denied_is_free_again(trades: Stage) -> None:
    trades.set_session(SessionState.BACKING_OFF)
    trades.ask(NAME, COMMAND)
    trades.make_ready(2)

    answer = trades.ask(NAME, COMMAND)
    trades.publish(ACCEPTED)

    assert sent(trades) == ["o-1"]
    assert answer.get().deal == ACCEPTED.deal


def test_the_id_of_an_order_that_expired_unsent_is_free_again(trades: Stage) -> None:
    trades.ask(NAME, order(1, deadline=20))
    unsent = trades.ask(NAME, order(2))
    trades.advance(DEADLINE)

    answer = trades.ask(NAME, order(2))
    trades.publish(accepted(1), accepted(2))

    with pytest.raises(DeadlineExceeded):
        unsent.get()
    assert sent(trades) == ["o-1", "o-2"]
    assert answer.get().deal.id == "d-2"


def test_an_id_that_was_freed_has_a_deadline_of_its_own(trades: Stage) -> None:
    trades.ask(NAME, order(1))
    unsent = trades.ask(NAME, order(2))
    trades.set_session(SessionState.BACKING_OFF)
    trades.publish(accepted(1))
    trades.make_ready(2)
    trades.advance(DEADLINE - 1)

    answer = trades.ask(NAME, order(2))
    trades.advance(DEADLINE - 1)
    done_before = answer.done
    trades.advance(1)

    assert not done_before
    with pytest.raises(NotConnected):
        unsent.get()
    with pytest.raises(OrderUnconfirmed):
        answer.get()


# One unanswered order per asset.


@pytest.mark.parametrize(
    "answer", [ACCEPTED, UNNAMED, refused(), refused(None)], ids=["id", "like it", "no", "no name"]
)
def test_the_next_order_of_an_asset_waits_for_the_answer(trades: Stage, answer: TradeAccepted | TradeRefused) -> None:
    trades.ask(NAME, order(1))
    trades.ask(NAME, order(2))
    sent_before = sent(trades)

    trades.publish(answer)

    assert sent_before == ["o-1"]
    assert sent(trades) == ["o-1", "o-2"]


def test_orders_of_an_asset_are_sent_in_their_order(trades: Stage) -> None:
    for number in range(1, 5):
        trades.ask(NAME, order(number))

    trades.publish(accepted(1), refused(), accepted(3))

    assert sent(trades) == ["o-1", "o-2", "o-3", "o-4"]


def test_orders_of_other_assets_do_not_wait(trades: Stage) -> None:
    answers = [trades.ask(NAME, order(1, EURO)), trades.ask(NAME, order(2, POUND)), trades.ask(NAME, order(3, YEN))]

    trades.publish(refused(POUND))

    assert sent(trades) == ["o-1", "o-2", "o-3"]
    assert [answer.done for answer in answers] == [False, True, False]


def test_the_acknowledgement_of_another_order_frees_nothing(trades: Stage) -> None:
    trades.ask(NAME, order(1))
    trades.publish(accepted(1))
    trades.ask(NAME, order(2))
    trades.ask(NAME, order(3))

    trades.publish(accepted(1), accepted(9))

    assert sent(trades) == ["o-1", "o-2"]


def test_an_order_that_may_exist_keeps_its_asset_and_the_next_waits_until_its_own_deadline(trades: Stage) -> None:
    trades.ask(NAME, order(1))
    answer = trades.ask(NAME, order(2, deadline=2 * DEADLINE))

    trades.advance(2 * DEADLINE - 0.1)
    done_before = answer.done
    trades.advance(0.1)

    assert sent(trades) == ["o-1"]
    assert not done_before
    with pytest.raises(DeadlineExceeded, match="not sent"):
        answer.get()


def test_the_next_order_is_sent_when_an_unconfirmed_one_is_seen(trades: Stage) -> None:
    trades.ask(NAME, order(1))
    trades.ask(NAME, order(2, deadline=2 * DEADLINE))
    trades.advance(DEADLINE)

    trades.publish(OpenedDealsReported(deals=(DEAL,)))

    assert sent(trades) == ["o-1", "o-2"]


def test_an_order_that_waits_too_long_expires_unsent(trades: Stage) -> None:
    trades.ask(NAME, order(1, deadline=20))
    answer = trades.ask(NAME, order(2))

    trades.advance(DEADLINE)
    trades.publish(accepted(1))

    assert sent(trades) == ["o-1"]
    with pytest.raises(DeadlineExceeded, match="not sent"):
        answer.get()


def test_an_order_that_waits_is_not_sent_on_a_session_that_is_gone(trades: Stage) -> None:
    trades.ask(NAME, order(1))
    waiting = [trades.ask(NAME, order(number)) for number in (2, 3, 4)]

    trades.set_session(SessionState.BACKING_OFF)
    trades.publish(accepted(1))
    trades.make_ready(2)

    assert sent(trades) == []
    for answer in waiting:
        with pytest.raises(NotConnected):
            answer.get()


def test_what_waits_ends_at_once_with_the_session_and_its_id_is_free(trades: Stage) -> None:
    trades.ask(NAME, order(1))
    answers = [trades.ask(NAME, order(number)) for number in (2, 3)]

    trades.lose_session()
    done_before = [answer.done for answer in answers]
    trades.make_ready(2)
    trades.publish(*told(accepted(1).deal))
    trades.ask(NAME, order(3))

    assert done_before == [True, True]
    for answer in answers:
        with pytest.raises(NotConnected):
            answer.get()
    assert sent(trades) == ["o-3"]


def test_what_was_sent_on_a_lost_session_keeps_its_own_deadline(trades: Stage) -> None:
    answer = trades.ask(NAME, order(1))
    trades.ask(NAME, order(2))

    trades.lose_session()
    trades.make_ready(2)
    trades.advance(DEADLINE - 0.1)
    done_before = answer.done
    trades.advance(0.1)

    assert not done_before
    assert sent(trades) == []
    with pytest.raises(OrderUnconfirmed):
        answer.get()


def test_an_order_that_is_due_when_its_turn_comes_is_not_sent(trades: Stage) -> None:
    trades.ask(NAME, order(1))
    answer = trades.ask(NAME, order(2))

    trades.advance(DEADLINE)

    assert sent(trades) == ["o-1"]
    with pytest.raises(DeadlineExceeded, match="not sent"):
        answer.get()


def test_an_order_that_is_late_after_a_crash_is_not_sent(trades: Stage) -> None:
    trades.ask(NAME, order(1, deadline=2 * DEADLINE))
    answer = trades.ask(NAME, order(2))

    def pass_the_deadline() -> None:
        trades.advance(DEADLINE + 1)
        trades.publish(accepted(1))

    trades.crash(NAME, pass_the_deadline)

    assert sent(trades) == ["o-1"]
    with pytest.raises(DeadlineExceeded, match="not sent"):
        answer.get()


def test_an_order_that_waits_is_checked_again_when_its_turn_comes(trades: Stage) -> None:
    trades.ask(NAME, order(1))
    answer = trades.ask(NAME, order(2))

    trades.publish(listed(POUND))
    trades.publish(accepted(1))

    assert sent(trades) == ["o-1"]
    with pytest.raises(UnknownAsset):
        answer.get()


def test_an_order_that_turns_out_to_exist_while_it_waits_is_not_sent(trades: Stage) -> None:
    trades.ask(NAME, order(1))
    answer = trades.ask(NAME, order(2))

    trades.publish(accepted(2), accepted(1))

    assert sent(trades) == ["o-1"]
    assert answer.get().deal.id == "d-2"


# Unconfirmed orders.


def test_an_order_without_an_answer_is_unconfirmed_at_its_deadline(trades: Stage) -> None:
    answer = trades.ask(NAME, COMMAND)

    trades.advance(DEADLINE - 0.1)
    done_before = answer.done
    trades.advance(0.1)

    assert not done_before
    with pytest.raises(OrderUnconfirmed, match="o-1"):
        answer.get()


def test_an_unconfirmed_order_is_never_sent_again(trades: Stage) -> None:
    trades.ask(NAME, COMMAND)
    trades.advance(DEADLINE)

    again = trades.ask(NAME, COMMAND)
    trades.crash(NAME)
    trades.advance(DEADLINE)
    after_crash = trades.ask(NAME, COMMAND)

    assert sent(trades) == ["o-1"]
    for answer in (again, after_crash):
        with pytest.raises(OrderUnconfirmed):
            answer.get()


@pytest.mark.parametrize("state", [SessionState.BACKING_OFF, SessionState.RESTORING, SessionState.READY])
def test_an_order_is_not_sent_again_on_another_connection(trades: Stage, state: SessionState) -> None:
    answer = trades.ask(NAME, COMMAND)

    trades.lose_session()
    trades.set_session(state, 2)
    trades.advance(DEADLINE)

    assert sent(trades) == []
    with pytest.raises(OrderUnconfirmed):
        answer.get()


def test_a_late_acknowledgement_completes_an_unconfirmed_order(trades: Stage) -> None:
    trades.ask(NAME, COMMAND)
    trades.advance(DEADLINE)

    trades.publish(ACCEPTED)
    answer = trades.ask(NAME, COMMAND)

    assert sent(trades) == ["o-1"]
    assert answer.get().deal == ACCEPTED.deal


def test_a_late_acknowledgement_leaves_the_order_that_followed_unanswered(trades: Stage) -> None:
    trades.ask(NAME, order(1))
    trades.advance(DEADLINE)
    following, next_one = trades.ask(NAME, order(2)), trades.ask(NAME, order(3))

    trades.publish(accepted(1))

    assert sent(trades) == ["o-1", "o-2"]
    assert (following.done, next_one.done) == (False, False)


@pytest.mark.parametrize("sighting", [UNNAMED, OpenedDealsReported(deals=(DEAL,))], ids=["answer", "list"])
def test_a_late_sighting_without_an_id_completes_the_order_like_it(trades: Stage, sighting: Message) -> None:
    trades.ask(NAME, COMMAND)
    trades.advance(DEADLINE)

    trades.publish(sighting)

    assert trades.ask(NAME, COMMAND).get().deal == ACCEPTED.deal


def test_an_answered_order_hears_nothing_of_its_deadline(trades: Stage) -> None:
    trades.ask(NAME, COMMAND)
    trades.publish(ACCEPTED)

    trades.advance(DEADLINE)

    assert trades.ask(NAME, COMMAND).get().deal == ACCEPTED.deal


# Crashing.


def test_a_crash_does_not_send_an_order_again(trades: Stage) -> None:
    answers = [trades.ask(NAME, COMMAND)]

    trades.crash(NAME)
    answers.append(trades.ask(NAME, COMMAND))
    trades.publish(ACCEPTED)

    assert sent(trades) == ["o-1"]
    assert [answer.get().deal for answer in answers] == [ACCEPTED.deal, ACCEPTED.deal]


def test_an_order_that_waits_is_sent_after_a_crash_once_the_lists_were_told(trades: Stage) -> None:
    trades.ask(NAME, order(1))
    trades.ask(NAME, order(2))

    trades.crash(NAME, lambda: trades.publish(*told(), accepted(1)))

    assert sent(trades) == ["o-1", "o-2"]


def test_deadlines_survive_a_crash(trades: Stage) -> None:
    unconfirmed, unsent = trades.ask(NAME, order(1, deadline=20)), trades.ask(NAME, order(2))
    trades.advance(DEADLINE - 1)

    trades.crash(NAME)
    trades.advance(1)
    done_before = (unconfirmed.done, unsent.done)
    trades.advance(10)

    assert done_before == (False, True)
    with pytest.raises(DeadlineExceeded, match="not sent"):
        unsent.get()
    with pytest.raises(OrderUnconfirmed):
        unconfirmed.get()


def test_a_deadline_that_passed_while_nobody_was_there_counts(trades: Stage) -> None:
    answer = trades.ask(NAME, COMMAND)

    trades.crash(NAME, lambda: trades.advance(DEADLINE + 1))
    trades.advance(0)

    with pytest.raises(OrderUnconfirmed):
        answer.get()

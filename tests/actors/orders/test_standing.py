"""Covers actors.orders.standing."""

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from actors.orders.gate import Standing
from actors.orders.ledger import OrderEvent
from actors.orders.register import Register
from actors.orders.standing import DAY_SECONDS, Surroundings
from messages.orders import OrderRecord, OrderState, TradingMode
from messages.trading import OrderId
from tests.actors.api.samples import NOW, POUND
from tests.actors.orders.samples import ORDER, FailingJournal, deal, order

S, E = OrderState, OrderEvent
MIDNIGHT = NOW // DAY_SECONDS * DAY_SECONDS


class Scene:
    """A register, and what is seen around an order."""

    def __init__(self) -> None:
        self.journal = FailingJournal()
        self.register = Register(self.journal.opened)
        self.register.catch_up(NOW)
        self.around = Surroundings(self.register)

    def place(self, number: int, created: float = NOW, **changes: Any) -> OrderRecord:
        """Let an order have gone out."""
        self.register.intend(order(number, created=created, **changes), created)
        sent = self.register.move(OrderId(f"o-{number}"), E.SEND, created)
        self.around.add(sent)
        return sent

    def seen(self, wanted: OrderRecord = ORDER) -> Standing:
        return self.around.standing(wanted, is_reconciled=True, silence=1.0, tick_age=2.0, counts_losses=True)


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_what_it_is_told_it_passes_on(scene: Scene) -> None:
    seen = scene.seen()

    assert (seen.is_reconciled, seen.silence, seen.tick_age) == (True, 1.0, 2.0)
    assert (seen.mode, seen.journal_problem) == (TradingMode.ACTIVE, None)


def test_the_kill_switch_and_the_journal_are_looked_at(scene: Scene) -> None:
    scene.place(1)
    scene.register.set_mode(TradingMode.HALTED)
    scene.journal.is_broken = True
    scene.register.move(OrderId("o-1"), E.LOSE, NOW)

    seen = scene.seen()

    assert (seen.mode, seen.journal_problem) == (TradingMode.HALTED, "disk full")


@pytest.mark.parametrize("state", list(S))
def test_an_order_that_may_exist_occupies_its_asset(scene: Scene, state: OrderState) -> None:
    scene.register.ledger.enter(order(1, state))

    assert scene.around.is_occupied(ORDER.symbol) is (state in {S.JOURNALED, S.SENT, S.UNKNOWN})
    assert not scene.around.is_occupied(POUND)


@pytest.mark.parametrize("state", list(S))
def test_only_an_order_that_a_person_has_to_settle_blocks_its_asset(scene: Scene, state: OrderState) -> None:
    manual = order(1, state)
    scene.register.ledger.enter(manual)

    assert scene.seen().blocked_by == (manual if state is S.MANUAL else None)
    assert scene.seen(replace(ORDER, symbol=POUND)).blocked_by is None


def test_what_is_open_or_may_be_is_running_and_at_stake(scene: Scene) -> None:
    for number, state in enumerate((S.OPEN, S.UNKNOWN, S.SENT, S.CLOSED, S.REJECTED)):
        scene.register.ledger.enter(order(number, state))
    scene.register.ledger.enter(order(9, S.OPEN, symbol=POUND, stake=Decimal(5)))

    seen = scene.seen()

    assert (seen.running, seen.running_here) == (4, 3)
    assert seen.at_stake == 8


def test_recent_is_what_went_out_in_the_last_minute(scene: Scene) -> None:
    scene.place(1, NOW - 60)
    scene.place(2, NOW - 59.9)
    scene.place(3, NOW - 1, symbol=POUND)

    seen = scene.seen()

    assert (seen.recent, seen.recent_here) == (2, 1)


def test_the_same_order_is_recognised_whatever_has_become_of_it(scene: Scene) -> None:
    scene.place(1, NOW - 1)
    scene.place(2, NOW - 1, stake=Decimal(2))
    scene.register.move(OrderId("o-1"), E.OPEN, NOW, deal=deal(1))

    seen = scene.seen()

    assert seen.duplicate_of is not None
    assert (seen.duplicate_of.order_id, seen.duplicate_of.state) == ("o-1", S.OPEN)
    assert scene.seen(replace(ORDER, stake=Decimal(3))).duplicate_of is None


@pytest.mark.parametrize(
    ("profits", "lost"),
    [([], "0"), (["-1"], "1"), (["-1", "0.92"], "0.08"), (["0.92"], "-0.92"), (["0"], "0")],
)
def test_what_was_lost_today_is_what_the_closed_deals_brought(scene: Scene, profits: list[str], lost: str) -> None:
    for number, profit in enumerate(profits):
        ended = deal(number, close_time=MIDNIGHT + number, profit=Decimal(profit), close_price=1.2)
        scene.register.ledger.enter(order(number, S.CLOSED, deal=ended))
    yesterday = deal(9, close_time=MIDNIGHT - 0.1, profit=Decimal(-50), close_price=1.2)
    scene.register.ledger.enter(order(9, S.CLOSED, deal=yesterday))

    assert scene.seen().lost_today == Decimal(lost)


def test_what_nobody_can_tell_the_end_of_counts_as_lost(scene: Scene) -> None:
    scene.register.ledger.enter(order(1, S.MANUAL))
    scene.register.ledger.enter(order(2, S.MANUAL, deal=deal(2)))
    scene.register.ledger.enter(order(3, S.CLOSED, deal=deal(3), stake=Decimal(3)))
    scene.register.ledger.enter(order(4, S.CLOSED, created=MIDNIGHT - 61))

    assert scene.seen().lost_today == 5


def test_losses_are_counted_only_where_they_matter(scene: Scene) -> None:
    scene.register.ledger.enter(order(1, S.MANUAL))

    seen = scene.around.standing(ORDER, is_reconciled=True, silence=0.0, tick_age=None, counts_losses=False)

    assert seen.lost_today == 0

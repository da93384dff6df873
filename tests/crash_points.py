"""Lets a client die at every point of an order's life, and looks at what the next one makes of it.

``python -m tests.crash_points``: prints how many points were tried and at how many of them each invariant did not hold;
exit code 1 where one did not. A point is a message that some actor is about to handle, or an order that is about to be
written down or has just been. All that is left of the client that died is its journal, and the broker, which
deduplicates nothing. ``--forget`` takes back whatever was not to be durable, as a crash of the machine may.
``--pending`` leaves an order that waits for its time, instead of one that is carried out at once.

``--resend`` is the control: a client that sends again what its journal does not know the end of. It must fail.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Protocol

from msgspec.structs import replace

from actors.future import Future
from actors.orders.ledger import FINAL
from actors.orders.memory_journal import MemoryJournal
from actors.stepped import SteppedRuntime
from messages.base import AddressName
from messages.errors import BusError
from messages.orders import OrderRecord, OrderState
from messages.session import SendFrame
from messages.trading import OpenPendingOrder, OrderId, PendingOrder, PendingTrigger, PlaceTrade
from messages.wire.clock import USUAL_OFFSET_SECONDS
from messages.wire.commands import open_order, open_pending_order
from messages.wire.ssid import Ssid
from optionbus.client import PocketOption
from optionbus.simulated import SSID, SimulatedTransport
from simulator.audit import Execution
from simulator.broker import Broker
from supervisor.settings import Settings

ASSET, STAKE, DURATION_SECONDS = "EURUSD_otc", 10, 60
ORDER = OrderId("the-order")
LONG_ENOUGH_SECONDS = 150.0
"""After so long the deal has expired, and every grace and patience is over."""

INVARIANTS = ("at most once", "never without an intent", "ends in the truth", "the result is known")


class Died(BaseException):
    """The process is gone; nobody may catch it."""


class Paper:
    """What a journal has on disk; ``points`` is told before and after each write."""

    def __init__(self, point: Callable[[], None], *, forgets: bool) -> None:
        self.journal = MemoryJournal()
        self._durable: dict[OrderId, OrderRecord] = {}
        self._point = point
        self._forgets = forgets
        note = self.journal.note

        def write(order: OrderRecord) -> None:
            point()
            note(order)
            point()

        def intend(order: OrderRecord) -> None:
            point()
            note(order)
            self._durable[order.order_id] = order
            point()

        self.journal.note, self.journal.intend = write, intend  # type: ignore[method-assign]

    def left(self) -> MemoryJournal:
        """What the next process finds."""
        found = MemoryJournal()
        for order in self._durable.values() if self._forgets else self.journal.recent():
            found.note(order)
        return found


class Life:
    """One client, from its start to its end or death, on a broker that outlives it."""

    def __init__(self, broker: Broker, journal: MemoryJournal, start: float | None, point: Callable[[], None]) -> None:
        begin = {} if start is None else {"start": start}
        self.runtime = SteppedRuntime(7, on_step=lambda *_step: point(), **begin)
        self.network = SimulatedTransport(broker, self.runtime.clock, self.runtime)
        self.client = PocketOption.__new__(PocketOption)
        self.client._assemble(Ssid.parse(SSID), Settings(), (), runtime=self.runtime, transport=self.network)
        edge = self.client._edge
        edge._world = replace(edge._world, open_journal=lambda: journal)

    def act(self, scene: "Scene") -> None:
        """Place the order and see it through."""
        self.client.start()
        self.client.wait_ready(timeout=10)
        self.client.balance().get()  # without which nothing could prove that an order was not carried out
        with suppress(BusError):
            scene.act(self.client)

    def die(self) -> float:
        """Leave nothing but a closed socket; gives the time."""
        for name in tuple(self.network._channels):
            self.network.leave(name)
        return self.runtime.clock.now()

    def look_after(self, scene: "Scene", *, resends: bool) -> None:
        """Be the next process."""
        self.client.start()
        self.client.wait_ready(timeout=30)
        for order in self.client.orders(unresolved=True).get() if resends else ():
            self._send(scene.frame(order))
        self.runtime.advance(LONG_ENOUGH_SECONDS)

    def _send(self, data: str) -> None:
        """What a client must not do."""
        system = self.client._edge.system
        frame = SendFrame(incarnation=system.session.incarnation, data=data)
        system.directory.tell(AddressName("Connection"), frame)


class Points:
    """Counts the points of a life, and ends it at one of them."""

    def __init__(self, last: int | None = None) -> None:
        self.passed = 0
        self._last = last

    def __call__(self) -> None:
        self.passed += 1
        if self.passed == self._last:
            raise Died


class Scene(Protocol):
    """An order, from the wish to its end, and the truth about it."""

    broker: Broker

    def act(self, client: PocketOption) -> None:
        """Place it and see it through."""

    def frame(self, order: OrderRecord) -> str:
        """What would send it again."""

    @property
    def times(self) -> int:
        """How often the broker took it."""

    def is_true(self, state: OrderState) -> bool:
        """Whether an order of that state is what the broker knows of it."""

    def is_known(self, client: PocketOption, order: OrderRecord) -> bool:
        """Whether the client tells of the order what the journal has."""


class Trade:
    """An order that is carried out at once, and its result."""

    def __init__(self) -> None:
        self._executed: list[Execution] = []
        self.broker = Broker(7, executed=self._executed)

    def act(self, client: PocketOption) -> None:
        """Place it and see it through."""
        deal = client.buy(ASSET, STAKE, DURATION_SECONDS, request_id=ORDER).get()
        client.result(deal.id).get()

    def frame(self, order: OrderRecord) -> str:
        """What would send it again."""
        again = PlaceTrade(
            order_id=order.order_id,
            symbol=order.symbol,
            direction=order.direction,
            stake=order.stake,
            duration_seconds=order.duration_seconds,
            deadline_seconds=1.0,
        )
        return open_order(again, is_demo=True)

    @property
    def times(self) -> int:
        """How often the broker carried it out."""
        return sum(1 for each in self._executed if each.request_id == ORDER)

    def is_true(self, state: OrderState) -> bool:
        """Whether an order of that state is what the broker knows of it."""
        return state is OrderState.CLOSED if self.times else state in _NEVER_WAS

    def is_known(self, client: PocketOption, order: OrderRecord) -> bool:
        """Whether the client tells of the order what the journal has."""
        return order.deal is None or client.result(order.deal.id).get().profit == order.deal.profit


class Pending:
    """An order that waits for a time beyond all lives."""

    def __init__(self) -> None:
        self.broker = Broker(7)
        self._opens = 0.0

    def act(self, client: PocketOption) -> None:
        """Leave it with the platform."""
        self._opens = client.server_time().get().time + 3600
        self._ask(client).get()

    def frame(self, order: OrderRecord) -> str:
        """What would send it again."""
        return open_pending_order(_command(order), USUAL_OFFSET_SECONDS)

    @property
    def times(self) -> int:
        """How often the broker kept it."""
        return self.broker._pending._count

    def is_true(self, state: OrderState) -> bool:
        """Whether an order of that state is what the broker knows of it."""
        return state is OrderState.WAITING if self.times else state in _NEVER_WAS

    def is_known(self, client: PocketOption, order: OrderRecord) -> bool:
        """Whether the same id again is the same order."""
        return order.pending is not None and self._ask(client).get().ticket == order.pending.ticket

    def _ask(self, client: PocketOption) -> Future[PendingOrder]:
        return client.open_pending_order(
            PendingTrigger.TIME,
            STAKE,
            ASSET,
            open_time=self._opens,
            timeframe=DURATION_SECONDS,
            min_payout=10,
            command="call",
            request_id=ORDER,
        )


def failures(
    point: int | None, kind: Callable[[], Scene], *, forgets: bool = False, resends: bool = False
) -> tuple[list[str], int]:
    """Which invariants did not hold where the client died at that point, and how many points it passed."""
    scene = kind()
    points = Points(point)
    paper = Paper(points, forgets=forgets)
    first = Life(scene.broker, paper.journal, None, points)
    with suppress(Died):
        first.act(scene)
    journal = paper.left()
    second = Life(scene.broker, journal, first.die(), lambda: None)
    second.look_after(scene, resends=resends)
    return list(_broken(second.client, scene, journal)), points.passed


def _broken(client: PocketOption, scene: Scene, journal: MemoryJournal) -> Iterator[str]:
    order = journal.order(ORDER)
    if scene.times > 1:
        yield INVARIANTS[0]
    if scene.times and order is None:
        yield INVARIANTS[1]
    if order is not None and not scene.is_true(order.state):
        yield INVARIANTS[2]
    if scene.times and order is not None and not scene.is_known(client, order):
        yield INVARIANTS[3]


def _command(order: OrderRecord) -> OpenPendingOrder:
    terms = order.pending
    assert terms is not None
    return OpenPendingOrder(
        order_id=order.order_id,
        trigger=terms.trigger,
        symbol=order.symbol,
        direction=order.direction,
        stake=order.stake,
        open_time=terms.open_time,
        open_price=terms.open_price,
        duration_seconds=order.duration_seconds,
        min_payout_percent=terms.min_payout_percent,
    )


_NEVER_WAS = FINAL - {OrderState.CLOSED, OrderState.ENDED}


def survey(
    every: int = 1, kind: Callable[[], Scene] = Trade, *, forgets: bool = False, resends: bool = False
) -> dict[str, int]:
    """How many points were tried, and at how many each invariant did not hold."""
    _none, total = failures(None, kind)
    counts: Counter[str] = Counter()
    tried = range(1, total + 1, every)
    for point in tried:
        counts.update(failures(point, kind, forgets=forgets, resends=resends)[0])
    return {"points": len(tried), **{invariant: counts[invariant] for invariant in INVARIANTS}}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crash_points")
    parser.add_argument("--every", type=int, default=1, help="try every so-manieth point")
    parser.add_argument("--forget", action="store_true", help="take back what was not to be durable")
    parser.add_argument("--pending", action="store_true", help="an order that waits for its time")
    parser.add_argument("--resend", action="store_true", help="the control, which must fail")
    options = parser.parse_args()
    kind: Callable[[], Scene] = Pending if options.pending else Trade
    result = survey(options.every, kind, forgets=options.forget, resends=options.resend)
    sys.stdout.write(json.dumps(result, indent=2) + "\n")
    return 1 if any(result[invariant] for invariant in INVARIANTS) else 0


if __name__ == "__main__":
    sys.exit(main())

"""Lets a client die at every point of an order's life, and looks at what the next one makes of it.

``python -m tests.crash_points``: prints how many points were tried and at how many of them each invariant did not hold;
exit code 1 where one did not. A point is a message that some actor is about to handle, or an order that is about to be
written down or has just been. All that is left of the client that died is its journal, and the broker, which
deduplicates nothing. ``--forget`` takes back whatever was not to be durable, as a crash of the machine may.

``--resend`` is the control: a client that sends again what its journal does not know the end of. It must fail.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress

from msgspec.structs import replace

from actors.orders.ledger import FINAL
from actors.orders.memory_journal import MemoryJournal
from actors.stepped import SteppedRuntime
from messages.base import AddressName
from messages.errors import BusError
from messages.orders import OrderRecord, OrderState
from messages.session import SendFrame
from messages.trading import OrderId, PlaceTrade
from messages.wire.commands import open_order
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

    def trade(self) -> None:
        """Place the order and wait for its result."""
        self.client.start()
        self.client.wait_ready(timeout=10)
        self.client.balance().get()  # without which nothing could prove that an order was not carried out
        with suppress(BusError):
            deal = self.client.buy(ASSET, STAKE, DURATION_SECONDS, request_id=ORDER).get()
            self.client.result(deal.id).get()

    def die(self) -> float:
        """Leave nothing but a closed socket; gives the time."""
        for name in tuple(self.network._channels):
            self.network.leave(name)
        return self.runtime.clock.now()

    def look_after(self, *, resends: bool) -> None:
        """Be the next process."""
        self.client.start()
        self.client.wait_ready(timeout=30)
        if resends:
            _resend(self.client)
        self.runtime.advance(LONG_ENOUGH_SECONDS)


class Points:
    """Counts the points of a life, and ends it at one of them."""

    def __init__(self, last: int | None = None) -> None:
        self.passed = 0
        self._last = last

    def __call__(self) -> None:
        self.passed += 1
        if self.passed == self._last:
            raise Died


def failures(point: int | None, *, forgets: bool = False, resends: bool = False) -> tuple[list[str], int]:
    """Which invariants did not hold where the client died at that point, and how many points it passed."""
    executed: list[Execution] = []
    broker = Broker(7, executed=executed)
    points = Points(point)
    paper = Paper(points, forgets=forgets)
    first = Life(broker, paper.journal, None, points)
    with suppress(Died):
        first.trade()
    journal = paper.left()
    second = Life(broker, journal, first.die(), lambda: None)
    second.look_after(resends=resends)
    return list(_broken(second.client, executed, journal)), points.passed


def _broken(client: PocketOption, executed: list[Execution], journal: MemoryJournal) -> Iterator[str]:
    times = sum(1 for each in executed if each.request_id == ORDER)
    order = journal.order(ORDER)
    if times > 1:
        yield INVARIANTS[0]
    if times and order is None:
        yield INVARIANTS[1]
    if order is not None and (order.state is not OrderState.CLOSED if times else order.state not in _NEVER_WAS):
        yield INVARIANTS[2]
    if times and order is not None and order.deal is not None:
        result = client.result(order.deal.id)
        if result.get().profit != order.deal.profit:
            yield INVARIANTS[3]


_NEVER_WAS = FINAL - {OrderState.CLOSED}


def _resend(client: PocketOption) -> None:
    """What a client must not do."""
    edge = client._edge
    for order in client.orders(unresolved=True).get():
        again = PlaceTrade(
            order_id=order.order_id,
            symbol=order.symbol,
            direction=order.direction,
            stake=order.stake,
            duration_seconds=order.duration_seconds,
            deadline_seconds=1.0,
        )
        frame = SendFrame(incarnation=edge.system.session.incarnation, data=open_order(again, is_demo=True))
        edge.system.directory.tell(AddressName("Connection"), frame)


def survey(every: int = 1, *, forgets: bool = False, resends: bool = False) -> dict[str, int]:
    """How many points were tried, and at how many each invariant did not hold."""
    _none, total = failures(None)
    counts: Counter[str] = Counter()
    tried = range(1, total + 1, every)
    for point in tried:
        counts.update(failures(point, forgets=forgets, resends=resends)[0])
    return {"points": len(tried), **{invariant: counts[invariant] for invariant in INVARIANTS}}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crash_points")
    parser.add_argument("--every", type=int, default=1, help="try every so-manieth point")
    parser.add_argument("--forget", action="store_true", help="take back what was not to be durable")
    parser.add_argument("--resend", action="store_true", help="the control, which must fail")
    options = parser.parse_args()
    result = survey(options.every, forgets=options.forget, resends=options.resend)
    sys.stdout.write(json.dumps(result, indent=2) + "\n")
    return 1 if any(result[invariant] for invariant in INVARIANTS) else 0


if __name__ == "__main__":
    sys.exit(main())

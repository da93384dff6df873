"""Where a tick's time goes: every hop of its way through the client by itself, without threads and sockets.

Theory of operation. What one hop puts out is kept and given to the next, so that each is timed alone, over the same
ticks in the same batches. What the whole takes beyond the sum goes to the sockets, and to threads that take turns.

Decides where one hop ends and the next begins. It looks at the client's inside, and has to follow where that changes.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from queue import Empty
from statistics import median
from typing import Any, Final, TypeVar

from msgspec import Struct
from rich.console import Console
from rich.table import Table

from actors.address import Address
from actors.base import Context
from actors.candles.builder import builder_for
from actors.inlet import ConnectionInlet
from actors.mailbox import Mailbox
from actors.router import RouterActor
from actors.runtime import ThreadedRuntime
from actors.system import System
from actors.websocket_link import CHUNK_BYTES, Link
from actors.websocket_stream import Batch, MessageStream
from benchmarks.frames import SYMBOLS
from benchmarks.load import Burst, Plan
from messages.base import NOBODY, AddressName, Incarnation
from messages.market import Symbol, TicksReceived, TimeAligned
from messages.session import FrameBatch
from optionbus.stream import Stream

TICKS: Final = 50_000
REPETITIONS: Final = 7

T = TypeVar("T")


class Hop(Struct, frozen=True):
    """One stretch of the way: what happens on it, on which thread, and how many µs that takes for each tick.

    ``in_batches`` is at saturation, ``one_by_one`` where every tick comes by itself.
    """

    name: str
    thread: str
    in_batches: float
    one_by_one: float


class _Recorded(Link):
    """A connection on which everything has come already, and is given out in chunks of ``size``."""

    def __init__(self, data: bytes, size: int) -> None:
        super().__init__()
        self._chunks = iter([data[at : at + size] for at in range(0, len(data), size)])
        self._is_saturated = size == CHUNK_BYTES

    def receive(self, until: float | None = None, size: int = CHUNK_BYTES) -> bytes:
        """The next chunk."""
        del until, size
        try:
            return next(self._chunks)
        except StopIteration:
            raise ConnectionResetError from None

    def receive_now(self, size: int = CHUNK_BYTES) -> bytes:
        """The next chunk, if more is there at once."""
        return self.receive(size=size) if self._is_saturated else b""


class _Kept:
    """A listener that keeps what it is told."""

    def __init__(self) -> None:
        self.messages: list[Any] = []
        self.tell: Callable[[Any], None] = self.messages.append


class _Timer:
    """Times one hop of so many ticks after the other."""

    def __init__(self, ticks: int) -> None:
        self.ticks = ticks
        self.hops: dict[tuple[str, str], list[float]] = {}

    def time(self, name: str, thread: str, act: Callable[[], T]) -> T:
        """Do it, and note what it took."""
        begin = time.thread_time()
        result = act()
        self.hops.setdefault((name, thread), []).append((time.thread_time() - begin) / self.ticks * 1e6)
        return result

    def medians(self) -> dict[tuple[str, str], float]:
        """Microseconds per tick, by hop."""
        return {hop: median(times) for hop, times in self.hops.items()}


def measure(ticks: int = TICKS, repetitions: int = REPETITIONS) -> list[Hop]:
    """The hops of a tick in their order: medians, of CPU time."""
    in_batches, one_by_one = _Timer(ticks), _Timer(ticks)
    data = Burst(Plan(ticks=ticks)).due(0.0)
    for _ in range(repetitions):
        _travel(in_batches, _Recorded(data, CHUNK_BYTES))
        _travel(one_by_one, _Recorded(data, len(data) // ticks))  # a tick is as long as any other
    times = in_batches.medians(), one_by_one.medians()
    return [Hop(*hop, times[0][hop], times[1][hop]) for hop in times[0]]


def show(hops: Sequence[Hop], console: Console) -> None:
    """Print them."""
    table = Table(title="µs of CPU per tick", title_justify="left")
    for heading in ("hop", "thread"):
        table.add_column(heading)
    for heading in ("at saturation", "one by one"):
        table.add_column(heading, justify="right")
    for hop in hops:
        table.add_row(hop.name, hop.thread, f"{hop.in_batches:.2f}", f"{hop.one_by_one:.2f}")
    console.print(table)


def _travel(timer: _Timer, link: Link) -> None:
    system = System(ThreadedRuntime())
    context = Context(system, system.address(AddressName("Router")), Incarnation(0), NOBODY)
    stream = MessageStream(link, 1.0)
    batches = timer.time("cut the bytes into messages", "reader", lambda: list(_gathered(stream)))
    timer.time("join headers and payloads to frames", "reader", lambda: _received(context, batches))
    waiting = timer.time("leave the mailbox", "router", lambda: list(_taken(context.address.mailbox)))
    kept = _Kept()
    system.routes.add_ticks(Symbol(SYMBOLS[0]), kept)
    router = RouterActor(context)
    timer.time("decode, gather by asset, tell", "router", lambda: _each(router.on_receive, waiting))
    _to_loop(timer, system, kept.messages)
    _to_actor(timer, kept.messages)
    _to_candles(timer, kept.messages)


def _gathered(stream: MessageStream) -> Iterator[Batch]:
    with suppress(ConnectionResetError):
        while True:
            batch: Batch = []
            try:
                stream.gather(batch)
            finally:
                yield batch


def _received(context: Context, batches: Sequence[Batch]) -> None:
    router: Address[FrameBatch] = context.address
    _each(ConnectionInlet(context, router).received, batches)


def _taken(mailbox: Mailbox) -> Iterator[Any]:
    with suppress(Empty):
        while True:
            yield mailbox.get(block=False)


def _to_loop(timer: _Timer, system: System, told: Sequence[TicksReceived]) -> None:
    stream: Stream[Any] = Stream("Stream", system.runtime, lambda event: event.ticks, buffer=timer.ticks)
    timer.time("enter the stream's buffer", "router, to a loop", lambda: _each(stream.tell, told))
    stream.end()
    timer.time("leave it, one turn of the loop", "the user's", lambda: sum(1 for _tick in stream))


def _to_actor(timer: _Timer, told: Sequence[TicksReceived]) -> None:
    mailbox = Mailbox(timer.ticks)
    timer.time("enter the actor's mailbox", "router, to an actor", lambda: _each(mailbox.put, told))
    timer.time("leave it", "the actor's", lambda: sum(1 for _event in _taken(mailbox)))


def _to_candles(timer: _Timer, told: Sequence[TicksReceived]) -> None:
    builder = builder_for(Symbol(SYMBOLS[0]), TimeAligned(1))
    ticks = [tick for event in told for tick in event.ticks]
    timer.time("build candles of a second", "the aggregator's", lambda: _each(builder.add, ticks))


def _each(act: Callable[[Any], object], items: Sequence[Any]) -> None:
    for item in items:
        act(item)

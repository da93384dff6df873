"""Where a tick's time goes: every hop of its way through the client by itself, without threads and sockets.

Theory of operation. What one hop puts out is kept and given to the next, so that each is timed alone, over the same
ticks. That is done three times: in batches, as at saturation; one by one, as on a quiet day; and one by one with a rest
before each, for on a quiet day caches are cold when a tick comes. What the whole takes beyond the sum of its hops goes
to the sockets, and to threads that take turns.

Decides where one hop ends and the next begins. It looks at the client's inside, and has to follow where that changes.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from statistics import median
from typing import Any, Final, TypeVar

from msgspec import Struct
from rich.console import Console
from rich.table import Table

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
from messages.market import Symbol, TimeAligned
from optionbus.stream import Stream

TICKS: Final = 50_000
RESTED_TICKS: Final = 500
REST_SECONDS: Final = 0.001
REPETITIONS: Final = 7

Item = TypeVar("Item")
Result = TypeVar("Result")


class Hop(Struct, frozen=True):
    """One stretch of the way: what happens on it, on which thread, and how many µs of CPU it takes for each tick."""

    name: str
    thread: str
    in_batches: float
    one_by_one: float
    rested: float


class Stopwatch:
    """Times hops, each over all ``ticks``; before every item it rests so long."""

    def __init__(self, ticks: int, rest_seconds: float = 0.0) -> None:
        self.ticks = ticks
        self._rest_seconds = rest_seconds
        self._times: dict[tuple[str, str], list[float]] = {}

    def time(self, name: str, thread: str, act: Callable[[Item], Result], items: Iterable[Item]) -> Sequence[Result]:
        """What came of each item; what that took is noted."""
        results: list[Result] = []
        used = self._used_rested if self._rest_seconds else self._used
        self._times.setdefault((name, thread), []).append(used(act, items, results) / self.ticks * 1e6)
        return results

    def medians(self) -> dict[tuple[str, str], float]:
        """Microseconds per tick, by hop."""
        return {hop: median(times) for hop, times in self._times.items()}

    def _used(self, act: Callable[[Item], Result], items: Iterable[Item], results: list[Result]) -> float:
        begin = time.thread_time()
        results.extend(map(act, items))
        return time.thread_time() - begin

    def _used_rested(self, act: Callable[[Item], Result], items: Iterable[Item], results: list[Result]) -> float:
        each = []
        for item in items:
            time.sleep(self._rest_seconds)
            begin = time.perf_counter()
            results.append(act(item))
            each.append(time.perf_counter() - begin)
        return median(each) * len(each)


class _Recorded(Link):
    """A connection on which everything has come already, and is given out in chunks of ``size``."""

    def __init__(self, data: bytes, size: int) -> None:
        super().__init__()
        self.chunks = [data[at : at + size] for at in range(0, len(data), size)]
        self._rest = iter(self.chunks)

    def receive(self, until: float | None = None, size: int = CHUNK_BYTES) -> bytes:
        """The next chunk."""
        del until, size
        return next(self._rest)

    def receive_now(self, size: int = CHUNK_BYTES) -> bytes:
        """Nothing: a batch is what comes in one chunk."""
        del size
        return b""


def measure(ticks: int = TICKS, rested_ticks: int = RESTED_TICKS, repetitions: int = REPETITIONS) -> list[Hop]:
    """The hops of a tick in their order: medians."""
    in_batches, one_by_one = Stopwatch(ticks), Stopwatch(ticks)
    rested = Stopwatch(rested_ticks, REST_SECONDS)
    for _ in range(repetitions):
        _travel(in_batches, CHUNK_BYTES)
        _travel(one_by_one)
    _travel(rested)
    times = [stopwatch.medians() for stopwatch in (in_batches, one_by_one, rested)]
    return [Hop(*hop, *(each[hop] for each in times)) for hop in times[0]]


def show(hops: Sequence[Hop], console: Console) -> None:
    """Print them."""
    table = Table(title="µs of CPU per tick", title_justify="left")
    for heading in ("hop", "thread"):
        table.add_column(heading)
    for heading in ("at saturation", "one by one", f"after {REST_SECONDS * 1e3:.0f} ms of rest"):
        table.add_column(heading, justify="right")
    for hop in hops:
        table.add_row(hop.name, hop.thread, *(f"{each:.2f}" for each in (hop.in_batches, hop.one_by_one, hop.rested)))
    console.print(table)


def _travel(stopwatch: Stopwatch, chunk_bytes: int | None = None) -> None:
    data = Burst(Plan(ticks=stopwatch.ticks)).due(0.0)
    link = _Recorded(data, chunk_bytes or len(data) // stopwatch.ticks)  # a tick is as long as any other
    system = System(ThreadedRuntime())
    context = Context(system, system.address(AddressName("Router")), Incarnation(0), NOBODY)
    told: list[Any] = []
    system.routes.add_ticks(Symbol(SYMBOLS[0]), _Kept(told))
    incoming = MessageStream(link, 1.0)
    batches = stopwatch.time("cut the bytes into messages", "reader", lambda _: _gathered(incoming), link.chunks)
    inlet, router, mailbox = ConnectionInlet(context, context.address), RouterActor(context), context.address.mailbox
    stopwatch.time("join headers and payloads to frames", "reader", inlet.received, batches)
    waiting = stopwatch.time("leave the mailbox", "router", lambda _: mailbox.get(), batches)
    stopwatch.time("decode, gather by asset, tell", "router", router.on_receive, waiting)
    _to_loop(stopwatch, system, told)
    _to_actor(stopwatch, told)
    _to_candles(stopwatch, told)


class _Kept:
    """A listener that keeps what it is told."""

    def __init__(self, told: list[Any]) -> None:
        self.tell: Callable[[Any], None] = told.append


def _gathered(stream: MessageStream) -> Batch:
    batch: Batch = []
    stream.gather(batch)
    return batch


def _to_loop(stopwatch: Stopwatch, system: System, told: Sequence[Any]) -> None:
    stream: Stream[Any] = Stream("Stream", system.runtime, lambda event: event.ticks, buffer=stopwatch.ticks)
    stopwatch.time("enter the stream's buffer", "router, to a loop", stream.tell, told)
    stopwatch.time("leave it, one turn of the loop", "the user's", lambda _: next(stream), range(stopwatch.ticks))


def _to_actor(stopwatch: Stopwatch, told: Sequence[Any]) -> None:
    mailbox = Mailbox(stopwatch.ticks)
    stopwatch.time("enter the actor's mailbox", "router, to an actor", mailbox.put, told)
    stopwatch.time("leave it", "the actor's", lambda _: mailbox.get(), told)


def _to_candles(stopwatch: Stopwatch, told: Sequence[Any]) -> None:
    builder = builder_for(Symbol(SYMBOLS[0]), TimeAligned(1))
    ticks = [tick for event in told for tick in event.ticks]
    stopwatch.time("build candles of a second", "the aggregator's", builder.add, ticks)

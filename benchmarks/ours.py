"""Ours, as a user has it: ``from optionbus import …`` and nothing from inside.

A contestant. Decides how each thing that is measured is asked for. Does not know what is a good figure.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Any, ClassVar, Final

from benchmarks import task
from benchmarks.frames import SYMBOLS, stamp
from benchmarks.load import SOURCE_STEP_SECONDS
from benchmarks.task import PATIENCE_SECONDS, SSID, Figures, Task
from optionbus import Actor, Candle, CandleClosed, Chunk, Config, PocketOption, TicksReceived, TimeAligned, Timed
from supervisor.settings import JournalSettings, SubscriptionSettings

Aggregation = Chunk | Timed | TimeAligned

NO_JOURNAL: Final = JournalSettings(in_memory=True)

# Each divides the number of ticks that are sent, so that the last tick closes the last chunk.
_CHUNKS: Final = (100, 125, 160, 200, 250, 400, 500, 625, 800, 1000)
_PERIODS: Final = (1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 15, 16, 18, 20, 24, 25, 27, 30, 32, 36, 40, 45, 48, 50, 54, 60)


class Count:
    """How many ticks the actors of this process have had, and when the first and the last of them came."""

    seen = 0
    wanted = 0
    begin = 0.0
    end = 0.0
    is_complete = threading.Event()


class CounterActor(Actor[TicksReceived]):
    """A user's actor that looks at every tick."""

    listens: ClassVar = ()

    def on_receive(self, message: TicksReceived) -> None:
        """Handle one message."""
        Count.begin = Count.begin or time.perf_counter()
        for tick in message.ticks:
            if tick.price > 0:
                Count.seen += 1
        if Count.seen >= Count.wanted:
            Count.end = time.perf_counter()
            Count.is_complete.set()


class StuckActor(Actor[TicksReceived]):
    """A user's actor that never comes back from its first message."""

    listens: ClassVar = ()

    def on_receive(self, message: TicksReceived) -> None:
        """Handle one message."""
        del message
        threading.Event().wait(PATIENCE_SECONDS)


def ticks(given: Task) -> Figures:
    """Ticks a second, from the socket to the user's loop."""
    with _client(given) as client:
        stream = client.subscribe(SYMBOLS[0], buffer=given.plan.ticks)
        stream.confirmed.get()
        task.begin(given.port)
        cpu = task.cpu_seconds()
        left, begin = given.plan.ticks, 0.0
        for _tick in stream:
            begin = begin or time.perf_counter()
            left -= 1
            if left == 0:
                break
        return task.throughput(given.plan.ticks, time.perf_counter() - begin, task.cpu_seconds() - cpu)


def actor(given: Task) -> Figures:
    """Ticks a second, from the socket to a user's actor: of one asset or of many, beside other actors or not."""
    others = [_idle_actor(number) for number in range(given.actors)]
    Count.wanted = given.plan.ticks
    with _client(given, CounterActor, *others) as client:
        for subscription in [client.subscribe(symbol, deliver_to="Counter") for symbol in SYMBOLS[: given.plan.assets]]:
            subscription.confirmed.get()
        task.begin(given.port)
        cpu = task.cpu_seconds()
        _await_all()
        figures = task.throughput(given.plan.ticks, Count.end - Count.begin, task.cpu_seconds() - cpu)
        return {**figures, "peak_mebibytes": task.peak_mebibytes()}


def candles(given: Task) -> Figures:
    """Ticks a second that end up in time-aligned candles in the user's loop."""
    with _client(given) as client:
        stream = client.subscribe(SYMBOLS[0], TimeAligned(1), buffer=given.plan.ticks)
        stream.confirmed.get()
        task.begin(given.port)
        cpu = task.cpu_seconds()
        left, begin = given.plan.ticks - next(stream).ticks, time.perf_counter()
        counted = left
        for candle in stream:
            left -= candle.ticks
            if left <= 0:
                break
        seconds, cpu = time.perf_counter() - begin, task.cpu_seconds() - cpu
        return {"ticks_per_second": counted / seconds, "cpu_us_per_tick": cpu / given.plan.ticks * 1e6}


def aggregations(given: Task) -> Figures:
    """What a tick costs for each different aggregation of its asset, at saturation."""
    with _client(given) as client:
        wanted = _aggregations(given.aggregations)
        streams = [client.subscribe(SYMBOLS[0], each, buffer=given.plan.ticks) for each in wanted]
        for stream in streams:
            stream.confirmed.get()
        task.begin(given.port)
        cpu, begin = task.cpu_seconds(), time.perf_counter()
        for stream in streams:
            left = given.plan.ticks
            while left > 0:
                left -= next(stream).ticks
        deliveries = given.plan.ticks * len(streams)
        seconds, cpu = time.perf_counter() - begin, task.cpu_seconds() - cpu
        return {"us_per_delivery": seconds / deliveries * 1e6, "cpu_us_per_delivery": cpu / deliveries * 1e6}


def latency(given: Task) -> Figures:
    """How long a tick is under way at a steady rate."""
    with _client(given) as client:
        stream = client.subscribe(SYMBOLS[0])
        stream.confirmed.get()
        task.begin(given.port)
        waits: list[float] = []
        for tick in stream:
            waits.append(stamp() - tick.price)
            if len(waits) == given.plan.ticks:
                break
        return task.latencies(waits)


def buy(given: Task) -> Figures:
    """From an order to its deal, one order after the other."""
    with _client(given) as client:
        return _buy(client, given)


def buy_streaming(given: Task) -> Figures:
    """The same while ticks stream to a loop in another thread."""
    with _client(given) as client:
        stream = client.subscribe(SYMBOLS[0])
        stream.confirmed.get()
        reader = threading.Thread(target=lambda: sum(1 for _tick in stream), daemon=True)
        reader.start()
        task.begin(given.port)
        return _buy(client, given)


def buy_stuck(given: Task) -> Figures:
    """The same while nobody reads one subscription, and another one's actor hangs."""
    with _client(given, StuckActor) as client:
        unread = client.subscribe(SYMBOLS[0], buffer=100)
        client.subscribe(SYMBOLS[0], deliver_to="Stuck").confirmed.get()
        task.begin(given.port)
        figures = _buy(client, given)
        return {**figures, "dropped": float(unread.dropped)}


def fetch(given: Task) -> Figures:
    """1 000 candles as the platform has them."""
    with _client(given) as client:
        end = time.time() // task.FETCHED_SECONDS * task.FETCHED_SECONDS

        def download() -> Sequence[Candle]:
            return client.candles(SYMBOLS[0], task.FETCHED_SECONDS, task.CANDLES, end).get()

        return _downloads(download, given)


def compile_ticks(given: Task) -> Figures:
    """1 000 candles that are compiled from the ticks of the past."""
    with _client(given) as client:

        def download() -> Sequence[Candle]:
            seconds = task.CANDLES * task.COMPILED_SECONDS
            return client.compile_candles(SYMBOLS[0], task.COMPILED_SECONDS, seconds).get()

        return _downloads(download, given)


def ready(given: Task) -> Figures:
    """From the start to READY."""
    client = PocketOption(SSID, url=given.url, config=Config(journal=NO_JOURNAL))
    begin = time.perf_counter()
    client.start()
    client.wait_ready(timeout=PATIENCE_SECONDS)
    seconds = time.perf_counter() - begin
    client.stop()
    return {"ms": seconds * 1e3}


def buy_journalled(given: Task) -> Figures:
    """The same where each order is on disk before it goes out."""
    with (
        TemporaryDirectory(prefix="journal-") as folder,
        _client(given, journal=JournalSettings(folder=folder)) as client,
    ):
        return _buy(client, given)


@contextmanager
def _client(given: Task, *actors: type[Actor[Any]], journal: JournalSettings = NO_JOURNAL) -> Iterator[PocketOption]:
    subscriptions = SubscriptionSettings(limit=max(4, given.plan.assets))
    config = Config(subscriptions=subscriptions, journal=journal)
    with PocketOption(SSID, url=given.url, config=config, actors=actors) as client:
        client.wait_ready(timeout=PATIENCE_SECONDS)
        client.wait_for_assets(timeout=PATIENCE_SECONDS)
        yield client


def _buy(client: PocketOption, given: Task) -> Figures:
    waits: list[float] = []
    for _ in range(task.WARM_UP_ORDERS + given.orders):
        begin = time.perf_counter()
        client.buy(SYMBOLS[0], 1, 60, allow_duplicate=True).get()
        waits.append(time.perf_counter() - begin)
    return task.latencies(waits[task.WARM_UP_ORDERS :])


def _downloads(download: Callable[[], Sequence[Candle]], given: Task) -> Figures:
    waits: list[float] = []
    for _ in range(task.WARM_UP_DOWNLOADS + given.downloads):
        begin = time.perf_counter()
        candles = download()
        waits.append(time.perf_counter() - begin)
        task.check_candles(len(candles))
    return task.latencies(waits[task.WARM_UP_DOWNLOADS :])


def _await_all() -> None:
    if not Count.is_complete.wait(PATIENCE_SECONDS):
        raise TimeoutError(f"{Count.seen} of {Count.wanted} ticks have come")


def _idle_actor(number: int) -> type[Actor[Any]]:
    """A module that hears of something that does not happen here."""

    class IdleActor(Actor[CandleClosed]):
        listens: ClassVar = (CandleClosed,)

        def on_receive(self, message: CandleClosed) -> None:
            """Handle one message."""

    IdleActor.__name__ = f"Idle{number}Actor"
    return IdleActor


def _aggregations(count: int) -> Sequence[Aggregation]:
    timed = (Timed(1 + number * SOURCE_STEP_SECONDS * 7) for number in range(count))
    every: list[Aggregation] = [*map(TimeAligned, _PERIODS), *map(Chunk, _CHUNKS), *timed]
    return every[:count]


if __name__ == "__main__":
    buys = (buy, buy_journalled, buy_streaming, buy_stuck)
    kinds = (ticks, actor, candles, aggregations, latency, *buys, fetch, compile_ticks, ready)
    task.main({kind.__name__: kind for kind in kinds})

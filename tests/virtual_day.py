"""Lets live candles run through a virtual day of lost connections, and compares every bar with the broker's own ticks.

``python -m tests.virtual_day --hours 24 --reconnects 200`` prints the figures; on any difference it exits with 1.

The network fails for a moment, for seconds, for minutes, and now and then for longer than half an hour. Mostly the
platform shows the past when it is asked; in some outages it answers too late at first, and in some it never does: those
are the gaps that must be flagged, and no other may be.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from random import Random

from msgspec import Struct

from actors.middleware import Middleware
from actors.stepped import SteppedRuntime
from messages.base import Message
from messages.market import Candle, Symbol, TicksReceived
from optionbus.client import PocketOption
from optionbus.live_candles import LiveCandles
from optionbus.simulated import SimulatedTransport
from simulator.market import Market, Quote

CHARTS = ((Symbol("EURUSD_otc"), 60), (Symbol("AUDCAD_otc"), 7))
HISTORY = 20
SETTLING_SECONDS = 120.0
"""How long after an outage the next one is at the earliest: by then the platform was asked as often as it is asked."""

Bar = tuple[float, float, float, float, bool]
"""Open, high, low, close, and whether it is complete."""


class Outage(Struct, frozen=True):
    """The network is away for ``seconds``, and the platform does not show the past for so long after that."""

    seconds: float
    refuses_seconds: float

    @property
    def is_for_good(self) -> bool:
        """Whether what was missed cannot be fetched."""
        return self.refuses_seconds >= SETTLING_SECONDS


class Figures(Struct):
    """What came of it."""

    reconnects: int = 0
    ticks_heard: int = 0
    bars_compared: int = 0
    bars_equal: int = 0
    bars_incomplete: int = 0
    gaps: int = 0
    gaps_flagged: int = 0
    gaps_invented: int = 0

    @property
    def is_right(self) -> bool:
        """Whether there is no difference."""
        is_equal = self.bars_compared == self.bars_equal > 0
        return is_equal and self.gaps == self.gaps_flagged and self.gaps_invented == 0


class Gate(Middleware):
    """Lets no question about the past out while it is shut."""

    is_shut = False

    def on_send(self, data: str | bytes) -> str | bytes | None:
        return None if self.is_shut and isinstance(data, str) and "loadHistoryPeriod" in data else data


class Ear:
    """Keeps the times of all ticks of an asset that came in."""

    def __init__(self) -> None:
        self.times: set[float] = set()

    def tell(self, message: Message) -> None:
        if isinstance(message, TicksReceived):
            self.times.update(tick.time for tick in message.ticks)


class Chart:
    """One live chart, what it has shown so far, and what was heard of its asset."""

    def __init__(self, client: PocketOption, symbol: Symbol, period: int) -> None:
        self.symbol, self.period = symbol, period
        self.ear = Ear()
        self.live: LiveCandles = client.live_candles(symbol, period, HISTORY)
        self.live.confirmed.get(timeout=10)
        client._edge.system.routes.add_ticks(symbol, self.ear)
        self.closed: list[Candle] = []
        self.read()
        self.since = self.closed[0].time

    def read(self) -> None:
        closed, _forming = self.live.get(timeout=60)
        self.closed.extend(closed)

    def compare(self, market: Market, lost: Iterable[tuple[float, float]], figures: Figures) -> None:
        """Against the broker's ticks, without those that went by in the ``lost`` stretches, unheard."""
        end = self.closed[-1].time + self.period
        quotes = market.ticks(self.symbol, self.since, end)
        gone = {quote.time for quote in quotes if self._is_lost(quote, lost)}
        gaps = _gaps(quotes, gone)
        expected, shown = _bars(quotes, gone, gaps, self.period), _shown(self.closed)
        for start in sorted(expected.keys() | shown.keys()):
            figures.bars_compared += 1
            figures.bars_equal += expected.get(start) == shown.get(start)
            figures.bars_incomplete += not shown.get(start, (0, 0, 0, 0, False))[-1]
        flagged = {(round(start, 3), round(until, 3)) for start, until in self.live.missing if until < end}
        figures.gaps += len(gaps)
        figures.gaps_flagged += len(flagged & set(gaps))
        figures.gaps_invented += len(flagged - set(gaps))
        figures.ticks_heard += len(self.ear.times)
        figures.bars_equal -= self.live.dropped + (len(self.closed) - len(shown))

    def _is_lost(self, quote: Quote, lost: Iterable[tuple[float, float]]) -> bool:
        return any(start <= quote.time < end for start, end in lost) and _heard(quote) not in self.ear.times


class Day:
    """A client, its network, and the charts."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.runtime = SteppedRuntime(seed)
        self.client = PocketOption.simulated(seed=seed, runtime=self.runtime)
        simulation = self.client.simulation
        assert simulation is not None
        assert isinstance(simulation.transport, SimulatedTransport)
        self.market = simulation.broker.market
        self.network = simulation.transport
        self.gate = Gate()
        self.client.add_middleware(self.gate)
        self.client.start()
        self.client.wait_ready(timeout=10)
        self.charts = [Chart(self.client, symbol, period) for symbol, period in CHARTS]
        self.lost: list[tuple[float, float]] = []

    def live(self, seconds: float, outages: Sequence[Outage]) -> Figures:
        """Let so much time pass, with these outages at any time in it."""
        spare = seconds - sum(outage.seconds + SETTLING_SECONDS for outage in outages)
        cuts = sorted(self.random.uniform(0, max(0.0, spare)) for _ in outages)
        for pause, outage in zip(_differences(cuts), outages, strict=True):
            self._advance(pause)
            self._suffer(outage)
        self._advance(max(60.0, spare - (cuts[-1] if cuts else 0.0)))
        return self._figures(len(outages))

    def _suffer(self, outage: Outage) -> None:
        start = self.runtime.clock.now()
        self.network.is_reachable, self.gate.is_shut = False, outage.refuses_seconds > 0
        self.network.cut()
        self.runtime.advance(outage.seconds)
        self.network.is_reachable = True
        self.runtime.advance(0.001)
        self.client.wait_ready(timeout=1000)
        if outage.is_for_good:
            self.lost.append((start - 1, self.runtime.clock.now() + 1))
        self._advance(outage.refuses_seconds)
        self.gate.is_shut = False
        self._advance(SETTLING_SECONDS - outage.refuses_seconds)

    def _advance(self, seconds: float) -> None:
        self.runtime.advance(seconds)
        for chart in self.charts:
            if len(chart.live._stream):
                chart.read()

    def _figures(self, reconnects: int) -> Figures:
        figures = Figures(reconnects=reconnects)
        for chart in self.charts:
            chart.compare(self.market, self.lost, figures)
        self.client.stop()
        return figures


def outages(count: int, random: Random) -> list[Outage]:
    """Some of every kind."""
    return [_outage(number, random) for number in range(count)]


def _outage(number: int, random: Random) -> Outage:
    match number % 10:
        case 9:
            return Outage(random.uniform(2, 90), SETTLING_SECONDS)
        case 7:
            return Outage(random.uniform(0, 20), 15.0)
        case 5:
            return Outage(2000.0 if number % 50 == 5 else random.uniform(60, 300), 0.0)
        case _:
            return Outage(random.choice((0.0, random.uniform(0, 20))), 0.0)


def _gaps(quotes: Iterable[Quote], gone: set[float]) -> list[tuple[float, float]]:
    """From the last tick before each run of ticks that are gone to the first one after it."""
    gaps: list[tuple[float, float]] = []
    last, has_gone = 0.0, False
    for quote in quotes:
        if quote.time in gone:
            has_gone = True
            continue
        if has_gone:
            gaps.append((last, quote.time))
        last, has_gone = quote.time, False
    return gaps


def _bars(
    quotes: Iterable[Quote], gone: set[float], gaps: Iterable[tuple[float, float]], period: int
) -> dict[float, Bar]:
    """Compiled here once more, as plainly as can be; a bar that has a part in a gap is not complete."""
    prices: dict[float, list[float]] = {}
    for quote in quotes:
        if quote.time not in gone:
            prices.setdefault(_heard(quote) // period * period, []).append(quote.price)
    split = {start for start in prices for begin, end in gaps if start < end and begin < start + period}
    return {start: (each[0], max(each), min(each), each[-1], start not in split) for start, each in prices.items()}


def _shown(candles: Iterable[Candle]) -> dict[float, Bar]:
    return {each.time: (each.open, each.high, each.low, each.close, each.complete) for each in candles}


def _heard(quote: Quote) -> float:
    """The tick's time as it is read from the wire, where it stands on the platform's clock, to the millisecond."""
    return round(quote.time + 7200, 3) - 7200


def _differences(values: list[float]) -> list[float]:
    return [value - before for before, value in zip([0.0, *values], values, strict=False)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--reconnects", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    planned = outages(arguments.reconnects, Random(arguments.seed))
    figures = Day(arguments.seed).live(arguments.hours * 3600, planned)
    shown = {name: getattr(figures, name) for name in figures.__struct_fields__}
    print(json.dumps(shown | {"is_right": figures.is_right}, indent=1))  # noqa: T201
    sys.exit(0 if figures.is_right else 1)


if __name__ == "__main__":
    main()

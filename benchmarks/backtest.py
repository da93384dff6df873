"""How fast a backtest is: ticks and candles a second through a strategy with two indicators, on one core.

``python -m benchmarks.backtest``: prints both rates and how much memory the run takes at two lengths; exit code 1 where
a floor is missed. Ticks are made once for all rows, so that making them is not measured; the strategy trades. Seconds
are of this process's CPU: another program on the same machine takes nothing from them.
"""

import argparse
import json
import random
import subprocess
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from time import process_time

from msgspec import Struct
from talipp.indicators import EMA, RSI

from messages.market import Candle, Symbol, Tick
from optionbus import Strategy
from optionbus.backtest.engine import Backtest

TICKS_FLOOR, CANDLES_FLOOR = 200_000, 50_000
GROWTH_CEILING_MIB = 8
"""How much more a run of four times as many ticks may take."""

ASSET = Symbol("EURUSD_otc")
BEGIN = 1_700_000_040.0
PERIOD_SECONDS = 60


class Crossing(Strategy):
    """Two indicators of each closed candle, and an order now and then."""

    def on_start(self) -> None:
        """Make the indicators."""
        self.mean, self.strength = self.context.indicator(EMA(20)), self.context.indicator(RSI(14))

    def on_candle(self, candle: Candle) -> None:
        """Buy what has fallen."""
        strength = self.strength[-1]
        if strength is not None and strength < 30 and candle.close < self.mean[-1] and not self.context.open_deals:  # noqa: PLR2004
            self.context.buy(ASSET, 1, PERIOD_SECONDS)


class Watching(Crossing):
    """The same, and it looks at every tick."""

    latest = 0.0

    def on_tick(self, tick: Tick) -> None:
        """Keep the price."""
        self.latest = tick.price


class Made:
    """A random walk of so many ticks, ``gap_seconds`` apart. ``is_kept``: made before it is asked for."""

    name = "made for this"
    symbols = (ASSET,)

    def __init__(self, ticks: int, gap_seconds: float, *, is_kept: bool = True) -> None:
        self._ticks, self._gap_seconds = ticks, gap_seconds
        self._kept = tuple(self._made()) if is_kept else None

    def batches(self, begin: float | None = None, end: float | None = None) -> Iterator[tuple[Tick, ...]]:
        """All of them, 512 at a time; what lies before is nothing."""
        if end is not None and end <= BEGIN + self._gap_seconds:
            return
        for batch in self._made() if self._kept is None else self._kept:
            if begin is not None or end is not None:
                wanted = (begin or 0.0, end or float("inf"))
                batch = tuple(tick for tick in batch if wanted[0] <= tick.time < wanted[1])  # noqa: PLW2901
            if batch:
                yield batch

    def _made(self) -> Iterator[tuple[Tick, ...]]:
        steps = iter(self._walk())
        while batch := tuple(islice(steps, 512)):
            yield batch

    def _walk(self) -> Iterator[Tick]:
        draw, price = random.Random(7).gauss, 1.1
        for number in range(self._ticks):
            price += draw(0, 1e-5)
            time = BEGIN + number * self._gap_seconds
            yield Tick(ASSET, time, price, time)


class Speed(Struct, frozen=True, kw_only=True):
    """What a run came to; rates are per second of CPU."""

    what: str
    ticks: int
    candles: int
    trades: int
    ticks_per_second: int
    candles_per_second: int


def measure(what: str, kind: type[Strategy], source: Made, ticks: int, gap_seconds: float) -> Speed:
    """Run it once."""
    began = process_time()
    result = Backtest([kind], source).run()
    seconds = process_time() - began
    candles = int(ticks * gap_seconds / PERIOD_SECONDS)
    return Speed(
        what=what,
        ticks=result.ticks,
        candles=candles,
        trades=len(result.trades),
        ticks_per_second=round(result.ticks / seconds),
        candles_per_second=round(candles / seconds),
    )


def speeds(ticks: int) -> list[Speed]:
    """Ticks as they come live, and candles played as four ticks each."""
    rows = []
    for what, gap_seconds in (("ticks", 1 / 3), ("candles", PERIOD_SECONDS / 4)):
        source = Made(ticks, gap_seconds)
        rows += [
            measure(f"{what}, {kind.__name__.lower()}", kind, source, ticks, gap_seconds)
            for kind in (Crossing, Watching)
        ]
    return rows


def peak_mib(ticks: int) -> float:
    """The most memory that a process of its own takes for a run of so many ticks that are made as they are played."""
    command = [sys.executable, "-m", "benchmarks.backtest", "--peak", str(ticks)]
    return float(subprocess.run(command, capture_output=True, check=True, text=True).stdout)


def _peak(ticks: int) -> float:
    Backtest([Crossing], Made(ticks, 1 / 3, is_kept=False)).run()
    # Not getrusage: its peak is inherited from the process that started this one.
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def failures(rows: list[Speed], growth_mib: float) -> list[str]:
    """Which floors were missed."""
    missed = [
        f"{row.what}: {row.ticks_per_second} ticks/s of {TICKS_FLOOR}"
        for row in rows
        if row.ticks_per_second < TICKS_FLOOR
    ]
    missed += [
        f"{row.what}: {row.candles_per_second} candles/s of {CANDLES_FLOOR}"
        for row in rows
        if row.what.startswith("candles") and row.candles_per_second < CANDLES_FLOOR
    ]
    if growth_mib > GROWTH_CEILING_MIB:
        missed.append(f"memory: {growth_mib:.1f} MiB more for four times as many ticks, of {GROWTH_CEILING_MIB}")
    return missed


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.backtest")
    parser.add_argument("--ticks", type=int, default=1_000_000, help="of each row (%(default)s)")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--peak", type=int, help="print the memory, in MiB, that a run of so many ticks takes")
    options = parser.parse_args()
    if options.peak is not None:
        sys.stdout.write(f"{_peak(options.peak)}\n")
        return 0
    rows = speeds(options.ticks)
    short, long = peak_mib(options.ticks), peak_mib(4 * options.ticks)
    if options.json:
        figures = [{name: getattr(row, name) for name in Speed.__struct_fields__} for row in rows]
        sys.stdout.write(json.dumps({"rows": figures, "peak_mib": {"short": short, "long": long}}, indent=2) + "\n")
    else:
        for row in rows:
            rates = f"{row.ticks_per_second:>10,} ticks/s {row.candles_per_second:>9,} candles/s"
            sys.stdout.write(f"{row.what:<20} {rates}   ({row.ticks:,} ticks, {row.trades:,} trades)\n")
        sys.stdout.write(f"memory               {short:.1f} MiB, {long:.1f} MiB for four times as many ticks\n")
    missed = failures(rows, long - short)
    for text in missed:
        sys.stderr.write(f"missed: {text}\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

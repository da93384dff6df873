"""What is measured, and what is wanted of it: one table of runs, one of rows.

Decides who does what under which load, which figure of ours is held against which other one, and the targets. A
verdict is arithmetic: nothing is run here.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from statistics import median
from typing import Final

from msgspec import Struct

from benchmarks.load import Plan
from benchmarks.task import Figures, Task

Repetition = Mapping[str, Figures]
"""The figures of every run that came to something, by its name, all of about the same time."""


class Run(Struct, frozen=True):
    """One measurement of one contestant (a module of this package); ``quick`` is its short form, if it has one."""

    contestant: str
    task: Task
    quick: Task | None = None


class Verdict(Enum):
    """How a row stands to its targets."""

    GOAL = "goal"
    FLOOR = "floor"  # no worse than it may be, and not what is wanted
    BELOW = "below the floor"
    FAILED = "failed"  # it could not be measured, and that is no fault of the peer
    UNKNOWN = "not measured"


class Row(Struct, frozen=True):
    """One line of the report: a figure of a run of ours, by itself or as a multiple of that of an``other`` run.

    ``at_least`` says on which side of its targets it has to be.
    """

    key: str
    what: str
    run: str
    figure: str
    goal: float
    floor: float
    other: str | None = None
    at_least: bool = False
    unit: str = "×"  # noqa: RUF001 - times

    @property
    def is_ratio(self) -> bool:
        """Whether it compares two runs of the same time and machine."""
        return self.other is not None

    @property
    def runs(self) -> tuple[str, ...]:
        """What has to be run for it."""
        return (self.run,) if self.other is None else (self.run, self.other)

    def values(self, repetitions: Sequence[Repetition]) -> list[float]:
        """Its value in every repetition that has one: a ratio is one of neighbours in time."""
        values = (
            self._value(*(repetition.get(run, {}).get(self.figure) for run in self.runs)) for repetition in repetitions
        )
        return [value for value in values if value is not None]

    def verdict(self, values: Sequence[float]) -> Verdict:
        """How the median of the values stands to the targets."""
        if not values:
            return Verdict.UNKNOWN
        if self._meets(self.goal, median(values)):
            return Verdict.GOAL
        return Verdict.FLOOR if self._meets(self.floor, median(values)) else Verdict.BELOW

    def _value(self, own: float | None, other: float | None = 1.0) -> float | None:
        return own / other if own is not None and other else None

    def _meets(self, target: float, value: float) -> bool:
        return value >= target if self.at_least else value <= target


def _burst(ticks: int) -> Task:
    return Task(kind="ticks", plan=Plan(ticks=ticks))


_BURST: Final = Plan(ticks=300_000)
_SHORT: Final = Plan(ticks=100_000)
_CANDLES: Final = Plan(ticks=300_000, is_flushed=True)
_SHORT_CANDLES: Final = Plan(ticks=100_000, is_flushed=True)
_TRICKLE: Final = Plan(ticks=5_000, rate=1_000)
_SHORT_TRICKLE: Final = Plan(ticks=700, rate=1_000)
_RIVER: Final = Plan(ticks=100_000, rate=10_000)
_STREAM: Final = Plan(ticks=50_000, rate=5_000)
_MARKET: Final = Plan(ticks=4_500, rate=1_500, assets=150)
_AGGREGATED: Final = Plan(ticks=20_000, is_flushed=True)

_LATENCY: Final = (Task(kind="latency", plan=_TRICKLE), Task(kind="latency", plan=_SHORT_TRICKLE))
_BUY: Final = (Task(kind="buy", orders=1_000), Task(kind="buy", orders=300))
_FETCH: Final = Task(kind="fetch", downloads=200)
_COMPILE: Final = (Task(kind="compile_ticks", downloads=100), Task(kind="compile_ticks", downloads=10))
_STREAMING: Final = Task(kind="buy_streaming", plan=_RIVER, orders=500)
_READ: Final = Task(kind="buy_streaming", plan=_STREAM, orders=500)
_BLOCKED: Final = Task(kind="buy_stuck", plan=_STREAM, orders=500)
_STUCK: Final = Task(kind="buy_stuck", plan=_RIVER, orders=500)

RUNS: Final[dict[str, Run]] = {
    "bare ticks": Run("bare", _burst(50_000), _burst(20_000)),
    "peer ticks": Run("peer", _burst(20_000), _burst(4_000)),
    "ticks": Run("ours", _burst(300_000), _burst(100_000)),
    "actor": Run("ours", Task(kind="actor", plan=_BURST), Task(kind="actor", plan=_SHORT)),
    "actor, 29 more actors": Run(
        "ours", Task(kind="actor", plan=_BURST, actors=29), Task(kind="actor", plan=_SHORT, actors=29)
    ),
    "actor, 150 assets": Run("ours", Task(kind="actor", plan=Plan(ticks=300_000, assets=150))),
    "candles": Run("ours", Task(kind="candles", plan=_CANDLES), Task(kind="candles", plan=_SHORT_CANDLES)),
    "peer latency": Run("peer", *_LATENCY),
    "latency": Run("ours", *_LATENCY),
    "peer buy": Run("peer", *_BUY),
    "buy": Run("ours", *_BUY),
    "buy, journalled": Run("ours", Task(kind="buy_journalled", orders=1_000)),  # no short form: it times the disk too
    "buy, 5 000 ticks/s read": Run("ours", _READ),
    "buy, 5 000 ticks/s unread": Run("ours", _BLOCKED),
    "peer buy, streaming": Run("peer", _STREAMING),
    "buy, streaming": Run("ours", _STREAMING),
    "peer buy, stuck": Run("peer", _STUCK),
    "buy, stuck": Run("ours", _STUCK),
    "peer candles fetched": Run("peer", _FETCH),
    "candles fetched": Run("ours", _FETCH),
    "peer candles compiled": Run("peer", *_COMPILE),
    "candles compiled": Run("ours", *_COMPILE),
    "10 aggregations": Run("ours", Task(kind="aggregations", plan=_AGGREGATED, aggregations=10)),
    "100 aggregations": Run("ours", Task(kind="aggregations", plan=_AGGREGATED, aggregations=100)),
    "ready": Run("ours", Task(kind="ready")),
    "memory": Run("ours", Task(kind="actor", plan=_MARKET)),
    "import, dependencies": Run("imports", Task(kind="dependencies"), Task(kind="dependencies")),
    "import": Run("imports", Task(kind="ours"), Task(kind="ours")),
}
"""By name, in the order of running: what is compared lies close together."""

_RATE: Final = "ticks_per_second"
_CPU: Final = "cpu_us_per_tick"
_EACH: Final = "us_per_delivery"
_MIDDLE: Final = "p50_ms"
_TAIL: Final = "p99_ms"

ROWS: Final = (
    Row("ticks/peer", "ticks/s to the user's loop ÷ peer", "ticks", _RATE, 5, 3, "peer ticks", at_least=True),
    Row("ticks/bare", "ticks/s to the user's loop ÷ bare", "ticks", _RATE, 0.8, 0.5, "bare ticks", at_least=True),
    Row("actor", "ticks/s to a user's actor ÷ to the loop", "actor", _RATE, 0.9, 0.7, "ticks", at_least=True),
    Row("candles", "ticks/s to aligned candles ÷ to the loop", "candles", _RATE, 0.9, 0.7, "ticks", at_least=True),
    Row("cpu", "CPU per tick ÷ peer", "ticks", _CPU, 0.2, 0.35, "peer ticks"),
    Row("latency/p50", "tick latency at 1 000/s, p50 ÷ peer", "latency", _MIDDLE, 0.5, 0.8, "peer latency"),
    Row("latency/p99", "tick latency at 1 000/s, p99 ÷ peer", "latency", _TAIL, 0.5, 0.8, "peer latency"),
    Row("buy/p50", "buy → deal, p50 ÷ peer", "buy", _MIDDLE, 0.8, 1.2, "peer buy"),
    Row("buy/p99", "buy → deal, p99 ÷ peer", "buy", _TAIL, 1.2, 2, "peer buy"),
    Row("journal/p50", "buy → deal, each on disk before, p50 ÷ peer", "buy, journalled", _MIDDLE, 1.2, 1.5, "peer buy"),
    Row("journal/p99", "buy → deal, each on disk before, p99 ÷ peer", "buy, journalled", _TAIL, 2, 4, "peer buy"),
    Row(
        "buy/blocked",
        "buy → deal, p99, ticks pile up ÷ are read",
        "buy, 5 000 ticks/s unread",
        _TAIL,
        1.5,
        2,
        "buy, 5 000 ticks/s read",
    ),
    Row("buy/streaming", "buy → deal, p99, 10 000 ticks/s streaming", "buy, streaming", _TAIL, 5, 15, unit="ms"),
    Row("buy/stuck", "buy → deal, p99, subscribers stuck besides", "buy, stuck", _TAIL, 5, 15, unit="ms"),
    Row("candles/fetch", "1 000 candles fetched ÷ peer", "candles fetched", _MIDDLE, 0.8, 1.0, "peer candles fetched"),
    Row(
        "candles/compile",
        "1 000 compiled of ticks ÷ peer",
        "candles compiled",
        _MIDDLE,
        0.8,
        1.0,
        "peer candles compiled",
    ),
    Row("assets", "CPU per tick, 150 assets ÷ 1", "actor, 150 assets", _CPU, 1.1, 1.25, "actor"),
    Row("actors", "CPU per tick, 40 module actors ÷ 11", "actor, 29 more actors", _CPU, 1.1, 1.25, "actor"),
    Row("aggregations/10", "tick to each of 10 aggregations", "10 aggregations", _EACH, 3, 8, unit="µs"),
    Row("aggregations/100", "tick to each of 100 aggregations", "100 aggregations", _EACH, 3, 8, unit="µs"),
    Row("ready", "start → READY on loopback", "ready", "ms", 150, 300, unit="ms"),
    Row("import", "import ÷ import of the dependencies", "import", "ms", 1.3, 1.6, "import, dependencies"),
    Row("memory", "peak memory, 150 assets streaming", "memory", "peak_mebibytes", 45, 70, unit="MiB"),
)


def is_quick(row: Row) -> bool:
    """Whether the short form judges it: no absolute figure, and no tail, which is made of a few samples there."""
    return row.is_ratio and row.figure != _TAIL and all(RUNS[run].quick is not None for run in row.runs)


def runs_of(rows: Iterable[Row]) -> set[str]:
    """The names of what has to be run for these rows."""
    return {run for row in rows for run in row.runs}

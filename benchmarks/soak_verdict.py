"""What a soak came to, and whether that is good enough.

Decides what is held against which limit. Slopes are of points that are medians of stretches of samples, at most 240:
pairs are many, and neighbouring samples depend on each other, which the interval does not know. The upper end of the
memory's is judged, and that of the objects': a leak of one object a connection is above it. Threads, descriptors and
waiting messages must be as many in the last tenth as in the first, by their medians, and objects no more than those
and what their count swings in the first tenth, since a deal that is open is some objects too. A run that was ended
early, or in which a connection was not reset or an asset fell silent, says nothing.

Blocks are shown and not judged. Where they stay and the memory grows, it is the allocator that keeps what was given
back (``optionbus.cli.allocator``), which ``--arenas`` shows.
"""

from collections.abc import Callable, Iterator, Mapping
from statistics import median
from typing import Final, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from benchmarks.slope import Slope, theil_sen, thinned
from benchmarks.soak_gauges import GAUGES, Record

_Figure = TypeVar("_Figure")

CEILING_KIB_PER_HOUR: Final = 64.0
POINTS: Final = 240
LEAST_SAMPLES: Final = 10
"""With fewer after the warm-up nothing can be said."""
MOST_SILENT_SECONDS: Final = 30.0
"""Of an asset; the simulated market has three ticks a second, and a connection is back within one."""


class Change(Struct, frozen=True, kw_only=True):
    """Medians of the first and the last tenth, and how far the samples of the first are apart."""

    first: float
    last: float
    noise: float

    @property
    def difference(self) -> float:
        """By how much it has grown."""
        return self.last - self.first


class Verdict(Struct, frozen=True, kw_only=True):
    """All figures of one soak; ``missed`` is empty where it was judged and all is as it must be.

    Hours are those after the warm-up; slopes are in an hour, and empty where there are too few samples.
    """

    hours: float
    hours_planned: float
    warm_up_hours: float
    samples: int
    reconnects: int
    reconnects_planned: int
    slopes: Mapping[str, Slope]
    changes: Mapping[str, Change]
    silent_seconds: Mapping[str, float]
    """The longest time without a tick of each asset."""
    done: Mapping[str, int]
    failed: Mapping[str, int]
    missed: tuple[str, ...] = ()


def changes(record: Record, warm_up_hours: float) -> dict[str, Change]:
    """Of every gauge; empty where there are too few samples."""
    return _of_each(record, warm_up_hours, _change)


def slopes(record: Record, warm_up_hours: float) -> dict[str, Slope]:
    """Of every gauge, in an hour; empty where there are too few samples."""
    return _of_each(record, warm_up_hours, lambda hours, values: theil_sen(*thinned(hours, values, POINTS)))


def _of_each(
    record: Record, warm_up_hours: float, figure: Callable[[list[float], list[float]], _Figure]
) -> dict[str, _Figure]:
    samples = {gauge: record.since(warm_up_hours, gauge) for gauge in GAUGES}
    if any(len(values) < LEAST_SAMPLES for _, values in samples.values()):
        return {}
    return {gauge: figure(hours, values) for gauge, (hours, values) in samples.items()}


def _change(_hours: list[float], values: list[float]) -> Change:
    tenth = max(LEAST_SAMPLES // 2, len(values) // 10)
    begin, end = values[:tenth], values[-tenth:]
    return Change(first=median(begin), last=median(end), noise=max(begin) - min(begin))


def judged(verdict: Verdict) -> Verdict:
    """The same, with what is not as it must be."""
    return replace(verdict, missed=(*_unfinished(verdict), *_grown(verdict)))


def _unfinished(verdict: Verdict) -> Iterator[str]:
    yield from (f"{count} times {what}" for what, count in verdict.failed.items())
    if verdict.hours < verdict.hours_planned:
        yield f"ended after {verdict.hours:.2f} h, of {verdict.hours_planned:g} after the warm-up"
    if verdict.reconnects != verdict.reconnects_planned:
        yield f"{verdict.reconnects} reconnects, of {verdict.reconnects_planned}"
    for asset, seconds in verdict.silent_seconds.items():
        if seconds > MOST_SILENT_SECONDS:
            yield f"{asset} was silent for {seconds:.0f} s, of at most {MOST_SILENT_SECONDS:.0f}"


def _grown(verdict: Verdict) -> Iterator[str]:
    slopes_, changed = verdict.slopes, verdict.changes
    if not slopes_:
        yield "too few samples after the warm-up"
        return
    memory, objects = slopes_["rss_kib"].high, slopes_["objects"].high
    if memory >= CEILING_KIB_PER_HOUR:
        yield f"RSS may grow by {memory:.0f} KiB/h, of less than {CEILING_KIB_PER_HOUR:.0f}"
    for gauge in ("threads", "descriptors", "mailboxes"):
        if changed[gauge].difference:
            yield f"{gauge} {changed[gauge].difference:+g}, of +0"
    change = changed["objects"]
    if change.difference > change.noise:
        yield f"objects {change.difference:+g}, of which {change.noise:g} may be noise"
    # They begin in the middle of the warm-up.
    rate = verdict.reconnects_planned / (verdict.hours_planned + verdict.warm_up_hours / 2)
    if rate and objects >= rate:
        yield f"objects may grow by {objects:.0f} an hour, of less than {rate:.0f}, one a reconnect"

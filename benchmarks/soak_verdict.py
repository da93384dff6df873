"""What a soak came to, and whether that is good enough.

Decides what is held against which limit. The memory: the upper end of the interval of its slope, of points that are
medians of stretches of samples, at most 240: pairs are many, and neighbouring samples depend on each other, which the
interval does not know. All else by the medians of the first and the last tenth after the warm-up. Threads, descriptors
and waiting messages must be as many as before. Objects may be more by what their count swings anyway, since a deal that
is open is some objects too: the range of the samples of the first tenth, which is printed beside. A leak smaller than
that in the whole time is not seen: the longer it runs, the smaller one can be.

Blocks are shown and not judged. Where they stay and the memory grows, it is the allocator that keeps what was given
back (``optionbus.cli.allocator``), which ``--arenas`` shows.
"""

from collections.abc import Mapping
from statistics import median
from typing import Final

from msgspec import Struct

from benchmarks.slope import Slope, theil_sen, thinned
from benchmarks.soak_gauges import GAUGES, Record

CEILING_KIB_PER_HOUR: Final = 64.0
POINTS: Final = 240
LEAST_SAMPLES: Final = 10
"""With fewer after the warm-up nothing can be said."""


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
    """All figures of one soak; ``missed`` is empty where all is as it must be."""

    hours: float
    warm_up_hours: float
    samples: int
    reconnects: int
    reconnects_planned: int
    rss_kib_per_hour: Slope | None
    changes: Mapping[str, Change]
    done: Mapping[str, int]
    failed: Mapping[str, int]
    missed: tuple[str, ...]


def changes(record: Record, warm_up_hours: float) -> dict[str, Change]:
    """Of every gauge; empty where there are too few samples."""
    found = {}
    for gauge in GAUGES:
        _, values = record.since(warm_up_hours, gauge)
        if len(values) < LEAST_SAMPLES:
            return {}
        tenth = max(LEAST_SAMPLES // 2, len(values) // 10)
        begin, end = values[:tenth], values[-tenth:]
        found[gauge] = Change(first=median(begin), last=median(end), noise=max(begin) - min(begin))
    return found


def slope_of(record: Record, warm_up_hours: float, gauge: str = "rss_kib") -> Slope | None:
    """Of a gauge, in an hour; None where there are too few samples."""
    hours, values = record.since(warm_up_hours, gauge)
    return theil_sen(*thinned(hours, values, POINTS)) if len(values) >= LEAST_SAMPLES else None


def missed(slope: Slope | None, changed: Mapping[str, Change], failed: Mapping[str, int]) -> tuple[str, ...]:
    """What is not as it must be."""
    texts = [f"{count} times {what}" for what, count in failed.items()]
    if slope is None:
        return (*texts, "too few samples after the warm-up")
    if slope.high >= CEILING_KIB_PER_HOUR:
        texts.append(f"RSS may grow by {slope.high:.0f} KiB/h, of less than {CEILING_KIB_PER_HOUR:.0f}")
    texts += [
        f"{gauge} {changed[gauge].difference:+g}, of +0"
        for gauge in ("threads", "descriptors", "mailboxes")
        if changed[gauge].difference
    ]
    objects = changed["objects"]
    if objects.difference > objects.noise:
        texts.append(f"objects {objects.difference:+g}, of which {objects.noise:g} may be noise")
    return tuple(texts)

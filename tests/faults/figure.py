"""What a figure is: something that is done to the client, and readings that are held against their limits.

Decides when a reading is good enough, and that an absolute time is no claim of a test: the machine may be busy with
something else. Does not know what is measured, nor how it is shown.
"""

from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct

from benchmarks.task import percentile


class Reading(Struct, frozen=True, kw_only=True):
    """A number and the most, or the least, that it may be."""

    name: str
    value: float
    most: float | None = None
    least: float | None = None
    unit: str = ""
    is_time: bool = False
    """Whether it says more on a machine that does nothing else."""

    @property
    def holds(self) -> bool:
        """Whether it is as it must be."""
        return (self.most is None or self.value <= self.most) and (self.least is None or self.value >= self.least)

    @property
    def target(self) -> str:
        """What it must be."""
        if self.most is not None and self.most == self.least:
            return f"{self.most:g}{self.unit}"
        limits = (("≥", self.least), ("≤", self.most))
        return " and ".join(f"{sign} {limit:g}{self.unit}" for sign, limit in limits if limit is not None)


Measure = Callable[[bool], Sequence[Reading]]
"""Does it and reads; True asks for the numbers of the documentation, False for the short form."""


class Control(Struct, frozen=True, kw_only=True):
    """The same done to something broken: ``misses`` is the reading that must not hold then."""

    broken: str
    measure: Measure
    misses: str

    def catches(self, readings: Sequence[Reading]) -> bool:
        """Whether the readings show what is broken."""
        return any(reading.name == self.misses and not reading.holds for reading in readings)


class Figure(Struct, frozen=True, kw_only=True):
    """One thing that can be measured."""

    name: str
    what: str
    measure: Measure
    controls: tuple[Control, ...]


MILLISECONDS: Final = 1e3


def exactly(name: str, value: float, wanted: float) -> Reading:
    """A count that must be this and nothing else."""
    return Reading(name=name, value=value, most=wanted, least=wanted)


def at_most(name: str, value: float, most: float, unit: str = "") -> Reading:
    """A ratio or count of the same run that may not be more."""
    return Reading(name=name, value=value, most=most, unit=unit)


def at_least(name: str, value: float, least: float, unit: str = "") -> Reading:
    """A ratio or count of the same run that may not be less."""
    return Reading(name=name, value=value, least=least, unit=unit)


def seconds(name: str, value: float, most: float) -> Reading:
    """An absolute time that may not be more."""
    return Reading(name=name, value=value, most=most, unit=" s", is_time=True)


def milliseconds(name: str, value: float, most: float) -> Reading:
    """The same; the value in seconds, the limit in milliseconds."""
    return Reading(name=name, value=value * MILLISECONDS, most=most, unit=" ms", is_time=True)


def p50_and_p99(values: Sequence[float], p50_ms: float | None, p99_ms: float) -> list[Reading]:
    """Both, of seconds; without any values nothing holds."""
    values = values or [float("inf")]
    p50 = [milliseconds("p50", percentile(values, 0.5), p50_ms)] if p50_ms is not None else []
    return [*p50, milliseconds("p99", percentile(values, 0.99), p99_ms)]

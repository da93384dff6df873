"""What a process holds at a moment: resident memory, threads, descriptors, objects, and what waits in mailboxes.

Decides how each is counted. Threads and descriptors are the kernel's, so that none is overlooked that Python does not
know. Objects are those that the garbage collector follows, counted right after it has run: what it can free is no
leak, and not counting it keeps the count from swinging by the quarter of all objects for which it waits. The memory is
read before it runs. The room for all samples is taken before the first, so that the record does not grow what it is
about.
"""

import gc
import os
import sys
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from messages.supervision import ActorHealth

_PAGE_KIB: Final = os.sysconf("SC_PAGE_SIZE") / 1024
_SELF: Final = Path("/proc/self")


class Sample(Struct, frozen=True, kw_only=True, gc=False):
    """One look."""

    rss_kib: float
    threads: int
    descriptors: int
    objects: int
    blocks: int
    """Pieces of memory that Python has given out: also what is too simple for the garbage collector, such as texts."""
    mailboxes: int
    """Messages that wait, in all mailboxes together."""


GAUGES: Final = Sample.__struct_fields__


def look(health: Sequence[ActorHealth]) -> Sample:
    """Count; how the actors are is asked before."""
    rss_kib = int((_SELF / "statm").read_text(encoding="ascii").split()[1]) * _PAGE_KIB
    threads = len(os.listdir(_SELF / "task"))  # noqa: PTH208 - names alone
    descriptors = len(os.listdir(_SELF / "fd")) - 1  # noqa: PTH208 - but for the one that lists them
    gc.collect()
    return Sample(
        rss_kib=rss_kib,
        threads=threads,
        descriptors=descriptors,
        objects=len(gc.get_objects()),
        blocks=sys.getallocatedblocks(),
        mailboxes=sum(actor.mailbox for actor in health),
    )


class Record:
    """All samples, in columns."""

    def __init__(self, room: int) -> None:
        self._hours = array("d", bytes(8 * room))
        self._columns = {gauge: array("d", bytes(8 * room)) for gauge in GAUGES}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, hours: float, sample: Sample) -> None:
        """Write one down; what there is no room for is left out."""
        if self._count == len(self._hours):
            return
        self._hours[self._count] = hours
        for gauge, column in self._columns.items():
            column[self._count] = getattr(sample, gauge)
        self._count += 1

    def since(self, hours: float, gauge: str) -> tuple[list[float], list[float]]:
        """Hours and values from that hour on."""
        first = next((at for at in range(self._count) if self._hours[at] >= hours), self._count)
        return list(self._hours[first : self._count]), list(self._columns[gauge][first : self._count])

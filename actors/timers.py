"""Timers in the order in which they are due.

Decides which is the next, and when those that were cancelled are thrown away. Knows no clock and no thread.
"""

import heapq
import itertools
from collections.abc import Callable
from math import inf
from typing import Final

LEAST_TIMERS: Final = 100
"""So few are not worth looking through."""


class TimerEntry:
    """What ``call_later`` gives back; ``action`` is None once it was cancelled."""

    __slots__ = ("action",)

    def __init__(self, action: Callable[[], None]) -> None:
        self.action: Callable[[], None] | None = action

    def cancel(self) -> None:
        """Let it not happen; too late is no error."""
        self.action = None

    def take(self) -> Callable[[], None] | None:
        """What is to happen now, and never again."""
        action, self.action = self.action, None
        return action


class Timers:
    """All timers of one runtime; of those that are due at once, the first that was added is the first.

    One that was cancelled is left where it is until it would be due, or until as many have been added as were left when
    they were last looked through: a deadline of hours is cancelled with each answer that comes before it.
    """

    def __init__(self) -> None:
        self._entries: list[tuple[float, int, TimerEntry]] = []
        self._order = itertools.count()
        self._until_sweep = LEAST_TIMERS
        self.next_due = inf
        """When the first of them is due; never, if there is none."""

    def __len__(self) -> int:
        """How many there are, those included that were cancelled and not yet thrown away."""
        return len(self._entries)

    def add(self, due: float, action: Callable[[], None]) -> TimerEntry:
        """Let something happen then."""
        if not self._until_sweep:
            self._sweep()
        self._until_sweep -= 1
        entry = TimerEntry(action)
        heapq.heappush(self._entries, (due, next(self._order), entry))
        self.next_due = self._entries[0][0]
        return entry

    def pop(self) -> tuple[float, TimerEntry]:
        """The first of them, and when it was due; there has to be one."""
        due, _, entry = heapq.heappop(self._entries)
        self.next_due = self._entries[0][0] if self._entries else inf
        return due, entry

    def clear(self) -> None:
        """Nothing is to happen any more."""
        self._entries.clear()
        self.next_due = inf

    def _sweep(self) -> None:
        self._entries = [item for item in self._entries if item[2].action is not None]
        heapq.heapify(self._entries)
        self._until_sweep = max(LEAST_TIMERS, len(self._entries))

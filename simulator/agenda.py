"""What the broker will do later, in the order of time and, at one moment, in the order it was noted.

Has no clock: whoever runs it says how far time has come.
"""

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count

Action = Callable[[float], None]
"""Gets the moment it was noted for, not the later one at which it happens to run."""


class Agenda:
    """Actions, each at its moment."""

    def __init__(self) -> None:
        self._entries: list[tuple[float, int, Action]] = []
        self._order = count()
        self.now = 0.0
        """How far time has come."""

    def at(self, moment: float, action: Action) -> None:
        """Note an action. None is ever struck off: it asks itself whether there is still a point."""
        heappush(self._entries, (moment, next(self._order), action))

    def due(self) -> float | None:
        """When the next action is due."""
        return self._entries[0][0] if self._entries else None

    def run(self, now: float) -> None:
        """Carry out what is due, also what that brings on."""
        while self._entries and self._entries[0][0] <= now:
            self.now, _, action = heappop(self._entries)
            action(self.now)
        self.now = now

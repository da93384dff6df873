"""How many restarts in how much time are too many.

Pure: times are given. Does not know who was restarted.
"""

from collections import deque

from supervisor.spec import Intensity


class RestartWindow:
    """The restarts of the last ``period_seconds``."""

    def __init__(self, intensity: Intensity) -> None:
        self._intensity = intensity
        self._restarts: deque[float] = deque()

    def allows(self, now: float) -> bool:
        """Note a restart; whether it is still within the limit."""
        self._restarts.append(now)
        while self._restarts[0] <= now - self._intensity.period_seconds:
            self._restarts.popleft()
        return len(self._restarts) <= self._intensity.max_restarts

"""What is logged, as a stream.

Decides which levels there are to ask for, and when a stream that hears nothing ends. Does not know what is worth a line
(``actors.log``), nor where else lines go.
"""

from math import isfinite
from typing import Any

from actors.ports import Timer
from actors.system import LEVELS, System
from messages.base import AddressName
from messages.errors import InvalidArgument
from messages.supervision import LogRecorded
from optionbus.arguments import checked_seconds
from optionbus.stream import Stream


class LogStream(Stream[LogRecorded]):
    """An iterator and async iterator over records of the log, from a level up.

    With a timeout it ends when there was no record for so many seconds, whether or not anybody reads.
    """

    def __init__(self, system: System, level: str, timeout: float | None, buffer: int) -> None:
        _check(level, timeout)
        name = AddressName(f"Logs-{system.new_id()}")
        super().__init__(name, system.runtime, lambda record: (record,), buffer=buffer)
        self._clock = system.runtime.clock
        self._scheduler = system.runtime.scheduler
        self._heard = self._clock.monotonic()
        self._timer: Timer | None = None
        self.on_end(system.follow_log(level.upper(), self))
        if timeout is not None:
            self.on_end(self._forget)
            self._watch(timeout)

    def tell(self, message: Any) -> None:  # noqa: ANN401 - as any stream
        """Add a record."""
        self._heard = self._clock.monotonic()
        super().tell(message)

    def _watch(self, timeout: float) -> None:
        left = self._heard + timeout - self._clock.monotonic()
        if left <= 0:
            self.end()
        elif not self._has_ended:
            self._timer = self._scheduler.call_later(left, lambda: self._watch(timeout))

    def _forget(self) -> None:
        if self._timer is not None:
            self._timer.cancel()


def _check(level: str, timeout: float | None) -> None:
    if not isinstance(level, str) or level.upper() not in LEVELS:
        raise InvalidArgument("logs", f"there is no level {level!r}; give one of {', '.join(LEVELS)}")
    seconds = checked_seconds("logs", timeout)
    if seconds is not None and not (isfinite(seconds) and seconds > 0):
        raise InvalidArgument("logs", f"Expected a timeout in seconds above 0, or None, got {timeout!r}")

"""When the records of a recording are due, on whatever clock the client lives.

Theory of operation. Records are taken in the order of the file; those of one moment each have a timer of their own, and
the last of them sets those of the next moment before it is handed out itself. So on a virtual clock everything that a
record brings about comes before the next one, and other timers of the same moment stand where they stood when it was
recorded. A record that its receiver is not ready for holds up all behind it until it is.

Decides the order and the moments. Does not know what a record is for.
"""

from collections import deque
from collections.abc import Callable, Iterator
from functools import partial

from actors.ports import Clock, Scheduler
from actors.stepped import SteppedRuntime
from optionbus.recording.records import Record


class Timetable:
    """Hands out records. ``is_ready`` says whether one can be taken now; it is asked again after ``resume``.

    All but ``resume`` happens on the scheduler's thread.
    """

    def __init__(
        self,
        records: Iterator[Record],
        clock: Clock,
        scheduler: Scheduler,
        is_ready: Callable[[Record], bool],
        take: Callable[[Record | None], None],
    ) -> None:
        self._records, self._clock, self._scheduler = records, clock, scheduler
        self._is_ready, self._take = is_ready, take
        self._due: deque[Record] = deque()
        self._next = next(records, None)
        self._delta = 0.0
        self._moment = 0
        self._is_held = self._is_over = False

    def begin(self, recorded: float) -> None:
        """The present moment is that recorded one."""
        self._delta = self._clock.monotonic() - recorded
        first = self._set_timers if self._next is not None else partial(self._take, None)
        self._scheduler.call_later(0.0, first)

    def resume(self) -> None:
        """Ask again whether the record that was not taken can be; any thread may say so."""
        self._scheduler.call_later(0.0, self._go_on)

    def stop(self) -> None:
        """Nothing more is handed out."""
        self._is_over = True

    def _set_timers(self) -> None:
        if self._next is None:
            return
        moment = self._next.time
        while self._next is not None and self._next.time <= moment:
            self._due.append(self._next)
            self._next = next(self._records, None)
        self._moment += 1
        for _ in range(len(self._due)):
            self._call_at(moment + self._delta, partial(self._fire, self._moment))

    def _call_at(self, moment: float, action: Callable[[], None]) -> None:
        if isinstance(self._scheduler, SteppedRuntime):  # where a delay would end a rounding error beside the moment
            self._scheduler.call_at(moment, action)
        else:
            self._scheduler.call_later(moment - self._clock.monotonic(), action)

    def _fire(self, moment: int) -> None:
        """Hand out the next record of that moment: where a clock runs, its timers may fire in any order."""
        if moment == self._moment and self._due and not self._is_over:
            self._hand_out()

    def _hand_out(self) -> None:
        record = self._due[0]
        self._is_held = not self._is_ready(record)
        if self._is_held:
            return
        self._due.popleft()
        is_last = not self._due and self._next is None
        if not self._due:
            self._set_timers()
        self._take(record)
        if is_last:
            self._take(None)

    def _go_on(self) -> None:
        if not self._is_held or self._is_over:
            return
        self._is_held = False
        for _ in range(len(self._due)):
            self._scheduler.call_later(0.0, partial(self._fire, self._moment))

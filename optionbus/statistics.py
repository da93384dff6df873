"""How the connection has been: counted from the moves of its session.

Decides what is an attempt, a success, a failure and a disconnection. What is kept is one value, replaced as a whole at
each move, so that any thread may read it at any time. Does not know what travels; that is counted where it passes
(``Traffic``).
"""

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from actors.line import Line
from actors.system import System
from messages.base import Message
from messages.session import ConnectionEvent, ConnectionStatistics, Latency, SessionState, SessionStateChanged

KEPT_EVENTS: Final = 50

_ATTEMPTING: Final = (SessionState.CONNECTING, SessionState.HANDSHAKING, SessionState.AUTHENTICATING)
_LOGGED_IN: Final = (SessionState.RESTORING, SessionState.READY)


class Times(Struct, frozen=True):
    """How often something happened, and how long it took: the last time and in all."""

    count: int = 0
    last_seconds: float | None = None
    sum_seconds: float = 0.0

    def with_one(self, seconds: float) -> "Times":
        """Once more."""
        return Times(self.count + 1, seconds, self.sum_seconds + seconds)

    @property
    def latency(self) -> Latency:
        """As it is shown."""
        mean = self.sum_seconds / self.count if self.count else None
        return Latency(last_seconds=self.last_seconds, mean_seconds=mean)


class Record(Struct, frozen=True):
    """What is known of all moves so far."""

    attempts: int = 0
    successes: int = 0
    failures: int = 0
    disconnections: int = 0
    connecting: Times = Times()
    login: Times = Times()
    entered: float = 0.0
    """When the present state was entered, by the monotonic clock."""
    ready_since: float | None = None
    past_uptime_seconds: float = 0.0
    events: tuple[ConnectionEvent, ...] = ()

    def after(self, move: SessionStateChanged, time: float, monotonic: float) -> "Record":
        """With one move more, made at that time."""
        before, state, was_attempting = move.before, move.state, move.before in _ATTEMPTING
        took = monotonic - self.entered
        had_login, has_login = before in _LOGGED_IN, state in _LOGGED_IN
        opened, answered = state is SessionState.HANDSHAKING, state is SessionState.RESTORING
        ended = before is SessionState.READY and self.ready_since is not None
        return replace(
            self,
            attempts=self.attempts + (state is SessionState.CONNECTING),
            successes=self.successes + (has_login and not had_login),
            failures=self.failures + (was_attempting and move.error is not None),
            disconnections=self.disconnections + (had_login and not has_login),
            connecting=self.connecting.with_one(took) if opened else self.connecting,
            login=self.login.with_one(took) if answered else self.login,
            entered=monotonic,
            ready_since=monotonic if state is SessionState.READY else None,
            past_uptime_seconds=self.past_uptime_seconds + (took if ended else 0.0),
            events=(*self.events, ConnectionEvent(time=time, what=_what(move)))[-KEPT_EVENTS:],
        )


class StatisticsKeeper:
    """Told every move of one line's session."""

    def __init__(self, system: System, line: Line) -> None:
        self._clock = system.runtime.clock
        self._traffic = line.traffic
        self._record = Record()
        system.routes.add(line.topic(SessionStateChanged), self)

    def tell(self, message: Message) -> None:
        """Count a move."""
        if isinstance(message, SessionStateChanged):
            self._record = self._record.after(message, self._clock.now(), self._clock.monotonic())

    def read(self) -> ConnectionStatistics:
        """How it has been so far."""
        record, traffic = self._record, self._traffic
        since = record.ready_since
        uptime = self._clock.monotonic() - since if since is not None else 0.0
        total = record.past_uptime_seconds + uptime
        return ConnectionStatistics(
            attempts=record.attempts,
            successes=record.successes,
            failures=record.failures,
            disconnections=record.disconnections,
            connecting=record.connecting.latency,
            login=record.login.latency,
            uptime_seconds=uptime,
            total_uptime_seconds=total,
            frames_received=traffic.frames_received,
            frames_sent=traffic.frames_sent,
            bytes_received=traffic.bytes_received,
            bytes_sent=traffic.bytes_sent,
            frames_received_per_second=_rate(traffic.frames_received, total),
            frames_sent_per_second=_rate(traffic.frames_sent, total),
            bytes_received_per_second=_rate(traffic.bytes_received, total),
            bytes_sent_per_second=_rate(traffic.bytes_sent, total),
            events=record.events,
        )


def _rate(count: int, seconds: float) -> float:
    return count / seconds if seconds else 0.0


def _what(move: SessionStateChanged) -> str:
    return move.state.value if move.error is None else f"{move.state.value}: {move.error}"

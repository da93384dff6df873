"""What is to be streamed, and which frames of it are due.

Decides how a load is written into a URL, and that a burst is built beforehand while a steady stream is stamped with the
moment of its sending. Does not know sockets.
"""

import time
from typing import Final, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec

from benchmarks import frames

SOURCE_STEP_SECONDS: Final = 0.001
"""Between two ticks of a burst, by their own time: a candle of a second has a thousand."""

FLUSH_SECONDS: Final = 2 * 86_400
"""How long after the others the last tick of a flushed burst is: it closes every candle that a tick can close."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """So many ticks, in turn over the first so many assets; ``rate`` a second, or all at once where it is 0."""

    ticks: int = 0
    assets: int = 1
    rate: float = 0.0
    is_flushed: bool = False

    def url(self, port: int) -> str:
        """Where a client has to connect to be sent this."""
        query = {"EIO": 4, "transport": "websocket", **msgspec.to_builtins(self)}
        return f"ws://127.0.0.1:{port}/socket.io/?{urlencode(query)}"

    @classmethod
    def of(cls, target: str) -> "Plan":
        """The plan in the target of a request."""
        return msgspec.convert(dict(parse_qsl(urlsplit(target).query)), cls, strict=False)


class Load(Protocol):
    """A stream that has begun."""

    def due(self, now: float) -> bytes:
        """What is to be sent by now (monotonic seconds), and was not given out yet."""

    def wait(self, now: float) -> float | None:
        """Seconds until something is due; None: never."""


class Burst:
    """Everything at once."""

    def __init__(self, plan: Plan) -> None:
        begin = time.time() + frames.AHEAD_SECONDS
        ticks = [
            frames.tick(
                frames.SYMBOLS[number % plan.assets], begin + number * SOURCE_STEP_SECONDS, 1.1 + number % 1000 * 1e-5
            )
            for number in range(plan.ticks)
        ]
        if plan.is_flushed:
            ticks.append(frames.tick(frames.SYMBOLS[0], begin + FLUSH_SECONDS, 1.2))
        self._frames = b"".join(ticks)

    def due(self, _now: float) -> bytes:
        """All of it, once."""
        due, self._frames = self._frames, b""
        return due

    def wait(self, _now: float) -> float | None:
        """Nothing is due later."""
        return 0.0 if self._frames else None


class Steady:
    """So many a second, each stamped when it is given out."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._begin: float | None = None
        self._sent = 0

    def due(self, now: float) -> bytes:
        """The ticks whose time has come."""
        if self._begin is None:
            self._begin = now
        plan = self._plan
        until = min(plan.ticks, int((now - self._begin) * plan.rate) + 1)
        server_time = time.time() + frames.AHEAD_SECONDS
        ticks = [
            frames.tick(frames.SYMBOLS[number % plan.assets], server_time, frames.stamp())
            for number in range(self._sent, until)
        ]
        self._sent = max(self._sent, until)
        return b"".join(ticks)

    def wait(self, now: float) -> float | None:
        """Until the next one."""
        if self._sent >= self._plan.ticks:
            return None
        return max(0.0, (self._begin or now) + self._sent / self._plan.rate - now)


def load_of(plan: Plan) -> Load:
    """The stream of a plan, ready to begin."""
    return Steady(plan) if plan.rate else Burst(plan)

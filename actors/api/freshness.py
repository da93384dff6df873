"""Which streams are stale: silent for longer than they usually are.

Theory. An asset that trades once a minute is as alive as one that trades twice a second. The limit of an asset is
therefore what was configured, or a multiple of the longest of its latest gaps if that is more; a quiet asset is called
stale once or twice, until its gaps are known. While its connection is down there is no reason to be so patient:
what was configured holds, and a gap that fell into such a time says nothing about the asset.

All times are the ticks' own (UTC seconds); a tick that was minutes on its way brings nothing back to life.

Has no clock: somebody looks, now and then.
"""

from collections import deque
from typing import Final

from messages.market import StreamResumed, StreamStale, Symbol

PATIENCE: Final = 3.0
"""So many times its longest gap an asset may be silent."""

GAPS: Final = 100
"""How many of the latest gaps are remembered."""


class Freshness:
    """The streams that are looked at; ``silence_seconds`` is the least that makes one stale."""

    def __init__(self, silence_seconds: float) -> None:
        self._silence_seconds = silence_seconds
        self._streams: dict[Symbol, _Stream] = {}

    @property
    def stale(self) -> tuple[Symbol, ...]:
        """The assets that are stale."""
        return tuple(symbol for symbol, stream in self._streams.items() if stream.stale_from is not None)

    def limit(self, symbol: Symbol) -> float:
        """How many seconds the asset may be silent while its connection is up."""
        stream = self._streams.get(symbol)
        longest = max(stream.gaps, default=0.0) if stream is not None else 0.0
        return max(self._silence_seconds, PATIENCE * longest)

    def look(
        self, symbol: Symbol, latest: float | None, now: float, *, is_up: bool
    ) -> StreamStale | StreamResumed | None:
        """What is new about the asset.

        Args:
            symbol: the asset; at the first look its silence begins.
            latest: the time of its latest tick, None where there was none.
            now: what a tick of this moment would have for its time.
            is_up: whether its connection is.
        """
        stream = self._streams.setdefault(symbol, _Stream(now))
        stream.was_down |= not is_up
        if latest is not None and latest > stream.heard:
            stream.hear(min(latest, now))
        silence = now - stream.heard
        is_silent = silence > self._silence_seconds and not (is_up and silence <= self.limit(symbol))
        if stream.stale_from is None and is_silent:
            stream.stale_from = stream.heard
            return StreamStale(symbol=symbol, silent_seconds=silence)
        if stream.stale_from is not None and not is_silent and stream.heard > stream.stale_from:
            gap, stream.stale_from = stream.heard - stream.stale_from, None
            return StreamResumed(symbol=symbol, silent_seconds=gap)
        return None

    def forget(self, symbol: Symbol) -> None:
        """The asset is not wanted any more."""
        self._streams.pop(symbol, None)


class _Stream:
    """What is known of one asset's ticks."""

    def __init__(self, now: float) -> None:
        self.heard = now
        self.gaps: deque[float] = deque(maxlen=GAPS)
        self.was_down = False
        self.stale_from: float | None = None

    def hear(self, latest: float) -> None:
        if not self.was_down:
            self.gaps.append(latest - self.heard)
        self.heard, self.was_down = latest, False

"""Where ticks come from: the port that a backtest, a recording and an export read.

Decides what a source promises. Does not know whether it is a file, a recording or a market made up.
"""

from collections.abc import Iterator
from typing import Final, Protocol

from messages.market import Symbol, Tick

BATCH: Final = 512
"""The most ticks of one batch."""


class TickSource(Protocol):
    """Ticks of one or several assets, oldest first, as often as they are asked for."""

    @property
    def name(self) -> str:
        """What a report calls it, such as ``EURUSD.csv``."""
        ...

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """The assets it has ticks of."""
        ...

    def batches(self, begin: float | None = None, end: float | None = None) -> Iterator[tuple[Tick, ...]]:
        """The ticks from ``begin`` on and before ``end`` (UTC seconds; None is all), in batches of 1 to ``BATCH``.

        Their times never decrease, over all assets together. A source that knows no server has ``server_time`` equal
        to ``time``.
        """
        ...

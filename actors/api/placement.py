"""On which line an asset streams.

Decides that an asset stays where it is while it is wanted, goes where there is most room, and leaves a line that has
given up. Does not know who wants it, nor what is sent for it.
"""

from collections.abc import Sequence
from typing import Final

from actors.line import Line
from messages.market import Symbol


class Placement:
    """The homes of assets on ``lines``, each of which takes ``limit``; ``homes`` is what the routers look at."""

    def __init__(self, lines: Sequence[Line], homes: dict[Symbol, int], limit: int) -> None:
        self._lines = lines
        self._homes: Final = homes
        self._limit = limit

    @property
    def capacity(self) -> int:
        """How many assets can stream in all."""
        return self._limit * len(self._open_lines())

    def home(self, symbol: Symbol) -> Line | None:
        """The asset's line, if it has one."""
        index = self._homes.get(symbol)
        return None if index is None else self._lines[index]

    def place(self, symbol: Symbol) -> Line | None:
        """The asset's line from now on; None where no line has room."""
        home = self.home(symbol)
        if home is not None:
            return home
        loads = self._loads()
        line = min(self._open_lines(), key=lambda each: loads[each.index], default=None)
        if line is None or loads[line.index] >= self._limit:
            return None
        self._homes[symbol] = line.index
        return line

    def leave(self, symbol: Symbol) -> Line | None:
        """Let the asset have no line; gives the one it had."""
        home = self.home(symbol)
        self._homes.pop(symbol, None)
        return home

    def clear(self) -> tuple[Symbol, ...]:
        """Let those assets have no line whose line has given up; gives them."""
        lost = tuple(symbol for symbol, index in self._homes.items() if self._lines[index].has_given_up)
        for symbol in lost:
            del self._homes[symbol]
        return lost

    def _open_lines(self) -> list[Line]:
        return [line for line in self._lines if not line.has_given_up]

    def _loads(self) -> list[int]:
        homes = list(self._homes.values())
        return [homes.count(line.index) for line in self._lines]

"""The two directions, as BinaryOptionsToolsV2 calls them.

Decides nothing but their names.
"""

from enum import Enum

from messages.trading import Direction


class Action(Enum):
    """What ``PyStrategy.trade`` is given; ``int`` gives the platform's number."""

    Call = 0
    Put = 1

    def __repr__(self) -> str:
        return str(self)

    def __int__(self) -> int:
        return self.value

    @property
    def direction(self) -> Direction:
        """The same in this project's word."""
        return Direction.CALL if self is Action.Call else Direction.PUT

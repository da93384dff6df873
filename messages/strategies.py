"""The words between a market that is played and the strategies that are played to.

Decides that alone. Does not know where the ticks come from.
"""

from messages.base import AddressName, Message
from messages.market import Tick


class TicksPlayed(Message, frozen=True, kw_only=True):
    """Ticks of any assets, oldest first, to be handled one by one. Answered by TicksConsumed of the same number.

    With no ticks it asks whether what was told before has been handled.
    """

    number: int
    ticks: tuple[Tick, ...]


class TicksConsumed(Message, frozen=True, kw_only=True):
    """A strategy has handled the first ``count`` of the ticks it was played; what it asked for was asked before.

    It stops early where it has asked for something: the answer has to come before the next tick. Number 0 says that the
    strategy has begun.
    """

    number: int
    strategy: AddressName
    count: int

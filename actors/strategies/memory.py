"""What outlives a crash of a strategy.

Decides nothing.
"""

from messages.base import RequestId
from messages.trading import Deal, DealId, OrderId


class StrategyMemory:
    """The orders and deals of a strategy, how far it was played to, and what it last died of."""

    def __init__(self) -> None:
        self.placed: dict[RequestId, OrderId] = {}
        """The orders that were not answered yet, by the request that asked for them."""
        self.orders: set[OrderId] = set()
        self.deals: dict[DealId, Deal] = {}
        """The open ones."""
        self.owed: int | None = 0
        """The number of the ticks that it is being played, of which a word is owed; 0: that it has begun."""
        self.consumed = 0
        """How many of them were handled, the one it died of included."""
        self.failure = ""

"""What a moved strategy has of its market, and who stands behind it.

Decides that what is asked is asked at once, whether or not it is awaited. Does not know whether the market is the
platform's or one of the bot's own.
"""

from typing import Protocol

from messages.trading import Direction
from optionbus.compat.strategies.handlers import Answer


class Desk(Protocol):
    """Where a strategy trades."""

    def trade(self, asset: str, direction: Direction, amount: float, seconds: int) -> Answer[list[str]]:
        """Place an order: the deal's id, and the deal as JSON."""

    def result(self, deal_id: str) -> Answer[str]:
        """How a deal ended, as JSON."""

    def balance(self) -> Answer[float]:
        """The balance."""


class PyContext:
    """Given to each handler; the bot makes it."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def buy(self, asset: str, amount: float, time: int) -> Answer[list[str]]:
        """Place a call; awaited, it gives the deal's id and the deal as JSON.

        Args:
            asset: the platform's symbol.
            amount: the stake.
            time: seconds until expiry.
        """
        return self.desk.trade(asset, Direction.CALL, amount, time)

    def balance(self) -> Answer[float]:
        """The balance, awaited."""
        return self.desk.balance()

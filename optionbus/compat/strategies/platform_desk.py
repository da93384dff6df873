"""Where a moved strategy trades when its bot has no market of its own: where the client trades.

Decides that what is asked is told to the bot's actor at once. Does not know how that is answered.
"""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from messages.trading import Direction
from optionbus.compat.errors import UninitializedError
from optionbus.compat.strategies.handlers import STOPPED, Answer, Handlers
from optionbus.compat.strategies.questions import (
    BalanceWanted,
    Question,
    ResultWanted,
    TradeWanted,
    name_of,
    seconds_of,
    stake_of,
)


class PlatformDesk:
    """Asks the bot's actor."""

    def __init__(self, handlers: Handlers) -> None:
        self._handlers = handlers
        self.tell: Callable[[Question], None] | None = None
        """How the bot's actor is told something, while there is one."""

    def trade(self, asset: str, direction: Direction, amount: float, seconds: int) -> Answer[list[str]]:
        """Place an order: the deal's id, and the deal as JSON."""
        wanted = TradeWanted(
            answer=Future(),
            asset=name_of(asset),
            direction=direction,
            stake=stake_of(amount),
            seconds=seconds_of(seconds),
        )
        return self._asked(wanted)

    def result(self, deal_id: str) -> Answer[str]:
        """How a deal ended, as JSON, once it has."""
        return self._asked(ResultWanted(answer=Future(), deal_id=name_of(deal_id)))

    def balance(self) -> Answer[float]:
        """The balance."""
        return self._asked(BalanceWanted(answer=Future()))

    def _asked(self, question: Question) -> Answer[Any]:
        if self.tell is None:
            raise UninitializedError(STOPPED)
        self.tell(question)
        return Answer(self._handlers, question.answer)

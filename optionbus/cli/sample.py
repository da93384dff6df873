"""A sample strategy, on nothing but the public API: copy it to begin one of your own.

It is told of each closed candle it is subscribed to, and bets that the price goes on the same way, for as short a time
as the asset is offered. It never waits: an order is a message, its answer is another. Not a way to make money.
"""

import uuid
from decimal import Decimal
from typing import ClassVar, assert_never

from messages.base import AddressName, RequestFailed
from messages.market import Assets, GetAssets, Symbol
from messages.trading import OrderId, PlaceTrade, TradePlaced
from optionbus import Actor, Candle, CandleClosed, Context, Direction

STAKE = Decimal("1.00")
SHORTEST_SECONDS = 5
ANSWER_SECONDS = 10.0

Inbox = Assets | CandleClosed | TradePlaced | RequestFailed


class SampleStrategy(Actor[Inbox]):
    """One small trade after each candle, in its direction."""

    listens: ClassVar = ()

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._durations: dict[Symbol, int] = {}

    def on_start(self) -> None:
        """Ask what is offered; the answer is a message too."""
        self.context.tell(AddressName("Assets"), GetAssets(reply_to=self.context.name))

    def on_receive(self, message: Inbox) -> None:
        """Handle one message."""
        match message:
            case Assets():
                self._durations = {asset.symbol: asset.min_duration_seconds for asset in message.assets}
            case CandleClosed():
                self._on_candle_closed(message.candle)
            case TradePlaced():
                self.context.log("DEBUG", f"placed {message.deal.direction.value} on {message.deal.symbol}")
            case RequestFailed():
                self.context.log("WARNING", f"no trade: {message.error}")
            case _:
                assert_never(message)

    def _on_candle_closed(self, candle: Candle) -> None:
        if candle.close == candle.open:
            return
        order = PlaceTrade(
            reply_to=self.context.name,
            order_id=OrderId(str(uuid.UUID(int=self.context.random.getrandbits(128), version=4))),
            symbol=candle.symbol,
            direction=Direction.CALL if candle.close > candle.open else Direction.PUT,
            stake=STAKE,
            duration_seconds=max(SHORTEST_SECONDS, self._durations.get(candle.symbol, 0)),
            deadline_seconds=ANSWER_SECONDS,
        )
        self.context.tell(AddressName("Trades"), order)

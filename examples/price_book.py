"""An actor that answers: it remembers the last price of each asset. ``python examples/price_book.py`` runs it."""

from optionbus import Actor, Context, PocketOption, Query, Reply, TicksReceived


class GetLastPrice(Query, frozen=True, kw_only=True):
    """Ask for the last price of an asset."""

    symbol: str


class LastPrice(Reply, frozen=True, kw_only=True):
    """The last price; None before the first tick."""

    price: float | None


class PriceBook(Actor[TicksReceived | GetLastPrice]):
    """Remembers last prices. Reached by the name ``PriceBook``."""

    listens = (TicksReceived,)

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._last: dict[str, float] = {}

    def on_receive(self, message: TicksReceived | GetLastPrice) -> None:
        """Handle one message."""
        if isinstance(message, GetLastPrice):
            self.context.reply(message, LastPrice(request_id=message.request_id, price=self._last.get(message.symbol)))
        else:
            self._last[message.symbol] = message.ticks[-1].price


if __name__ == "__main__":
    with PocketOption.simulated(actors=[PriceBook]) as client:
        client.wait_ready(timeout=10)
        client.subscribe("EURUSD_otc").get(timeout=10)
        print(client.ask("PriceBook", GetLastPrice(symbol="EURUSD_otc")).get())

"""Stale prices: an actor is told when a subscribed asset has fallen silent, and when it is back.

Run it: ``python examples/stale_prices.py``
"""

from queue import SimpleQueue

from optionbus import Actor, PocketOption, StreamResumed, StreamStale

NEWS: SimpleQueue[StreamStale | StreamResumed] = SimpleQueue()


class FreshnessWatch(Actor[StreamStale | StreamResumed]):
    """Hands on what it hears; a strategy would trade no more meanwhile."""

    listens = (StreamStale, StreamResumed)

    def on_receive(self, message: StreamStale | StreamResumed) -> None:
        """Handle one message."""
        NEWS.put(message)


def main() -> None:
    """Stay away for a while, and come back."""
    with PocketOption.simulated(speed=60, actors=[FreshnessWatch]) as client:
        client.wait_ready(timeout=10)
        client.subscribe("EURUSD_otc").get(timeout=10)
        client.disconnect_and_hold().get()
        for expected in ("silence", "ticks"):
            news = NEWS.get(timeout=10)
            print(f"{expected}: {type(news).__name__} {news.symbol} after {news.silent_seconds:.0f} s")
            client.connect().get()


if __name__ == "__main__":
    main()

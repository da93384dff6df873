"""A test of an actor of one's own: broker and actors in one thread, on a clock that moves when it is told to.

Run it: ``python examples/testing_an_actor.py``, or let pytest find it.
"""

from optionbus import Actor, CandleClosed, PocketOption, TimeAligned
from optionbus.testing import SteppedRuntime


class TrendActor(Actor[CandleClosed]):
    """Buys after three rising candles."""

    rising = 0

    def on_receive(self, message: CandleClosed) -> None:
        """Handle one message."""
        candle = message.candle
        self.rising = self.rising + 1 if candle.close > candle.open else 0
        if self.rising == 3:  # noqa: PLR2004
            self.context.log("INFO", f"three rising candles of {candle.symbol}")


def test_a_trend_is_seen() -> None:
    """Twenty minutes of trading take a moment, and go the same way each time."""
    runtime = SteppedRuntime(seed=1)
    with PocketOption.simulated(seed=1, runtime=runtime, actors=[TrendActor]) as client:
        client.wait_ready(timeout=10)  # steps the runtime until it holds
        seen = client.logs("INFO")
        client.subscribe("EURUSD_otc", TimeAligned(15), deliver_to="Trend")
        runtime.advance(1200)
        texts = [record.text for record in (seen.get() for _ in range(len(seen))) if record.source == "Trend"]
        assert texts  # noqa: S101
        print(f"{texts[0]}: {len(texts)} times")


if __name__ == "__main__":
    test_a_trend_is_seen()

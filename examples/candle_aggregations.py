"""Candles from ticks: by their number, by time since the first of them, or aligned to the clock.

Run it: ``python examples/candle_aggregations.py``
"""

from optionbus import Chunk, Direct, PocketOption, TimeAligned, Timed

ASSET = "EURUSD_otc"


def main() -> None:
    """Let one asset stream in four ways; the platform is asked for it once."""
    with PocketOption.simulated(speed=60) as client:  # a minute takes a second
        client.wait_ready(timeout=10)
        aggregations = (Direct(), Chunk(10), Timed(2.5), TimeAligned(5))
        for subscription in [client.subscribe(ASSET, aggregation) for aggregation in aggregations]:
            print(subscription.aggregation, "gives", type(subscription.get(timeout=10)).__name__)

        aligned = client.subscribe(ASSET, TimeAligned(5))
        first, second = next(aligned), next(aligned)
        print(f"seen from its first moment on: {first.complete}, {second.complete}")
        print(f"{second.open} to {second.close} within {second.low} … {second.high}, {second.ticks} ticks")
        print(f"begins at a multiple of 5 s: {second.time % 5 == 0}")


if __name__ == "__main__":
    main()

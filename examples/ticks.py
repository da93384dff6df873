"""Ticks: every price of an asset as it comes, of one asset or of several at once.

Run it: ``python examples/ticks.py``
"""

from itertools import islice

from optionbus import Overflow, PocketOption


def main() -> None:
    """Read a few prices of two assets, each in its own way."""
    with PocketOption.simulated(speed=10) as client:
        client.wait_ready(timeout=10)
        euro = client.subscribe("EURUSD_otc")  # returns at once
        for tick in islice(euro, 3):
            print(f"{tick.symbol} {tick.price} at {tick.time:.3f}")

        # Whoever reads slowly may want the newest price alone; what was not read is counted.
        yen = client.subscribe("USDJPY_otc", overflow=Overflow.CONFLATE)
        yen.confirmed.get(timeout=10)  # raises where there is no such asset
        print(f"{yen.get(timeout=10).symbol}, {yen.dropped} not read")

        print("streaming:", *(symbol for symbol, _aggregation in client.subscriptions().get()))
        euro.close()
        client.unsubscribe("USDJPY_otc")  # all there is of it
        print("streaming:", len(client.subscriptions().get()))


if __name__ == "__main__":
    main()

"""Prices of the past: the platform's candles, its ticks, and candles of any length compiled from those.

Run it: ``python examples/past_prices.py``
"""

from optionbus import PocketOption

ASSET = "EURUSD_otc"
DAY = 86_400


def main() -> None:
    """Ask for the past in each of the ways there are."""
    with PocketOption.simulated(seed=7) as client:
        client.wait_ready(timeout=10)
        now = client.server_time().get().time // 60 * 60  # UTC, like all times here

        candles = client.candles(ASSET, 60, count=400).get()  # as many requests as it takes
        print(f"{len(candles)} candles of a minute, the last one closed: {candles[-1].closed}")
        yesterday = client.candles(ASSET, 300, count=12, end=now - DAY).get()
        print(f"{len(yesterday)} of five minutes, a day ago")
        print(f"{len(client.candles_at(ASSET, 60, offset=600, time=now - DAY).get())} in ten minutes of a day ago")

        ticks = client.ticks(ASSET, lookback_seconds=120).get()
        print(f"ticks of {ticks[-1].time - ticks[0].time:.0f} s")
        compiled = client.compile_candles(ASSET, period=7, lookback_seconds=120).get()
        print(f"candles of {compiled[0].period_seconds} s, the last one closed: {compiled[-1].closed}")

        history = client.history(ASSET, 60).get()  # what a browser is shown, in one answer
        print(f"at once: {len(history.candles)} candles, ticks: {len(history.ticks) > 0}")


if __name__ == "__main__":
    main()

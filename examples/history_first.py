"""A stream that begins with the recent past and goes on without a gap: what an indicator wants to be fed.

Run it: ``python examples/history_first.py``
"""

from collections import deque

from optionbus import PocketOption, TimeAligned


def main() -> None:
    """Have a moving average at once, and keep it up to date."""
    closes: deque[float] = deque(maxlen=20)
    with PocketOption.simulated(seed=7, speed=60) as client:
        client.wait_ready(timeout=10)
        candles = client.subscribe_with_history("EURUSD_otc", TimeAligned(5))
        before = now = client.server_time().get().time
        for seen, candle in enumerate(candles, 1):
            closes.append(candle.close)
            if candle.time >= now:  # the first that has begun since
                print(f"{seen - 1} candles came first, the next begins {candle.time - before:.0f} s after the last")
                break
            before = candle.time
    print(f"average of the last {len(closes)}: {sum(closes) / len(closes):.5f}")


if __name__ == "__main__":
    main()

"""Candles as they form and close, with their history and without gaps, through a lost connection.

Run it: ``python examples/live_candles.py``
"""

from optionbus import PocketOption

ASSET = "EURUSD_otc"


if __name__ == "__main__":
    # A virtual minute takes a second.
    with PocketOption.simulated(seed=7, speed=60) as client:
        client.wait_ready(timeout=10)
        live = client.live_candles(ASSET, 60, history=3)
        history, _forming = live.get(timeout=10)
        print(f"{len(history)} closed before")
        client.reconnect().get()
        seen = next(closed for closed, _forming in live if closed)
        print(f"closed since: {seen[0].time - history[-1].time:.0f} s later, complete: {seen[0].complete}")
        compiled = client.compile_candles(ASSET, period=7, lookback_seconds=60).get()
        print(f"{len(compiled)} of seven seconds, the last one forming: {not compiled[-1].closed}")

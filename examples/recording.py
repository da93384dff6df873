"""A session is recorded, and played again: the client hears what it heard then, and sends nothing to anybody.

Run it: ``python examples/recording.py``
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from optionbus import PocketOption

ASSET = "EURUSD_otc"


def main() -> None:
    """Record a few ticks, and hear them again as fast as can be."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "session.rec")
        client = PocketOption.simulated(seed=7)
        recorder = client.record(file)  # before it is started
        with client:
            client.wait_ready(timeout=10)
            ticks = client.subscribe(ASSET)
            print(f"then: {next(ticks).price}, {next(ticks).price}")
        print(f"recorded: {recorder.records > 0}")

        with PocketOption.replay(file, speed="max") as client:
            ticks = client.subscribe(ASSET)
            print(f"now: {next(ticks).price}, {next(ticks).price}")
            playback = client.playback
            if playback is not None:  # as it is wherever no recording is played
                playback.over().get(timeout=10)
                print(f"orders sent: {playback.orders_sent}")


if __name__ == "__main__":
    main()

"""Taps: every frame, in and out, is shown to a function or to an actor; nothing is changed.

Run it: ``python examples/taps.py``
"""

from collections import Counter

from messages.session import FrameReceived, FrameSent
from optionbus import PocketOption


def main() -> None:
    """Count what goes in and out."""
    counts: Counter[str] = Counter()

    def count(message: FrameReceived | FrameSent) -> None:
        if isinstance(message, FrameReceived):
            counts[message.frame.event] += 1
        else:
            counts["sent"] += 1  # the login is shown without its secret

    with PocketOption.simulated(speed=10) as client:
        client.add_tap(count)
        client.wait_ready(timeout=10)
        ticks = client.subscribe("EURUSD_otc")
        for _ in range(5):
            next(ticks)
    print(f"ticks: {counts['updateStream']} or more, sent: {counts['sent']}, events: {', '.join(sorted(counts)[:3])} …")


if __name__ == "__main__":
    main()

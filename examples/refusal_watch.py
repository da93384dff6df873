"""A listener: it gets the frames that satisfy a rule, and answers nobody.

Run it: ``python examples/refusal_watch.py``
"""

from typing import ClassVar

from messages.errors import OrderRefused
from messages.session import FrameReceived
from optionbus import Actor, Context, PocketOption, Rule


class RefusalWatch(Actor[FrameReceived]):
    """Logs what the platform says when it refuses an order."""

    listens: ClassVar = (Rule.event("failopenOrder") & ~Rule.contains(b"MaxDemoTrades"),)

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.seen = 0

    def on_receive(self, message: FrameReceived) -> None:
        """Handle one message."""
        self.seen += 1
        self.context.log("WARNING", f"refusal {self.seen}: {message.frame.payload.decode()}")


def main() -> None:
    """Place an order that is larger than the account."""
    with PocketOption.simulated(actors=[RefusalWatch]) as client:
        client.wait_ready(timeout=10)
        for _ in range(3):
            client.buy("EURUSD_otc", 20_000, 60)
        try:
            client.buy("EURUSD_otc", 20_000, 60).get()
        except OrderRefused as error:
            print(error)


if __name__ == "__main__":
    main()

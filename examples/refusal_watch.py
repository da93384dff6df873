"""A listener: it gets the frames that satisfy a rule, and answers nobody.

Run it: ``python examples/refusal_watch.py``
"""

from messages.session import FrameReceived
from optionbus import Actor, PocketOption, Rule
from optionbus.errors import OrderRefused


class RefusalWatch(Actor[FrameReceived]):
    """Logs what the platform says when it refuses an order."""

    listens = (Rule.event("failopenOrder") & ~Rule.contains(b"MaxDemoTrades"),)

    def on_receive(self, message: FrameReceived) -> None:
        """Handle one message."""
        self.context.log("WARNING", f"refused: {message.frame.payload.decode()}")


def main() -> None:
    """Place an order that is larger than the account."""
    with PocketOption.simulated(actors=[RefusalWatch]) as client:
        client.wait_ready(timeout=10)
        records = client.logs("WARNING", timeout=5)
        for _ in range(3):
            client.buy("EURUSD_otc", 20_000, 60, allow_duplicate=True)
        try:
            client.buy("EURUSD_otc", 20_000, 60, allow_duplicate=True).get()
        except OrderRefused as error:
            print(error)
        print(next(records).text)


if __name__ == "__main__":
    main()

"""An actor that crashes: the next message finds it restarted, on the same address. What must survive lives outside.

Run it: ``python examples/crash_and_restart.py``
"""

from queue import SimpleQueue

from messages.base import Delivery
from optionbus import Actor, Command, PocketOption

SHARES: SimpleQueue[str] = SimpleQueue()


class Share(Command, frozen=True, kw_only=True):
    """Share the stake among so many deals."""

    delivery = Delivery.REDELIVER  # what waits behind a crash is for the next incarnation
    deals: int


class SharerActor(Actor[Share]):
    """Reached by the name ``Sharer``; counts what this incarnation has done."""

    done = 0

    def on_receive(self, message: Share) -> None:
        """Handle one message. It does not expect 0, and need not: it may crash."""
        self.done += 1
        SHARES.put(f"{100 / message.deals:.0f} each, number {self.done}")


if __name__ == "__main__":
    with PocketOption.simulated(actors=[SharerActor]) as client:
        sharer = client.address("Sharer")
        for deals in (2, 0, 4):
            sharer.tell(Share(deals=deals))
        print(SHARES.get(timeout=10), "and", SHARES.get(timeout=10))
        print("restarts:", next(actor.restarts for actor in client.health() if actor.name == "Sharer"))

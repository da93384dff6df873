"""Middleware: whatever goes over the socket can be looked at, changed or dropped.

Run it: ``python examples/middleware.py``
"""

from messages.session import Frame
from optionbus import Middleware, PocketOption, Rule
from optionbus.errors import DeadlineExceeded


class Manners(Middleware):
    """Changes one message, drops another, and counts the frames that come in."""

    received = 0

    def on_send(self, data: str | bytes) -> str | bytes | None:
        """Dropped where it gives None."""
        if "secret" in str(data):
            return None
        return str(data).replace("damn", "dear")

    def on_receive(self, frame: Frame) -> Frame:
        """Called in the router's thread: let it be quick."""
        self.received += 1
        return frame


if __name__ == "__main__":
    manners = Manners()
    with PocketOption.simulated() as client:
        client.add_middleware(manners)
        client.wait_ready(timeout=10)
        with client.raw_handler(Rule.event("echo")) as echoes:
            print(echoes.send_and_wait('42["echo","damn broker"]').get().text)
            try:
                echoes.send_and_wait('42["echo","a secret"]', timeout=0.1).get()
            except DeadlineExceeded:
                print(f"not sent; frames received: {manners.received > 0}")

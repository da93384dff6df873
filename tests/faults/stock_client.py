"""websocket-client as it is, sending on one thread and receiving on another: ``python -m tests.faults.stock_client``.

A process of its own, since it may end in a crash of the interpreter. Says ``ready``, and in the end how many of the
messages came back as they were sent and what went wrong.
"""

import argparse
import threading

import websocket

from tests.faults.programs import say

WINDOW = 256
PATIENCE_SECONDS = 20.0


class StockClient:
    """One connection, both directions busy."""

    def __init__(self, url: str, ca_file: str, count: int) -> None:
        self._count = count
        self._connection = websocket.create_connection(url, sslopt={"ca_certs": ca_file}, timeout=PATIENCE_SECONDS)
        self._room = threading.Semaphore(WINDOW)
        self.echoed = 0
        self.problem = ""

    def run(self) -> None:
        """Send everything while a thread receives."""
        reader = threading.Thread(target=self._receive, daemon=True)
        reader.start()
        try:
            for number in range(self._count):
                if self.problem or not self._room.acquire(timeout=PATIENCE_SECONDS):
                    break
                self._connection.send_binary(number.to_bytes(8))
        except Exception as error:  # noqa: BLE001 - reported
            self.problem = self.problem or f"sending: {type(error).__name__}: {error}"
        reader.join(PATIENCE_SECONDS)

    def _receive(self) -> None:
        try:
            while self.echoed < self._count and self._connection.recv() == self.echoed.to_bytes(8):
                self.echoed += 1
                self._room.release()
            self.problem = self.problem or ("" if self.echoed == self._count else "another message than was sent")
        except Exception as error:  # noqa: BLE001 - reported
            self.problem = self.problem or f"receiving: {type(error).__name__}: {error}"


def main() -> None:
    """Send, receive and report."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.stock_client", description=__doc__)
    parser.add_argument("url")
    parser.add_argument("ca_file")
    parser.add_argument("count", type=int)
    options = parser.parse_args()
    client = StockClient(options.url, options.ca_file, options.count)
    say("ready")
    client.run()
    say(f"{client.echoed} {client.problem or 'nothing went wrong'}")


if __name__ == "__main__":
    main()

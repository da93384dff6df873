"""The simulated broker as a program that can be silenced: ``python -m tests.faults.broker``; says its URL.

Commands: ``silence`` (from now on it says nothing at all on the connections there are, and answers nothing), ``speak``,
``connections`` (how many there were so far), ``given-up`` (waits until it has given up one more client).

Decides nothing of what a broker says (``simulator.broker``).
"""

import argparse
from decimal import Decimal
from threading import Semaphore
from typing import Any
from unittest.mock import patch

from simulator import account
from simulator.broker import PING_INTERVAL_SECONDS, PING_TIMEOUT_SECONDS, Broker, Outgoing
from simulator.server import SimulatorServer, WallClock
from simulator.streams import ConnectionId
from tests.faults.programs import PATIENCE_SECONDS, say, serve_commands


class MutableBroker(Broker):
    """A broker that can be told to be silent."""

    is_silent = False
    connections = 0

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._given_up = Semaphore(0)

    def connect(self, now: float) -> tuple[ConnectionId, list[Outgoing]]:
        self.connections += 1
        return super().connect(now)

    def feed(self, connection: ConnectionId, data: str | bytes, now: float) -> list[Outgoing]:
        return self._said(super().feed(connection, data, now))

    def poll(self, now: float) -> list[Outgoing]:
        return self._said(super().poll(now))

    def answer(self, command: list[str]) -> str:
        """Do as one is told."""
        self.is_silent = {"silence": True, "speak": False}.get(command[0], self.is_silent)
        if command == ["given-up"]:
            self._given_up.acquire(timeout=PATIENCE_SECONDS)
        return str(self.connections)

    def _hang_up(self, client: Any) -> None:
        super()._hang_up(client)
        self._given_up.release()

    def _said(self, outgoing: list[Outgoing]) -> list[Outgoing]:
        return [] if self.is_silent else outgoing


def main() -> None:
    """Serve until nobody is left who gives commands."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.broker", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--streams", type=int, default=4, help="how many assets stream at once")
    parser.add_argument("--scale", type=float, default=1.0, help="how many times as fast its time passes")
    parser.add_argument("--ping-interval", type=float, default=PING_INTERVAL_SECONDS)
    parser.add_argument("--ping-timeout", type=float, default=PING_TIMEOUT_SECONDS)
    parser.add_argument("--open-deals", type=int, default=account.MAX_DEMO_DEALS, help="how many may be open at once")
    options = parser.parse_args()
    broker = MutableBroker(
        seed=1,
        balance=Decimal(1_000_000),
        streams_per_connection=options.streams,
        clock_scale=options.scale,
        pings=(options.ping_interval, options.ping_timeout),
    )
    with (
        patch.object(account, "MAX_DEMO_DEALS", options.open_deals),
        SimulatorServer(broker, port=options.port, clock=WallClock(options.scale)) as server,
    ):
        say(server.url)
        serve_commands(broker.answer)


if __name__ == "__main__":
    main()

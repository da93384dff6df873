"""A simulated broker that is told what to keep to itself: ``python -m tests.faults.broker``; says its URL.

Commands: ``silence`` (from now on it says nothing at all on the connections there are, and answers nothing), ``speak``,
``connections`` (how many there were so far), ``kept`` (waits until one more order has come in whose answer it keeps to
itself, with ``--keep-answers``), ``given-up`` (waits until it has given up the newest connection). Both say whether it
came to that.

Decides nothing of what a broker says (``simulator.broker``).
"""

import argparse
from collections.abc import Callable
from decimal import Decimal
from threading import Condition
from typing import Any
from unittest.mock import patch

from simulator import account
from simulator.broker import PING_INTERVAL_SECONDS, PING_TIMEOUT_SECONDS, Broker, Outgoing
from simulator.server import SimulatorServer, WallClock
from simulator.streams import ConnectionId
from tests.faults.programs import MOST_SECONDS, say, serve_commands

_ORDER = "openOrder"


class ToldBroker(Broker):
    """A broker that can be told to be silent, answers no order if ``keeps_answers``, and is asked what has happened."""

    is_silent = False
    connections = 0

    def __init__(self, *, keeps_answers: bool, **options: Any) -> None:
        super().__init__(**options)
        self._keeps_answers = keeps_answers
        self._happened = Condition()
        self._kept = self._told_of = self._given_up = 0

    def connect(self, now: float) -> tuple[ConnectionId, list[Outgoing]]:
        self.connections += 1
        return super().connect(now)

    def feed(self, connection: ConnectionId, data: str | bytes, now: float) -> list[Outgoing]:
        said = super().feed(connection, data, now)
        if not self._keeps_answers or _ORDER not in str(data):
            return self._said(said)
        with self._happened:
            self._kept += 1
            self._happened.notify_all()
        return []

    def poll(self, now: float) -> list[Outgoing]:
        return self._said(super().poll(now))

    def answer(self, command: list[str]) -> str:
        """Do as one is told."""
        match command:
            case ["kept"]:
                self._told_of += 1
                return self._has_happened(lambda: self._kept >= self._told_of)
            case ["given-up"]:
                return self._has_happened(lambda: self._given_up == self.connections)
        self.is_silent = {"silence": True, "speak": False}.get(command[0], self.is_silent)
        return str(self.connections)

    def _has_happened(self, what: Callable[[], bool]) -> str:
        with self._happened:
            return str(self._happened.wait_for(what, MOST_SECONDS))

    def _hang_up(self, client: Any) -> None:
        super()._hang_up(client)
        with self._happened:
            self._given_up = self.connections
            self._happened.notify_all()

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
    parser.add_argument("--keep-answers", action="store_true", help="carry orders out, and do not answer them")
    options = parser.parse_args()
    broker = ToldBroker(
        keeps_answers=options.keep_answers,
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

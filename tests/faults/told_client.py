"""A client in a process of its own that is told what to do: ``python -m tests.faults.told_client URL --pause SECONDS``.

Commands: ``starve`` (no descriptor can be had any more; what is open stays), ``failures N`` (waits for so many attempts
that failed, and says as JSON how long that took, the processor's seconds, and the errors), ``feed`` (as before),
``ready SECONDS`` (waits until it is READY, and says whether), ``order N`` (places one on the Nth asset, and says
nothing of it yet), ``ordered`` (waits for it, and says in what it ended: the name of an error, or Deal), ``ticks N``
(waits for so many that come from now on, and says how many did). A limit and a signal are those of a process.

Decides nothing of how the client bears it.
"""

import argparse
import json
import resource
import time
from contextlib import closing

from actors.future import Future
from benchmarks.task import cpu_seconds
from messages.errors import BusError
from messages.trading import Deal
from optionbus import PocketOption
from supervisor.settings import ReconnectSettings
from tests.faults.client import Moves, ready_client
from tests.faults.programs import MOST_SECONDS, say, serve_commands

ASSET = "EURUSD_otc"
ORDER_SECONDS = 1.0
LOWEST = 3
"""Descriptors from this one on cannot be had: the standard ones are there."""


class Told:
    """Does what it is told with a client."""

    def __init__(self, client: PocketOption, moves: Moves) -> None:
        self._client = client
        self._moves = moves
        self._order: Future[Deal] | None = None
        self._limits = resource.getrlimit(resource.RLIMIT_NOFILE)

    def answer(self, command: list[str]) -> str:
        """One command."""
        match command:
            case ["starve"]:
                resource.setrlimit(resource.RLIMIT_NOFILE, (LOWEST, self._limits[1]))
            case ["feed"]:
                resource.setrlimit(resource.RLIMIT_NOFILE, self._limits)
            case ["failures", number]:
                return self._failures(int(number))
            case ["ready", seconds]:
                return str(self._moves.come_back(float(seconds)))
            case ["order", number]:
                assets = self._client.active_assets().get(timeout=MOST_SECONDS)
                self._order = self._client.buy(assets[int(number)].symbol, 1, 5, timeout=ORDER_SECONDS)
            case ["ordered"]:
                return self._end_of_order()
            case ["ticks", number]:
                return str(self._ticks(int(number)))
        return "done"

    def _end_of_order(self) -> str:
        assert self._order is not None
        try:
            return type(self._order.get(timeout=MOST_SECONDS)).__name__
        except BusError as error:
            return type(error).__name__

    def _ticks(self, number: int) -> int:
        with closing(self._client.subscribe(ASSET)) as stream:
            return sum(stream.get(timeout=MOST_SECONDS) is not None for _ in range(number))

    def _failures(self, number: int) -> str:
        began, cpu = time.monotonic(), cpu_seconds()
        self._moves.lost()  # the connection that there was
        errors = [self._moves.lost().error for _ in range(number)]
        told = [f"{type(error).__name__}: {error}" for error in errors]
        return json.dumps({"seconds": time.monotonic() - began, "cpu": cpu_seconds() - cpu, "errors": told})


def main() -> None:
    """Be READY, say so, and serve commands."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.told_client", description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--pause", type=float, required=True, help="the first pause between two attempts, seconds")
    parser.add_argument("--most-failures", type=int, help="give up after so many in a row")
    options = parser.parse_args()
    reconnect = ReconnectSettings(
        base_seconds=options.pause, maximum_seconds=10 * options.pause, max_failures=options.most_failures
    )
    with ready_client(options.url, reconnect=reconnect) as (client, moves):
        say("ready")
        serve_commands(Told(client, moves).answer)


if __name__ == "__main__":
    main()

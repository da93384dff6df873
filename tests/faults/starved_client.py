"""A client that can be starved of descriptors: ``python -m tests.faults.starved_client URL --pause SECONDS``.

Commands: ``starve`` (no descriptor can be had any more; what is open stays), ``failures N`` (waits for so many attempts
that failed, and says as JSON how long that took, the processor's seconds, and the errors), ``feed`` (as before),
``ready`` (waits until it is READY). A process of its own, since the limit is one of a process.

Decides nothing of how the client bears it.
"""

import argparse
import json
import resource
import time

from benchmarks.task import cpu_seconds
from supervisor.settings import ReconnectSettings
from tests.faults.client import Moves, ready_client
from tests.faults.programs import say, serve_commands

LOWEST = 3
"""Descriptors from this one on cannot be had: the standard ones are there."""


class Starved:
    """Does what it is told with a client."""

    def __init__(self, moves: Moves) -> None:
        self._moves = moves
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
            case ["ready"]:
                self._moves.ready()
        return "done"

    def _failures(self, number: int) -> str:
        began, cpu = time.monotonic(), cpu_seconds()
        self._moves.lost()  # the connection that there was
        errors = [self._moves.lost().error for _ in range(number)]
        told = [f"{type(error).__name__}: {error}" for error in errors]
        return json.dumps({"seconds": time.monotonic() - began, "cpu": cpu_seconds() - cpu, "errors": told})


def main() -> None:
    """Be READY, say so, and serve commands."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.starved_client", description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--pause", type=float, required=True, help="the first pause between two attempts, seconds")
    options = parser.parse_args()
    reconnect = ReconnectSettings(base_seconds=options.pause, maximum_seconds=10 * options.pause)
    with ready_client(options.url, reconnect=reconnect) as (_, moves):
        say("ready")
        serve_commands(Starved(moves).answer)


if __name__ == "__main__":
    main()

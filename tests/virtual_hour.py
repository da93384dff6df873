"""Lets the whole tree of run.py live a virtual hour and prints what happened, with a digest of every message handled.

``python -m tests.virtual_hour --seed 7``: the same seed prints the same, in any process.
"""

import argparse
import hashlib
import json
import re

from actors.stepped import SteppedRuntime
from messages.base import Message
from optionbus import Config
from optionbus.cli import run
from optionbus.cli.arguments import parse
from optionbus.cli.main_loop import MainLoop
from optionbus.cli.scoreboard import GetScore
from optionbus.client import PocketOption

PLACE_IN_MEMORY = re.compile(r" at 0x[0-9a-f]+")
"""All that differs between two processes: where a function that a message carries happens to lie."""


class Trace:
    """A running digest of who handled what, when."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self.messages = 0
        self.kinds: dict[str, int] = {}

    def __call__(self, now: float, actor: str, message: Message) -> None:
        kind = type(message).__name__
        self.messages += 1
        self.kinds[kind] = self.kinds.get(kind, 0) + 1
        shown = PLACE_IN_MEMORY.sub("", repr(message))
        self._digest.update(f"{now:.6f} {actor} {kind} {shown}\n".encode())

    def digest(self) -> str:
        return self._digest.hexdigest()


def live(seed: int, seconds: float) -> dict[str, object]:
    """What came of the time: counts, and the digest of the trace."""
    trace, options = Trace(), parse([])
    runtime = SteppedRuntime(seed, on_step=trace)
    actors = run._actors(options, Config())
    client = PocketOption.simulated(seed=seed, runtime=runtime, actors=actors)
    client.start()
    run._on_ready(client.ready(timeout=10), client, options, MainLoop(), is_sampled=True)
    runtime.advance(seconds)
    score = client.ask("Scoreboard", GetScore()).get()
    health = {actor.name: actor.handled for actor in client.health()}
    balance = client.balance().get()
    opened, closed = client.opened_deals().get(), client.closed_deals().get()
    client.stop()
    return {
        "messages": trace.messages,
        "opened": len(opened) + len(closed),
        "closed": len(closed),
        "ticks": score.ticks,
        "candles": score.candles,
        "kinds": trace.kinds,
        "handled": health,
        "balance": str(balance),
        "digest": trace.digest(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=3600.0)
    arguments = parser.parse_args()
    print(json.dumps(live(arguments.seed, arguments.seconds), indent=1))  # noqa: T201


if __name__ == "__main__":
    main()

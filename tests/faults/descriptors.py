"""A process without descriptors whose connection is reset: it must say so, wait, and come back once there are some.

Decides that it waits as the backoff says, and that a busy loop is a share of the processor. Does not know how the limit
is lowered (``tests.faults.told_client``).
"""

import json
from collections.abc import Sequence
from typing import Any, Final

from tests.faults.client import PATIENCE_SECONDS, proxied
from tests.faults.figure import Control, Figure, Reading, at_least, at_most, exactly
from tests.faults.programs import MOST_SECONDS, program

PAUSE_SECONDS: Final = 0.1
BUSY: Final = 0.5
"""More of a processor than this is a loop that does not wait."""


def measure(is_full: bool) -> Sequence[Reading]:  # noqa: FBT001 - every figure's
    """Starved for so many attempts."""
    return _measure(20 if is_full else 4, PAUSE_SECONDS)


def control(_is_full: bool) -> Sequence[Reading]:  # noqa: FBT001
    """A client that does not wait between two attempts."""
    return _measure(500, 1e-6)


def _measure(failures: int, pause: float) -> Sequence[Reading]:
    with proxied() as (_, proxy, url), program("tests.faults.told_client", url, "--pause", pause) as client:
        client.ask("starve")
        proxy.ask("reset")
        client.tell("failures", failures)
        said: dict[str, Any] = json.loads(client.hear(PATIENCE_SECONDS))
        client.ask("feed")
        is_back = client.ask("ready", MOST_SECONDS) == "True"
    typed = sum(error == "TransportError: Network: Too many open files" for error in said["errors"])
    return [
        exactly("READY again once there are descriptors", is_back, 1),
        exactly("attempts that ended in a TransportError that says why", typed, failures),
        at_least("seconds it took, in those that it has to wait", said["seconds"] / _waits(failures), 1.0),
        at_most("share of a processor while there were none", said["cpu"] / said["seconds"], BUSY),
    ]


def _waits(failures: int) -> float:
    """The least that so many attempts may take: the first is made at once, each pause is twice the one before."""
    pauses = (min(10.0, 2.0**number) for number in range(failures - 1))
    return sum(pauses) * 0.8 * PAUSE_SECONDS


FIGURE: Final = Figure(
    name="descriptors",
    what="a process without descriptors, whose connection is reset",
    measure=measure,
    controls=(
        Control(
            broken="a client that does not wait between two attempts",
            measure=control,
            misses="seconds it took, in those that it has to wait",
        ),
    ),
)

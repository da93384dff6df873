"""The client's process stands still for longer than the broker waits, with an order out, and goes on.

Decides that it is stopped once the broker has the order, which it does not answer, and goes on once the broker has
given it up. What becomes of the order is not looked at (``tests.kill_cycles``), only that whoever waits for it hears
that nobody knows.
"""

from collections.abc import Sequence
from typing import Final

from messages.order_errors import OrderUnconfirmed
from messages.trading import Deal
from tests.faults.figure import Control, Figure, Reading, exactly
from tests.faults.programs import MOST_SECONDS, program

PINGS: Final = ("--ping-interval", 0.5, "--ping-timeout", 0.5)
TICKS: Final = 3
ENDS: Final = (OrderUnconfirmed.__name__, Deal.__name__)
READY: Final = "READY again"


def measure(is_full: bool) -> Sequence[Reading]:  # noqa: FBT001 - every figure's
    """So many times."""
    return _measure(50 if is_full else 2)


def control(_is_full: bool) -> Sequence[Reading]:  # noqa: FBT001
    """A client that gives up with its first connection."""
    return _measure(1, "--most-failures", 1, patience=1.0)


def _measure(times: int, *options: object, patience: float = MOST_SECONDS) -> Sequence[Reading]:
    out = given_up = ended = ready = ticks = 0
    with (
        program("tests.faults.broker", "--keep-answers", *PINGS) as broker,
        program("tests.faults.told_client", broker.ready, "--pause", 0.01, *options) as client,
    ):
        for number in range(times):
            client.ask("order", number)
            out += broker.ask("kept") == "True"
            client.freeze()
            given_up += broker.ask("given-up") == "True"
            client.thaw()
            ended += client.ask("ordered") in ENDS
            is_ready = client.ask("ready", patience) == "True"
            ready += is_ready
            ticks += int(client.ask("ticks", TICKS)) if is_ready else 0
        connections = int(broker.ask("connections"))
    return [
        exactly(READY, ready, times),
        exactly("connections it took", connections, 1 + times),
        exactly("times it was stopped with an order out, and given up", min(out, given_up), times),
        exactly("orders whose end was heard of", ended, times),
        exactly("ticks afterwards", ticks, TICKS * times),
    ]


FIGURE: Final = Figure(
    name="frozen",
    what="a client's process that stands still until the broker has given it up",
    measure=measure,
    controls=(Control(broken="a client that gives up with its first connection", measure=control, misses=READY),),
)

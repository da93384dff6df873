"""The broker's process is killed without warning and starts again on the same port: the client has to be READY again.

Decides that it is gone long enough for attempts to fail. Does not look at what streams (``tests.faults.streams``).
"""

from collections.abc import Sequence
from typing import Final

from supervisor.settings import ReconnectSettings
from tests.faults.client import PATIENCE_SECONDS, port_of, ready_client
from tests.faults.figure import Control, Figure, Reading, exactly
from tests.faults.programs import Program, program

FAILURES: Final = 3
"""So many attempts reach nobody before it is back."""
QUICK: Final = ReconnectSettings(base_seconds=0.02, maximum_seconds=0.1)


def measure(is_full: bool) -> Sequence[Reading]:  # noqa: FBT001 - every figure's
    """So many deaths."""
    return _measure(50 if is_full else 2, PATIENCE_SECONDS)


def control(_is_full: bool) -> Sequence[Reading]:  # noqa: FBT001
    """A broker that comes back at another port."""
    return _measure(1, 2.0, is_elsewhere=True)


def _measure(times: int, patience: float, *, is_elsewhere: bool = False) -> Sequence[Reading]:
    came_back = 0
    with program("tests.faults.broker") as first, ready_client(first.ready, reconnect=QUICK) as (client, moves):
        broker, port = first, 0 if is_elsewhere else port_of(first.ready)
        for _ in range(times):
            broker.close()
            for _ in range(FAILURES):
                moves.lost()
            broker = Program("tests.faults.broker", "--port", port)
            came_back += moves.come_back(patience)
        assets = client.assets().get(timeout=PATIENCE_SECONDS)
        broker.close()
    return [exactly("READY again", came_back, times), exactly("a client that has lost its assets", not assets, 0)]


FIGURE: Final = Figure(
    name="broker-killed",
    what="kill -9 of the broker, and another on the same port",
    measure=measure,
    controls=(Control(broken="a broker that comes back at another port", measure=control, misses="READY again"),),
)

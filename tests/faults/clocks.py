"""The wall clock jumps an hour ahead, and then two hours back, while calls wait: none of their deadlines may move.

Decides what waits: calls with timeouts begun before, between and after the jumps, and results of a deal that are waited
for until its expiry. All of this process sees the jump, as Python's own clock is put forward; C libraries do not.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from typing import Any, Final
from unittest.mock import patch

from actors.future import Future
from messages.errors import BusError
from messages.session import SessionState
from optionbus import PocketOption, Validator
from supervisor.settings import RequestSettings
from tests.faults.client import PATIENCE_SECONDS, ready_client
from tests.faults.figure import Control, Figure, Reading, exactly
from tests.faults.programs import program

HOUR: Final = 3600.0
TIMEOUT_SECONDS: Final = 1.0
GRACE_SECONDS: Final = 1.0
DURATION_SECONDS: Final = 5
OFF_SECONDS: Final = 3.0
"""A deadline that is missed by more has moved; a busy machine is not so late."""
LATEST_SECONDS: Final = 3.5
NEVER: Final = Validator.contains("never said")

monotonic, wall = time.monotonic, time.time


class Clocks:
    """The clocks of this process; ``jumping`` are those that jump, by their names in ``time``."""

    def __init__(self, stack: ExitStack, jumping: tuple[str, ...]) -> None:
        self._offset = 0.0
        for name in jumping:
            real: Callable[[], float] = {"time": wall, "monotonic": monotonic}[name]
            stack.enter_context(patch(f"time.{name}", lambda real=real: real() + self._offset))

    def jump(self, seconds: float) -> None:
        """From now on they show so much more."""
        self._offset += seconds


class Wait:
    """A future, when it should end, and when it does."""

    def __init__(self, future: Future[Any], seconds: float) -> None:
        self._future = future
        self._due = monotonic() + seconds
        self._ended: list[float] = []
        future.on_done(lambda: self._ended.append(monotonic()))

    def has_moved(self) -> bool:
        """Whether it ended at another time, or not at all."""
        with suppress(BusError):
            self._future.get(timeout=max(0.0, self._due + LATEST_SECONDS - monotonic()))
        return not self._ended or abs(self._ended[0] - self._due) > OFF_SECONDS


def measure(is_full: bool) -> Sequence[Reading]:  # noqa: FBT001 - every figure's
    """So many times ahead and back."""
    readings = [_measure("time") for _ in range(10 if is_full else 1)]
    return [
        exactly(each[0].name, sum(reading.value for reading in each), sum(reading.most or 0.0 for reading in each))
        for each in zip(*readings, strict=True)
    ]


def control(_is_full: bool) -> Sequence[Reading]:  # noqa: FBT001
    """A client whose timers go by a clock that can be set."""
    return _measure("time", "monotonic")


def _measure(*jumping: str) -> Sequence[Reading]:
    requests = RequestSettings(extra_duration_seconds=GRACE_SECONDS)
    with (
        program("tests.faults.broker") as broker,
        ExitStack() as stack,
        ready_client(broker.ready, requests=requests) as (client, _),
    ):
        clocks = Clocks(stack, jumping)
        subscription = client.subscribe("EURUSD_otc")
        deal = client.buy("EURUSD_otc", 1, DURATION_SECONDS).get(timeout=PATIENCE_SECONDS)
        expires = monotonic() + DURATION_SECONDS + GRACE_SECONDS
        broker.ask("silence")
        waits = []
        for jump in (HOUR, -2 * HOUR):
            waits += [*_calls(client), Wait(client.result(deal.id), expires - monotonic())]
            clocks.jump(jump)
        waits += [*_calls(client), Wait(client.result(deal.id), expires - monotonic())]
        moved = sum([wait.has_moved() for wait in waits])
        is_ready = client.state is SessionState.READY and client._edge.system.session.incarnation == 1
        broker.ask("speak")
        ticks = sum(subscription.get(timeout=PATIENCE_SECONDS) is not None for _ in range(3))
    return [
        exactly("deadlines that moved", moved, 0),
        exactly("sessions that were kept", is_ready, 1),
        exactly("ticks afterwards", ticks, 3),
    ]


def _calls(client: PocketOption) -> list[Wait]:
    futures = (
        client.buy("GBPUSD_otc", 1, 60, timeout=TIMEOUT_SECONDS, allow_duplicate=True),
        client.raw_order("42[1]", NEVER, timeout=TIMEOUT_SECONDS),
        client.candles("EURUSD_otc", 60, timeout=TIMEOUT_SECONDS),
        client.disconnected(TIMEOUT_SECONDS),
    )
    return [Wait(future, TIMEOUT_SECONDS) for future in futures]


FIGURE: Final = Figure(
    name="clocks",
    what="the wall clock jumps an hour ahead and two back while calls wait",
    measure=measure,
    controls=(
        Control(
            broken="a client whose timers go by a clock that can be set", measure=control, misses="deadlines that moved"
        ),
    ),
)

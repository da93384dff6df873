"""Ticks that come a byte at a time: each has to arrive, once and in order.

Decides that a burst of the load server's goes through the proxy in segments of one byte; what the client reads at once
is then up to the kernel. Each tick has a time of its own, a millisecond after the one before.
"""

from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise
from typing import Final
from unittest.mock import patch

from actors.websocket_stream import MessageStream
from benchmarks.contest import load_server
from benchmarks.frames import SYMBOLS
from benchmarks.load import SOURCE_STEP_SECONDS, Plan
from benchmarks.task import begin
from messages.errors import DeadlineExceeded
from tests.faults.client import ready_client
from tests.faults.figure import Control, Figure, Reading, exactly
from tests.faults.programs import PATIENCE_SECONDS, program


def measure(is_full: bool) -> Sequence[Reading]:  # noqa: FBT001 - every figure's
    """So many ticks in bytes."""
    return _measure(1_000_000 if is_full else 10_000, PATIENCE_SECONDS)


def control(_is_full: bool) -> Sequence[Reading]:  # noqa: FBT001
    """A client that takes every read for whole messages."""
    with patch.object(MessageStream, "_await", _forget):
        return _measure(1_000, 1.0)


def _measure(count: int, patience: float) -> Sequence[Reading]:
    plan = Plan(ticks=count)
    times: list[float] = []
    with (
        load_server() as port,
        program("tests.faults.proxy", "--to", port) as proxy,
        ready_client(plan.url(int(proxy.ready)), buffer=count) as (client, _),
    ):
        stream = client.subscribe(SYMBOLS[0])
        stream.confirmed.get(timeout=PATIENCE_SECONDS)
        proxy.ask("trickle")
        begin(port)
        with suppress(DeadlineExceeded):
            while len(times) < count:
                times.append(stream.get(timeout=patience).time)
        malformed = client._edge.system.traffic.malformed
    steps = [round((after - before) / SOURCE_STEP_SECONDS) for before, after in pairwise(times)]
    return [
        exactly("ticks", len(times), count),
        exactly("ticks that are not the next", sum(step != 1 for step in steps), 0),
        exactly("frames that could not be read", malformed, 0),
    ]


def _forget(stream: MessageStream, _end: int) -> None:
    stream._data, stream._at = b"", 0


FIGURE: Final = Figure(
    name="trickle",
    what="ticks that come a byte at a time",
    measure=measure,
    controls=(Control(broken="a client that takes every read for whole messages", measure=control, misses="ticks"),),
)

"""Pings while fifty thousand ticks a second come: how soon they are answered, as the server sees it.

Decides that all ticks go to an actor of the user's, and that pings of Engine.IO, which an actor answers, and of the
WebSocket, which the reader answers, take turns. Does not know how they are timed (``tests.faults.ping_server``).
"""

import json
import time
from collections.abc import Sequence
from typing import ClassVar, Final
from unittest.mock import patch

from actors.base import Actor
from actors.connection import ConnectionActor
from benchmarks.frames import SYMBOLS, stamp
from benchmarks.load import Plan
from benchmarks.task import percentile
from messages.market import TicksReceived
from messages.wire.handshake import Action, Input
from tests.faults.client import PATIENCE_SECONDS, ready_client
from tests.faults.figure import Control, Figure, Reading, at_least, at_most, exactly, milliseconds
from tests.faults.programs import program

RATE: Final = 50_000
SHORT_RATE: Final = 5_000
"""What a machine that others use as well still takes."""
ASSETS: Final = 8
LEAST_RATE: Final = 0.95
P99_MS: Final = 10.0
MOST_TIMES_A_TICK: Final = 10.0
"""A ping comes behind the ticks that were sent before it, and its answer waits for nothing else."""


def measure(is_full: bool) -> Sequence[Reading]:  # noqa: FBT001 - every figure's
    """So many pings."""
    return _measure(RATE, 1_000) if is_full else _measure(SHORT_RATE, 100)


def control(_is_full: bool) -> Sequence[Reading]:  # noqa: FBT001
    """A client that is slow to answer."""
    answer = ConnectionActor._act

    def answer_late(actor: ConnectionActor, action: Action, packet: Input) -> None:
        if action is Action.SEND_PONG:
            time.sleep(0.5)
        answer(actor, action, packet)

    with patch.object(ConnectionActor, "_act", answer_late):
        return _measure(1_000, 6)


def _measure(rate: float, pings: int) -> Sequence[Reading]:
    Reader.late.clear()
    Reader.taken.clear()
    with (
        program("tests.faults.ping_server", "--rate", rate, "--pings", pings) as server,
        ready_client(Plan().url(int(server.ready)), limit=ASSETS, buffer=1, actors=(Reader,)) as (client, _),
    ):
        for symbol in SYMBOLS[:ASSETS]:
            client.subscribe(symbol)
        took: dict[str, list[float]] = json.loads(server.hear(4 * PATIENCE_SECONDS))
    every = [seconds for kind in took.values() for seconds in kind]
    return [
        exactly("pongs", len(every), pings),
        at_least("ticks a second, in those that were to come", _rate_taken() / rate, LEAST_RATE),
        at_most("p50, in those of the ticks on the line", _p50(took["engine"]) / _p50(Reader.late), MOST_TIMES_A_TICK),
        milliseconds("p99 of Engine.IO's", percentile(took["engine"], 0.99), P99_MS),
        milliseconds("p99 of the WebSocket's", percentile(took["websocket"], 0.99), P99_MS),
    ]


def _p50(seconds: Sequence[float]) -> float:
    return percentile(seconds, 0.5)


class Reader(Actor[TicksReceived]):
    """An actor of the user's that takes every tick, and notes how late the first of each message is, and when."""

    listens: ClassVar = (TicksReceived,)
    late: ClassVar[list[float]] = []
    taken: ClassVar[list[tuple[float, int]]] = []

    def on_receive(self, message: TicksReceived) -> None:
        now = stamp()
        self.late.append(now - message.ticks[0].price)
        self.taken.append((now, len(message.ticks)))


def _rate_taken() -> float:
    """Ticks a second."""
    seconds = Reader.taken[-1][0] - Reader.taken[0][0]
    return sum(count for _, count in Reader.taken) / seconds


FIGURE: Final = Figure(
    name="pong",
    what=f"pings while {RATE:,} ticks a second come, a tenth of that in the short form; timed at the server",
    measure=measure,
    controls=(
        Control(
            broken="a client that lets half a second pass before it answers",
            measure=control,
            misses="p50, in those of the ticks on the line",
        ),
    ),
)

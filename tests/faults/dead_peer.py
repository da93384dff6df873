"""A peer that is dead without a word: its network swallows everything, or its process stands still.

Decides from when on it is dead: from the last byte that the proxy gave to the client, or from the moment at which its
process was frozen. Idle, the ping deadline of the broker counts; with something sent that gets no answer, 10 s from
then.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple
from unittest.mock import patch

from actors.answers import AnswerWatch
from simulator.broker import PING_INTERVAL_SECONDS, PING_TIMEOUT_SECONDS
from tests.faults.client import Move, proxied, ready_client
from tests.faults.figure import Figure, Reading, exactly, seconds
from tests.faults.programs import PATIENCE_SECONDS, Program

SLACK_SECONDS: Final = 0.5
IN_FLIGHT_SECONDS: Final = 10.0
PINGS: Final = (PING_INTERVAL_SECONDS, PING_TIMEOUT_SECONDS)
SHORT_PINGS: Final = (1.0, 0.5)

Die = Callable[[Program, Program], float]
"""Lets the broker be dead, or the way through the proxy, and gives the moment from which it is."""


class Scene(NamedTuple):
    """One death."""

    die: Die
    pings: tuple[float, float]
    is_flying: bool


def measure(is_full: bool) -> Sequence[Reading]:  # noqa: FBT001 - every figure's
    """Both deaths, idle and in flight, all at once."""
    idle_pings, rounds = (PINGS, 3) if is_full else (SHORT_PINGS, 1)
    idle = [Scene(die, idle_pings, is_flying=False) for die in (_swallow, _freeze) * rounds]
    flying = [Scene(die, PINGS, is_flying=True) for die in (_swallow, _freeze) * rounds]
    with ThreadPoolExecutor(4) as pool:
        noticed = list(pool.map(_noticed, idle + flying))
    took = [seconds_ for seconds_, _ in noticed[: len(idle)]]
    return [
        exactly("idle, noticed", len(took), len(idle)),
        seconds("idle, the longest", max(took), sum(idle_pings) + SLACK_SECONDS),
        *_read_flying(noticed[len(idle) :]),
    ]


def control(is_full: bool) -> Sequence[Reading]:  # noqa: FBT001
    """A client that asks nobody for a sign of life."""
    with patch.object(AnswerWatch, "sent", lambda *_: False):
        return _read_flying([_noticed(Scene(_swallow, PINGS if is_full else SHORT_PINGS, is_flying=True))])


def _read_flying(noticed: Sequence[tuple[float, Move]]) -> Sequence[Reading]:
    by_answer = sum("has not answered" in str(move.error) for _, move in noticed)
    return [
        exactly("in flight, noticed by the answer that is missing", by_answer, len(noticed)),
        seconds("in flight, the longest", max(took for took, _ in noticed), IN_FLIGHT_SECONDS),
    ]


def _noticed(scene: Scene) -> tuple[float, Move]:
    """After how many seconds the client noticed, and what it said."""
    options = ("--ping-interval", scene.pings[0], "--ping-timeout", scene.pings[1])
    with proxied(*options) as (broker, proxy, url), ready_client(url) as (client, moves):
        client.history("EURUSD_otc", 60).get(timeout=PATIENCE_SECONDS)  # the pong after the login has come before
        moment = scene.die(broker, proxy)
        try:
            if scene.is_flying:
                moment = time.monotonic()
                client.send_raw('42["nobody answers"]').get(timeout=PATIENCE_SECONDS)
            lost = moves.lost(sum(PINGS) + PATIENCE_SECONDS)
        finally:
            broker.thaw()
    return lost.moment - moment, lost


def _swallow(_broker: Program, proxy: Program) -> float:
    return float(proxy.ask("blackhole"))


def _freeze(broker: Program, _proxy: Program) -> float:
    broker.freeze()
    return time.monotonic()


FIGURE: Final = Figure(
    name="dead-peer",
    what="a network that swallows everything, and a broker's process that stands still",
    measure=measure,
    control=control,
    broken="a client that asks nobody for a sign of life",
)

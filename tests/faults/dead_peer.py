"""A peer that is dead without a word: its network swallows everything, or its process stands still.

Decides from when on it is dead: from the last byte that the proxy gave to the client, or from the moment at which its
process was frozen. Idle, the ping deadline of the broker counts; the client asks for no sign of life meanwhile, which
would find out sooner. With something sent that gets no answer, it is 10 s from then.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from math import inf
from queue import Empty
from typing import Final, NamedTuple
from unittest.mock import patch

from actors.answers import AnswerWatch
from actors.connection import ConnectionActor
from messages.errors import BusError
from simulator.broker import PING_INTERVAL_SECONDS, PING_TIMEOUT_SECONDS
from tests.faults.client import proxied, ready_client
from tests.faults.figure import Control, Figure, Reading, at_most, exactly, seconds
from tests.faults.programs import PATIENCE_SECONDS, Program

SLACK_SECONDS: Final = 0.5
IN_FLIGHT_SECONDS: Final = 10.0
PINGS: Final = (PING_INTERVAL_SECONDS, PING_TIMEOUT_SECONDS)
SHORT_PINGS: Final = (1.0, 0.5)
MOST_DEADLINES: Final = 3.0
"""Where the machine has other things to do as well."""
BY_SILENCE: Final = "idle, noticed by the ping deadline"
BY_ANSWER: Final = "in flight, noticed by the answer that is missing"

Die = Callable[[Program, Program], float]
"""Lets the broker be dead, or the way through the proxy, and gives the moment from which it is."""


class Scene(NamedTuple):
    """One death."""

    die: Die
    pings: tuple[float, float]
    is_flying: bool


class _Noticed(NamedTuple):
    """After how many seconds the client noticed, and what it said; never, and nothing, where it did not."""

    seconds: float
    error: BusError | None


def measure(is_full: bool) -> Sequence[Reading]:  # noqa: FBT001 - every figure's
    """Both deaths, all at once: idle, then in flight."""
    idle_pings, rounds = (PINGS, 3) if is_full else (SHORT_PINGS, 1)
    deaths = (_swallow, _freeze) * rounds
    with ThreadPoolExecutor(len(deaths)) as pool:
        with _never_asking():
            idle = list(pool.map(_noticed, [Scene(die, idle_pings, is_flying=False) for die in deaths]))
        flying = list(pool.map(_noticed, [Scene(die, PINGS, is_flying=True) for die in deaths]))
    return [*_read_idle(idle, sum(idle_pings)), *_read_flying(flying)]


def _asks_nobody(is_full: bool) -> Sequence[Reading]:  # noqa: FBT001
    with _never_asking():
        return _read_flying([_noticed(Scene(_swallow, PINGS if is_full else SHORT_PINGS, is_flying=True))])


def _waits_for_ever(_is_full: bool) -> Sequence[Reading]:  # noqa: FBT001
    with _never_asking(), patch.object(ConnectionActor, "_on_silence_due", lambda _connection: None):
        noticed = _noticed(Scene(_swallow, SHORT_PINGS, is_flying=False), patience=MOST_DEADLINES * sum(SHORT_PINGS))
    return _read_idle([noticed], sum(SHORT_PINGS))


def _never_asking() -> AbstractContextManager[object]:
    return patch.object(AnswerWatch, "sent", lambda *_: False)


def _read_idle(noticed: Sequence[_Noticed], deadline: float) -> Sequence[Reading]:
    took = max(took for took, _ in noticed)
    return [
        exactly(BY_SILENCE, sum("has been silent" in str(error) for _, error in noticed), len(noticed)),
        at_most("idle, the longest, in ping deadlines", took / deadline, MOST_DEADLINES),
        seconds("idle, the longest", took, deadline + SLACK_SECONDS),
    ]


def _read_flying(noticed: Sequence[_Noticed]) -> Sequence[Reading]:
    return [
        exactly(BY_ANSWER, sum("has not answered" in str(error) for _, error in noticed), len(noticed)),
        seconds("in flight, the longest", max(took for took, _ in noticed), IN_FLIGHT_SECONDS),
    ]


def _noticed(scene: Scene, patience: float = sum(PINGS) + PATIENCE_SECONDS) -> _Noticed:
    options = ("--ping-interval", scene.pings[0], "--ping-timeout", scene.pings[1])
    with proxied(*options) as (broker, proxy, url), ready_client(url) as (client, moves):
        client.history("EURUSD_otc", 60).get(timeout=PATIENCE_SECONDS)  # the pong after the login has come before
        moment = scene.die(broker, proxy)
        try:
            if scene.is_flying:
                moment = time.monotonic()
                client.send_raw('42["nobody answers"]').get(timeout=PATIENCE_SECONDS)
            lost = moves.lost(patience)
        except Empty:
            return _Noticed(inf, None)
        finally:
            broker.thaw()
    return _Noticed(lost.moment - moment, lost.error)


def _swallow(_broker: Program, proxy: Program) -> float:
    return float(proxy.ask("blackhole"))


def _freeze(broker: Program, _proxy: Program) -> float:
    broker.freeze()
    return time.monotonic()


FIGURE: Final = Figure(
    name="dead-peer",
    what="a network that swallows everything, and a broker's process that stands still",
    measure=measure,
    controls=(
        Control(broken="a client that asks nobody for a sign of life", measure=_asks_nobody, misses=BY_ANSWER),
        Control(broken="a client that waits for ever", measure=_waits_for_ever, misses=BY_SILENCE),
    ),
)

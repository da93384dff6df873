from functools import partial

import pytest

from actors.candles.aggregator import GRACE_SECONDS, CandleAggregatorActor, ToldCandles
from actors.routes import CandlesOf
from messages.account import ServerTimeMeasured
from messages.base import Incarnation
from messages.errors import ConnectionLost
from messages.market import Aggregation, CandleClosed, Chunk, Symbol, Tick, TicksReceived, TimeAligned, Timed
from messages.session import SessionLost, SessionReady
from tests.actors.stage import Stage

SYMBOL = Symbol("EURUSD_otc")
MINUTE = TimeAligned(60)


class Scene:
    """An aggregator of minutes, at the beginning of one."""

    def __init__(self, aggregation: Aggregation = MINUTE) -> None:
        self.stage = Stage()
        self.stage.start(
            "Candles", partial(CandleAggregatorActor, symbol=SYMBOL, aggregation=aggregation, told=ToldCandles())
        )
        self.heard = self.stage.probe("Heard")
        self.stage.system.routes.add(CandlesOf(SYMBOL, aggregation), self.heard)
        self.stage.advance(60 - self.now % 60)

    @property
    def now(self) -> float:
        return self.stage.system.runtime.clock.now()

    def tick(self, price: float, lag: float = 0.0) -> None:
        time = self.now - lag
        self.stage.tell("Candles", TicksReceived(symbol=SYMBOL, ticks=(Tick(SYMBOL, time, price, time),)))
        self.stage.advance(0)

    @property
    def candles(self) -> list[CandleClosed]:
        return [message for message in self.heard.messages if isinstance(message, CandleClosed)]


def test_the_clock_closes_a_candle_for_which_no_tick_comes() -> None:
    scene = Scene()
    scene.tick(1.0)

    scene.stage.advance(60 + GRACE_SECONDS - 0.1)
    before = list(scene.candles)
    scene.stage.advance(0.2)

    assert before == []
    assert [event.candle.ticks for event in scene.candles] == [1]


def test_a_clock_that_is_ahead_of_the_ticks_does_not_close_early() -> None:
    scene = Scene()
    scene.tick(1.0, lag=-5.0)
    scene.stage.advance(10)
    scene.tick(1.1, lag=5.0)

    scene.stage.advance(60 + GRACE_SECONDS - 10)
    before = list(scene.candles)
    scene.stage.advance(5.1)

    assert before == []
    assert len(scene.candles) == 1


def test_no_tick_is_an_empty_candle() -> None:
    scene = Scene()
    scene.tick(1.0)

    scene.stage.advance(600)

    assert len(scene.candles) == 1


def test_candles_with_a_hole_in_them_say_so() -> None:
    scene = Scene()
    for minute in range(6):
        scene.tick(1.0 + minute)
        if minute == 2:
            scene.stage.publish(SessionLost(incarnation=Incarnation(1), error=ConnectionLost("cut")))
        if minute == 3:
            scene.stage.publish(SessionReady(incarnation=Incarnation(2)))
        scene.stage.advance(60)

    assert [event.candle.complete for event in scene.candles] == [False, True, False, False, True]


def test_a_candle_that_began_before_the_login_is_incomplete_also_if_the_clock_has_closed_none() -> None:
    scene = Scene()
    scene.tick(1.0)
    scene.stage.advance(59.9)
    scene.stage.publish(SessionLost(incarnation=Incarnation(1), error=ConnectionLost("cut")))
    scene.stage.advance(0.2)
    scene.stage.publish(SessionReady(incarnation=Incarnation(2)))
    scene.tick(2.0)
    scene.stage.advance(61)

    assert [(event.candle.open, event.candle.complete) for event in scene.candles] == [(1.0, False), (2.0, False)]


def test_no_tick_of_a_candle_that_was_told_begins_it_again_after_a_crash() -> None:
    scene = Scene()
    scene.tick(1.0)
    scene.stage.advance(60 + GRACE_SECONDS)
    told = list(scene.candles)

    scene.stage.crash("Candles")
    scene.tick(1.1, lag=1.0)  # of the minute before
    scene.tick(1.2)
    scene.stage.advance(60 + GRACE_SECONDS)

    assert len(told) == 1
    (second,) = scene.candles[1:]
    assert (second.candle.time, second.candle.open) == (told[0].candle.time + 60, 1.2)


@pytest.mark.parametrize("aggregation", [Chunk(1), Timed(1.0), TimeAligned(1)], ids=repr)
def test_a_tick_that_is_told_again_after_a_crash_is_in_no_second_candle(aggregation: Aggregation) -> None:
    scene = Scene(aggregation)
    scene.tick(1.0)
    scene.stage.advance(1.0)
    scene.tick(1.1)
    told = [event.candle for event in scene.candles]

    scene.stage.crash("Candles")
    for _ in range(4):
        scene.tick(1.1)
    scene.stage.advance(10.0)
    scene.tick(1.2)

    assert told
    assert sum(event.candle.ticks for event in scene.candles) <= 3
    assert len({event.candle.time for event in scene.candles}) == len(scene.candles)


def test_a_tick_of_another_day_does_not_outlive_a_crash() -> None:
    scene = Scene()
    scene.tick(9.0, lag=-86_400.0)
    scene.tick(9.1, lag=-86_460.0)

    scene.stage.crash("Candles")
    scene.tick(1.0)
    scene.stage.advance(60 + GRACE_SECONDS)

    assert [event.candle.open for event in scene.candles] == [9.0, 1.0]


def test_a_clock_that_jumps_back_after_a_crash_leaves_no_tick_out() -> None:
    scene = Scene()
    scene.stage.publish(ServerTimeMeasured(offset_seconds=7200, skew_seconds=0))
    scene.tick(1.0)
    scene.stage.advance(60 + GRACE_SECONDS)

    scene.stage.crash("Candles")
    scene.stage.publish(ServerTimeMeasured(offset_seconds=3600, skew_seconds=0))
    scene.tick(1.1, lag=3600.0)
    scene.tick(1.2, lag=3540.0)

    assert [event.candle.open for event in scene.candles] == [1.0, 1.1]


def test_a_jump_of_the_servers_clock_begins_anew() -> None:
    scene = Scene()
    scene.stage.publish(ServerTimeMeasured(offset_seconds=7200, skew_seconds=0))
    scene.tick(1.0, lag=-3600.0)
    scene.stage.publish(ServerTimeMeasured(offset_seconds=10800, skew_seconds=0))

    scene.tick(2.0)
    scene.stage.advance(61)

    assert [event.candle.open for event in scene.candles] == [2.0]

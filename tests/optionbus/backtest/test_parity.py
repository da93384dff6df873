"""One strategy on the same ticks, live at the simulated broker and in a backtest: it decides the same."""

import pytest

from actors.stepped import SteppedRuntime
from optionbus import PocketOption
from optionbus.backtest.engine import Backtest
from optionbus.backtest.source import SimulatedSource
from optionbus.report.result import RunResult
from tests.optionbus.backtest.some_strategies import Diary, Restless

ASSET = "EURUSD_otc"


def live(kind: type[Diary], seed: int, seconds: float) -> None:
    """Let it trade at the simulated broker."""
    runtime = SteppedRuntime(seed)
    with PocketOption.simulated(seed=seed, runtime=runtime, actors=[kind]) as client:
        client.wait_ready(timeout=10)
        runtime.advance(seconds)


def backtest(kind: type[Diary], seed: int, begin: float, end: float) -> RunResult:
    return Backtest([kind], SimulatedSource(seed, [ASSET]), begin=begin, end=end, seed=seed).run()


def twins() -> tuple[type[Diary], type[Diary]]:
    """The same strategy twice, each with a diary of its own."""

    class There(Restless):
        pass

    class Here(Restless):
        pass

    return There, Here


@pytest.mark.parametrize("seed", [1, 7, 42])
def test_a_strategy_decides_the_same_live_and_in_a_backtest(seed: int) -> None:
    there, here = twins()
    live(there, seed, 1800)
    ticks = there.of("tick")

    result = backtest(here, seed, ticks[0][2], ticks[-1][2] + 0.001)

    assert here.of("tick") == ticks
    assert here.of("candle", "average") == there.of("candle", "average")
    assert here.of("order") == there.of("order")
    assert len(here.of("order")) > 10
    assert here.of("closed", "failed") == there.of("closed", "failed")
    assert len(result.trades) == len(here.of("closed"))


def test_other_ticks_are_told_apart() -> None:
    there, here = twins()
    live(there, 1, 600)
    ticks = there.of("tick")

    backtest(here, 2, ticks[0][2], ticks[-1][2] + 0.001)

    assert here.of("order") != there.of("order")

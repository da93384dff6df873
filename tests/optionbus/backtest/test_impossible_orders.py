"""An order that the platform would not look at comes to the same everywhere: live, on paper and in a backtest."""

from collections.abc import Callable
from typing import Any

import pytest

from actors.stepped import SteppedRuntime
from messages.market import Candle
from optionbus import Bot, MarketSettings, PocketOption, Strategy
from optionbus.backtest.source import DEFAULT_BEGIN, SimulatedSource
from tests.optionbus.backtest.some_strategies import Diary

ASSET = "EURUSD_otc"
SECONDS = 200


def live(kind: type[Strategy], paper: MarketSettings | None = None) -> None:
    runtime = SteppedRuntime(7)
    with PocketOption.simulated(seed=7, runtime=runtime, actors=[kind], paper=paper) as client:
        client.wait_ready(timeout=10)
        runtime.advance(SECONDS)
        assert not any(actor.restarts for actor in client.health())


def on_paper(kind: type[Strategy]) -> None:
    live(kind, MarketSettings())


def backtest(kind: type[Strategy]) -> None:
    result = Bot(kind).backtest(SimulatedSource(7, [ASSET]), begin=DEFAULT_BEGIN, end=DEFAULT_BEGIN + SECONDS)

    assert result.open_orders == 0
    assert len(result.refusals) == 1


@pytest.mark.parametrize("place", [live, on_paper, backtest])
@pytest.mark.parametrize(
    ("symbol", "stake", "seconds", "error"),
    [
        (ASSET, -5, 60, "InvalidStake"),
        (ASSET, 0.5, 60, "InvalidStake"),
        (ASSET, float("nan"), 60, "InvalidStake"),
        (ASSET, float("inf"), 60, "InvalidStake"),
        (ASSET, 5, 0, "InvalidDuration"),
        (ASSET, 5, -60, "InvalidDuration"),
        (ASSET, 5, 60.5, "InvalidDuration"),
        ("NOPE", 5, 60, "UnknownAsset"),
    ],
)
def test_it_fails_with_the_same_error(
    place: Callable[[type[Strategy]], None], symbol: str, stake: float, seconds: Any, error: str
) -> None:
    class Mine(Diary):
        def on_candle(self, candle: Candle) -> None:
            if not self.of("candle"):
                self.context.buy(symbol, stake, seconds)
            super().on_candle(candle)

    place(Mine)

    assert [entry[2] for entry in Mine.of("failed")] == [error]
    assert Mine.of("opened", "closed") == []


@pytest.mark.parametrize("place", [live, on_paper])
def test_what_is_closed_is_not_traded(place: Callable[[type[Strategy]], None]) -> None:
    class Mine(Diary):
        def on_candle(self, candle: Candle) -> None:
            if not self.of("candle"):
                closed = [asset.symbol for asset in self.context.assets.values() if not asset.is_active]
                self.context.buy(closed[0], 5, 60)
            super().on_candle(candle)

    place(Mine)

    assert [entry[2] for entry in Mine.of("failed")] == ["OrderRefused"]
    assert Mine.of("opened") == []

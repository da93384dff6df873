"""The strategies of examples/strategies/: they trade, the same each time, and none is said to win where nothing can."""

import ast
import re
import runpy
from pathlib import Path
from typing import Final

import pytest
from msgspec.structs import replace

from actors.stepped import SteppedRuntime
from examples.strategies import honest
from messages.trading import DealResult
from optionbus import PocketOption, Strategy
from optionbus.report.figures import Figures
from optionbus.report.intervals import wilson

FOLDER: Final = Path(__file__).parents[1] / "examples" / "strategies"
SOURCES: Final = {path.stem: path.read_text() for path in sorted(FOLDER.glob("*.py"))}
MOST_LINES: Final = 70
HOURS: Final = 6

each_strategy = pytest.mark.parametrize("strategy", honest.STRATEGIES, ids=lambda strategy: strategy.__name__)


@each_strategy
def test_it_trades_the_same_each_time(strategy: type[Strategy]) -> None:
    once = honest.run(strategy, HOURS)

    assert once.trades > 3
    assert once.net_profit != 0
    assert honest.run(strategy, HOURS) == once


@each_strategy
@pytest.mark.parametrize("seed", [1, 7, 42])
def test_what_it_wins_is_no_more_than_chance(strategy: type[Strategy], seed: int) -> None:
    found = honest.run(strategy, HOURS, seed)

    assert found.break_even is not None
    assert found.break_even == pytest.approx(100 / 192)
    assert found.win_rate is not None
    assert found.win_rate.low is not None
    assert found.win_rate.low <= found.break_even
    assert not honest.beats_the_payout(found)


def test_what_beats_the_payout_would_be_noticed(figures: Figures) -> None:
    winning, losing = wilson(600, 1000), wilson(540, 1000)

    assert honest.beats_the_payout(_with(figures, winning))
    assert not honest.beats_the_payout(_with(figures, losing))
    assert not honest.beats_the_payout(_with(figures, None))


@each_strategy
def test_the_same_class_trades_live(strategy: type[Strategy]) -> None:
    closed: list[DealResult] = []

    class Watched(strategy):  # type: ignore[misc, valid-type]
        def on_deal_closed(self, result: DealResult) -> None:
            super().on_deal_closed(result)
            closed.append(result)

    runtime = SteppedRuntime(seed=7)
    with PocketOption.simulated(seed=7, runtime=runtime, actors=[Watched]) as client:
        client.wait_ready(timeout=10)
        runtime.advance(3600)

        assert client.errors == 0
        assert {result.deal.id for result in closed} == {deal.id for deal in client.closed_deals().get()}
    assert closed


def test_the_runner_says_plainly_what_is_left(capsys: pytest.CaptureFixture[str]) -> None:
    honest.main(HOURS)

    rate = r"\d+\.\d%"
    said = rf"\w+: \d+ trades, [+-]\d+\.\d+, {rate} won, which may be {rate} to {rate}; to gain nothing: 52\.1%\n"
    assert re.fullmatch(rf"({said}){{3}}None of them beats the payout on a random walk, .+\n", capsys.readouterr().out)


def test_the_runner_is_found_from_anywhere() -> None:
    assert runpy.run_path(str(FOLDER / "honest.py"))["STRATEGIES"] == honest.STRATEGIES


def test_without_trades_it_says_so(figures: Figures) -> None:
    assert honest.line("Idle", _with(figures, None)) == "Idle: no trade that won or lost"


@pytest.mark.parametrize("name", SOURCES)
def test_each_is_short_and_says_how_to_judge_it(name: str) -> None:
    assert len(SOURCES[name].splitlines()) <= MOST_LINES
    assert "python examples/strategies/honest.py" in (ast.get_docstring(ast.parse(SOURCES[name])) or "")


@pytest.mark.parametrize("name", SOURCES)
def test_each_is_named_where_strategies_are_explained(name: str) -> None:
    page = (FOLDER.parent / "README.md").read_text()

    assert f"[`strategies/{name}.py`](strategies/{name}.py)" in page


@pytest.fixture(scope="module")
def figures() -> Figures:
    return honest.run(honest.STRATEGIES[1], 1)


def _with(figures: Figures, rate: object) -> Figures:
    return replace(figures, win_rate=rate, break_even=100 / 192)

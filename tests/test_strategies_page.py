"""Covers docs/strategies.md: its examples run, and it names all that a strategy is told and has."""

import re
from pathlib import Path
from typing import Any

import pytest

from actors.context import Context
from actors.strategies.context import StrategyContext
from optionbus import Strategy

PAGE = (Path(__file__).parents[1] / "docs" / "strategies.md").read_text()
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
INNER = {"callbacks", "has_asked", "has_timers", "indicators", "put", "run_timers"}
"""What the base of strategies has of its context, and no strategy needs."""


def test_the_examples_run_one_after_the_other(capsys: pytest.CaptureFixture[str]) -> None:
    page: dict[str, Any] = {"__name__": "page"}
    for example in EXAMPLES:
        exec(example, page)  # noqa: S102 - that is what a reader does with it

    said = capsys.readouterr().out
    assert re.search(r"^[1-9]\d* trades, won: Estimate\(.*\) break-even: 0\.52", said, re.MULTILINE)
    assert re.search(r"^[1-9]\d* deals closed$", said, re.MULTILINE)
    assert page["slow"].params.candles == 50


def test_every_method_that_is_called_is_named() -> None:
    called = {name for name in dir(Strategy) if name.startswith("on_")} - {"on_receive"}

    assert set(re.findall(r"^\| `(on_\w+)\(", PAGE, re.MULTILINE)) == called


def test_all_that_a_strategy_has_of_the_market_is_named() -> None:
    named = set(re.findall(r"\w+", PAGE))
    there = {name for name in dir(StrategyContext) if not (name.startswith("_") or hasattr(Context, name))}

    assert there - INNER <= named
    assert "predict" not in named

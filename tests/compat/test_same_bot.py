"""The same bot, its text unchanged but for the import, is told the same by BinaryOptionsToolsV2 and by the drop-in."""

import importlib.util
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from docs import wheel
from tests.simulator.program import PROJECT, simulator
from tests.simulator.world import AHEAD

pytestmark = pytest.mark.sockets

SOURCE = Path(__file__).with_name("bot.py").read_text()
OURS = SOURCE.replace(f"from {wheel.PACKAGE} import", "from optionbus.compat import")


Told = dict[str, Any]

SPEED = "3"
"""A deal of five seconds is over in less than two."""


@contextmanager
def running(source: str) -> Iterator["subprocess.Popen[str]"]:
    """The bot, and a platform of its own."""
    with simulator("--seed", "1", "--speed", SPEED) as (_, url):
        command = [sys.executable, "-c", source, url]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, cwd=PROJECT, stdout=pipe, stderr=pipe, text=True) as program:
            try:
                yield program
            finally:
                program.kill()


def answers(program: "subprocess.Popen[str]") -> Told:
    output, problems = program.communicate(timeout=45)
    assert program.returncode == 0, problems[-2000:]
    found: Told = json.loads(output.splitlines()[-1])
    return found


def shape(value: Any) -> Any:
    """Types and keys: of a list that of its items, of a dict by deal that of its deals; of None nothing is known."""
    if isinstance(value, dict):
        return {("deal" if len(key) == 36 else key): shape(entry) for key, entry in value.items()}
    if isinstance(value, list):
        merged: Any = None
        for entry in map(shape, value):
            merged = entry if merged is None or agree(merged, entry) else "mixed"
        return [merged]
    return None if value is None else type(value).__name__


def agree(left: Any, right: Any) -> bool:
    if left is None or right is None:
        return True
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(agree(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return agree(left[0], right[0])
    return bool(left == right)


@pytest.fixture(scope="module")
def both() -> tuple[Told | None, Told]:
    """What each was told; of the original nothing where it is not installed."""
    with ExitStack() as stack:
        ours = stack.enter_context(running(OURS))
        if importlib.util.find_spec(wheel.PACKAGE) is None:
            return None, answers(ours)
        theirs = stack.enter_context(running(SOURCE))
        return answers(theirs), answers(ours)


def test_the_text_is_the_same_but_for_the_import() -> None:
    changed = [pair for pair in zip(SOURCE.splitlines(), OURS.splitlines(), strict=True) if pair[0] != pair[1]]

    assert [line.partition(" import")[0] for line, _ in changed] == [f"from {wheel.PACKAGE}"]


def test_what_every_call_returns_has_the_same_shape(both: tuple[Told | None, Told]) -> None:
    theirs, ours = both
    if theirs is None:
        pytest.skip("BinaryOptionsToolsV2 is not installed (extra interop)")

    assert theirs.keys() == ours.keys()
    differing = {
        call: (shape(theirs[call]), shape(ours[call]))
        for call in theirs
        if not agree(shape(theirs[call]), shape(ours[call]))
    }
    assert differing == {}


def test_times_are_the_platforms_but_for_those_of_plain_candles(
    both: tuple[Told | None, Told],
) -> None:
    ours, now = both[1], time.time()

    assert ours["server time"] - now == pytest.approx(AHEAD, abs=30)
    for call in ("ticks subscribed", "chunks subscribed", "history", "compile_candles", "candles until"):
        assert ours[call][-1]["timestamp"] - now == pytest.approx(AHEAD, abs=180)
    assert ours["ticks"][-1][0] - now == pytest.approx(AHEAD, abs=30)
    assert ours["end"] == ours["result"]["closeTimestamp"] == pytest.approx(now + AHEAD, abs=30)
    for candle in (ours["candles"][-1], ours["live"][0][-1], ours["live"][1]):
        assert candle["time"] - now == pytest.approx(0, abs=180)


def test_every_wrong_call_fails(both: tuple[Told | None, Told]) -> None:
    wrong = ("unknown asset", "small stake", "refused", "candles of nothing", "unknown deal", "no seconds")

    assert [call for call in wrong if not both[1][call]] == []


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ({"a": 1}, {"b": 1}),
        ({"a": 1}, {"a": "1"}),
        ([1], ["1"]),
        ([{"a": 1}], [{"a": 1, "b": 2}]),
        ((1.0, {"a": None}), {"a": None}),
        ([1, "1"], [1]),
    ],
)
def test_another_shape_is_noticed(left: Any, right: Any) -> None:
    assert not agree(shape(list(left) if isinstance(left, tuple) else left), shape(right))

"""The same strategy, its text unchanged but for the import, is told the same by both packages."""

import importlib.util
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from docs import wheel
from tests.compat.test_same_bot import Told, agree, answers, running, shape

pytestmark = pytest.mark.sockets

SOURCE = Path(__file__).with_name("strategy_bot.py").read_text()
OURS = SOURCE.replace(f"from {wheel.PACKAGE} import", "from optionbus.compat import")


@contextmanager
def told() -> Iterator[tuple[Told | None, Told]]:
    with ExitStack() as stack:
        ours = stack.enter_context(running(OURS))
        if importlib.util.find_spec(wheel.PACKAGE) is None:
            yield None, answers(ours)
            return
        theirs = stack.enter_context(running(SOURCE))
        yield answers(theirs), answers(ours)


@pytest.fixture(scope="module")
def both() -> Iterator[tuple[Told | None, Told]]:
    with told() as found:
        yield found


@pytest.mark.parametrize("market", ["platform", "virtual"])
def test_what_a_strategy_is_told_has_the_same_shape(both: tuple[Told | None, Told], market: str) -> None:
    theirs, ours = both
    if theirs is None:
        pytest.skip("BinaryOptionsToolsV2 is not installed (extra interop)")

    assert theirs[market].keys() == ours[market].keys()
    for call, value in theirs[market].items():
        assert agree(shape(value), shape(ours[market][call])), call


@pytest.mark.parametrize("market", ["platform", "virtual"])
def test_it_is_called_in_the_same_order_and_told_the_same_of_its_account(
    both: tuple[Told | None, Told], market: str
) -> None:
    for found in filter(None, both):
        told = found[market]
        assert told["heard"] == ["start", "balance", "candle"]
        assert told["balance"] - told["balance after"] == 17
        assert told["wrong"] == [True] * 4
        assert told["second run"]


def test_a_result_is_waited_for_but_not_on_a_virtual_market(both: tuple[Told | None, Told]) -> None:
    for found in filter(None, both):
        assert _price(found["platform"]["result"]) > 0
        assert _price(found["virtual"]["result"]) == 0


def test_times_are_the_platforms_but_on_a_virtual_market(both: tuple[Told | None, Told]) -> None:
    for found in filter(None, both):
        candle, deal = found["platform"]["candle"], found["platform"]["trade"][1]
        assert 0 < deal["openTimestamp"] - candle["timestamp"] < 60
        candle, deal = found["virtual"]["candle"], found["virtual"]["trade"][1]
        assert candle["timestamp"] - deal["openTimestamp"] == pytest.approx(7200, abs=60)


def _price(deal: dict[str, Any]) -> float:
    return float(deal["closePrice"])

"""Covers optionbus.compat.strategies.strategy and .action; both packages are held to the same claims."""

import importlib
import importlib.util
import inspect
from types import ModuleType
from typing import Any

import pytest

from docs import wheel
from messages.trading import Direction
from optionbus import compat
from optionbus.compat import Action, NotAllowedError, PyBot, PyContext, PyStrategy, PyVirtualMarket

PACKAGES = ["optionbus.compat", *([wheel.PACKAGE] if importlib.util.find_spec(wheel.PACKAGE) else [])]
FRAMEWORK = ("Action", "PyBot", "PyContext", "PyStrategy", "PyVirtualMarket")


@pytest.fixture(params=PACKAGES)
def package(request: pytest.FixtureRequest) -> ModuleType:
    return importlib.import_module(request.param)


class Average:
    """An indicator, as far as a strategy knows one."""

    def __init__(self, period: Any = 5) -> None:
        self.length, self.seen = period, [""]

    def update(self, candle: str) -> None:
        if candle == "bad":
            raise KeyError(candle)
        self.seen.append(candle)

    def reset(self) -> None:
        self.seen.clear()

    def period(self) -> Any:
        return self.length

    def __str__(self) -> str:
        return f"average of {self.length}"


@pytest.mark.parametrize("name", FRAMEWORK)
def test_every_signature_is_that_of_the_wheel(name: str) -> None:
    theirs = wheel.kept().classes[f"{wheel.PACKAGE}.{name}"].members

    assert theirs
    for member, signature in theirs.items():
        assert wheel.signature_of(getattr(getattr(compat, name), member)) == signature, member


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        (PyBot, ["client", "strategy", "virtual_market"]),
        (PyStrategy, []),
        (PyVirtualMarket, ["initial_balance"]),
    ],
)
def test_each_is_made_of_the_same_arguments(kind: type, arguments: list[str]) -> None:
    given = [name for name in inspect.signature(kind).parameters if name not in {"args", "kwargs"}]

    assert given == arguments
    if importlib.util.find_spec(wheel.PACKAGE):
        theirs = getattr(importlib.import_module(wheel.PACKAGE), kind.__name__)
        assert list(inspect.signature(theirs).parameters) == arguments


def test_indicators_are_kept_by_name(package: ModuleType) -> None:
    strategy, first, second = package.PyStrategy(), Average(5), Average(9)
    strategy.add("quick", first)
    strategy.add("slow", second)

    assert strategy.get("quick") is first
    assert strategy.get("nothing") is None
    assert sorted(strategy.list_indicators()) == [("quick", "average of 5"), ("slow", "average of 9")]
    strategy.add("quick", second)
    assert strategy.get("quick") is second


def test_a_candle_is_handed_to_each_indicator_and_counted(package: ModuleType) -> None:
    strategy, average = package.PyStrategy(), Average()
    strategy.add("average", average)

    strategy.update("a candle")
    strategy.update("another")

    assert average.seen == ["", "a candle", "another"]
    assert strategy.current_candle == 2
    strategy.reset()
    assert (average.seen, strategy.current_candle) == ([], 0)
    with pytest.raises(TypeError, match="not an instance of 'str'"):
        strategy.update({"open": 1})


def test_the_count_is_only_read(package: ModuleType) -> None:
    with pytest.raises(AttributeError):
        package.PyStrategy().current_candle = 5


def test_the_longest_period_is_given(package: ModuleType) -> None:
    strategy = package.PyStrategy()
    assert strategy.period() == 0

    for name, period in (("a", 5), ("b", 9), ("c", 3)):
        strategy.add(name, Average(period))

    assert strategy.period() == 9


@pytest.mark.parametrize(
    ("indicator", "call"),
    [
        (Average(), lambda strategy: strategy.update("bad")),
        (object(), lambda strategy: strategy.update("")),
        (object(), lambda strategy: strategy.reset()),
        (object(), lambda strategy: strategy.period()),
        (Average("five"), lambda strategy: strategy.period()),
    ],
)
def test_an_indicator_that_fails_is_named_an_operation_not_allowed(
    package: ModuleType, indicator: object, call: Any
) -> None:
    strategy = package.PyStrategy()
    strategy.add("one", indicator)

    with pytest.raises(package.NotAllowedError):
        call(strategy)


def test_what_an_indicator_has_raised_is_the_cause() -> None:
    strategy = PyStrategy()
    strategy.add("one", Average())

    with pytest.raises(NotAllowedError, match="failed to update: KeyError") as caught:
        strategy.update("bad")

    assert isinstance(caught.value.__cause__, KeyError)


def test_the_directions_are_numbers_too(package: ModuleType) -> None:
    call, put = package.Action.Call, package.Action.Put

    assert (int(call), int(put)) == (0, 1)
    assert (repr(call), str(put)) == ("Action.Call", "Action.Put")
    assert call != put


def test_the_directions_are_ours() -> None:
    assert (Action.Call.direction, Action.Put.direction) == (Direction.CALL, Direction.PUT)


def test_a_context_is_needed_to_trade(package: ModuleType) -> None:
    strategy = package.PyStrategy()

    with pytest.raises(TypeError, match="PyContext"):
        strategy.trade(None, "EURUSD_otc", 1.0, 60, package.Action.Call)
    with pytest.raises(TypeError, match="PyContext"):
        strategy.result(None, "7")


def test_a_direction_in_words_is_refused() -> None:
    with pytest.raises(TypeError, match="Action"):
        PyStrategy().trade(PyContext(PyVirtualMarket(1.0)), "EURUSD_otc", 1.0, 60, "call")  # type: ignore[arg-type]


def test_a_constructor_need_not_call_ours() -> None:
    class Own(PyStrategy):
        def __init__(self, stake: float) -> None:
            self.stake = stake

    strategy = Own(2.0)
    strategy.add("average", Average())

    assert strategy.period() == 5
    assert Own(1.0).list_indicators() == []

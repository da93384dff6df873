"""What the public docstrings promise: their examples run, and they name the errors and the units.

The examples run against the simulated client on stepped time, so that an hour in one of them takes no time.
"""

import doctest
import inspect
import re
import sys
from typing import Any

import pytest

import optionbus
from actors.stepped import SteppedRuntime
from messages.errors import BusError
from optionbus import errors, testing
from optionbus.live_candles import LiveCandles
from optionbus.raw_frame import RawFrame
from optionbus.raw_iterator import RawIterator
from tests.optionbus.contract_table import COMPLETERS, TABLE

NAMES = {name: getattr(optionbus, name) for name in optionbus.__all__} | {
    name: getattr(testing, name) for name in testing.__all__
}
KINDS = {kind for kind in (*NAMES.values(), *TABLE, RawFrame, RawIterator, LiveCandles) if inspect.isclass(kind)}

MEMBERS = {kind.__name__: kind for kind in KINDS} | {
    f"{kind.__name__}.{name}": getattr(kind, name) for kind in KINDS for name in dir(kind) if not name.startswith("_")
}
EXAMPLES = {
    name: member
    for name, member in sorted(MEMBERS.items())
    if hasattr(member, "__module__") and ">>>" in (inspect.getdoc(member) or "")  # a number has the words of its class
}

PROMISING = {
    f"{kind.__name__}.{name}": getattr(kind, name)
    for kind, rows in TABLE.items()
    for name, row in rows.items()
    if not name.startswith("_") and row.why_not != COMPLETERS
}
METHODS = {name: member for name, member in PROMISING.items() if callable(member)}


@pytest.fixture
def on_stepped_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every simulated client be on stepped time."""
    simulated = vars(optionbus.PocketOption)["simulated"].__func__

    def stepped(kind: type[optionbus.PocketOption], /, *, speed: float = 1.0, **options: Any) -> optionbus.PocketOption:
        assert speed > 0
        client: optionbus.PocketOption = simulated(kind, runtime=SteppedRuntime(), **options)
        return client

    monkeypatch.setattr(optionbus.PocketOption, "simulated", classmethod(stepped))


@pytest.mark.usefixtures("on_stepped_time")
@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_says_what_it_says(name: str) -> None:
    member = EXAMPLES[name]
    words = vars(sys.modules[member.__module__]) | NAMES
    example = doctest.DocTestParser().get_doctest(inspect.getdoc(member) or "", words, name, filename=None, lineno=None)
    said: list[str] = []

    failures = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(example, out=said.append)

    assert failures.failed == 0, "".join(said)


def test_an_example_that_is_wrong_is_found_out() -> None:
    example = doctest.DocTestParser().get_doctest(">>> 1 + 1\n3\n", {}, "wrong", filename=None, lineno=None)

    assert doctest.DocTestRunner().run(example, out=lambda _text: None).failed == 1


# Errors and units.

ERRORS = [name for name, error in vars(errors).items() if inspect.isclass(error) and issubclass(error, BusError)]
UNITS = {
    **dict.fromkeys(["timeout", "duration", "period", "timeframe", "lookback_seconds", "offset"], "second"),
    **dict.fromkeys(["end", "time", "open_time"], "UTC"),
    **dict.fromkeys(["amount"], "currency"),
    **dict.fromkeys(["min_payout", "payout"], "percent"),
    "balance": "currency",
    "deal_end_time": "UTC",
    "server_time": "UTC",
}
"""The word that a docstring must have, by what is taken, or by the method that gives it."""


def _doc(name: str) -> str:
    """What is said of a method: also by those that its docstring refers to."""
    kind, _, method = name.partition(".")
    own = inspect.getdoc(METHODS[name]) or ""
    others = re.findall(r"(?:[Ss]ee|as|does|is) ``(\w+)``", own)
    return own + "".join(
        _doc(f"{kind}.{other}") for other in others if other != method and f"{kind}.{other}" in METHODS
    )


def _parameters(member: object) -> list[str]:
    assert callable(member)
    return [name for name in inspect.signature(member).parameters if name != "self"]


def _unnamed_units(name: str, doc: str) -> set[str]:
    things = [*_parameters(METHODS[name]), name.partition(".")[2]]
    return {thing for thing in things if UNITS.get(thing, "") not in doc}


@pytest.mark.parametrize("name", [name for name in sorted(METHODS) if _parameters(METHODS[name])])
def test_a_method_that_takes_something_names_its_errors(name: str) -> None:
    assert any(error in _doc(name) for error in ERRORS)


def test_the_errors_of_all_methods_are_named_once() -> None:
    doc = inspect.getdoc(optionbus.PocketOption) or ""

    assert all(error in doc for error in ("DeadlineExceeded", "InvalidArgument", "ActorCrashed", "SystemFailed"))


@pytest.mark.parametrize("name", sorted(METHODS))
def test_a_method_names_its_units(name: str) -> None:
    assert _unnamed_units(name, _doc(name)) == set()


def test_a_unit_that_is_not_named_is_found_out() -> None:
    assert _unnamed_units("PocketOption.candles", "Older candles, oldest first.") == {"period", "end", "timeout"}

"""Covers optionbus.backtest.ranges."""

from decimal import Decimal
from typing import Annotated, Literal

import pytest
from msgspec import Meta, Struct

from messages.errors import UsageError
from optionbus.backtest.ranges import Choice, Range, Real, Tried, Whole, combinations, made_of, parse_ranges, written


class Params(Struct, frozen=True, kw_only=True):
    length: Annotated[int, Meta(ge=1, le=100)] = 20
    ratio: Annotated[float, Meta(gt=0, lt=1)] = 0.5
    stake: Decimal = Decimal(1)
    mode: Literal["fast", "slow"] = "fast"
    is_bold: bool = False
    limit: int | None = None

    def __post_init__(self) -> None:
        if self.limit is not None and self.limit < self.length:
            raise ValueError("limit is below length")


class Needed(Struct, frozen=True, kw_only=True):
    length: int


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("length", "5..50", Whole(name="length", low=5, high=50)),
        ("length", "5..50:20", Whole(name="length", low=5, high=45, step=20)),
        ("length", "5..5", Whole(name="length", low=5, high=5)),
        ("length", "5|8|13|8", Choice(name="length", options=("5", "8", "13"))),
        ("ratio", "0.1..0.9", Real(name="ratio", low=0.1, high=0.9)),
        ("ratio", "0.1..0.9:0.3", Real(name="ratio", low=0.1, high=0.7, step=0.3)),
        ("stake", "1..3:0.5", Real(name="stake", low=1.0, high=3.0, step=0.5)),
        ("stake", "-2..3", Real(name="stake", low=-2.0, high=3.0)),
        ("mode", "fast | slow", Choice(name="mode", options=("fast", "slow"))),
        ("is_bold", "true|false", Choice(name="is_bold", options=("true", "false"))),
        ("limit", "50..60", Whole(name="limit", low=50, high=60)),
        ("limit", "null|50", Choice(name="limit", options=("null", "50"))),
        ("length", "7", Choice(name="length", options=("7",))),
    ],
)
def test_a_range_is_what_the_parameter_makes_of_it(name: str, text: str, expected: Range) -> None:
    assert parse_ranges(Params, {name: text}) == (expected,)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("width", "5..50", "no parameter 'width'.* length, ratio"),
        ("length", "50..5", "is empty"),
        ("length", "5..50:0", "is empty"),
        ("length", "5..50:-1", "is empty"),
        ("length", "0..50", "length cannot be '0'.*>= 1"),
        ("length", "5..101", "length cannot be '101'"),
        ("length", "5..50:0.5", "so is its step"),
        ("length", "0.5..50", "length cannot be '0.5'"),
        ("length", "5..", "write a range"),
        ("length", "..5", "write a range"),
        ("length", "", "write a range"),
        ("length", "5||6", "write a range"),
        ("length", "5|six", "length cannot be 'six'"),
        ("ratio", "0..0.9", "ratio cannot be '0'"),
        ("ratio", "0.1..0.9:x", "'x' is no number"),
        ("ratio", "nan..nan", "ratio cannot be|no number"),
        ("mode", "fast|quick", "mode cannot be 'quick'"),
        ("mode", "fast..slow", "is no number: give choices"),
        ("is_bold", "0..1", "is no number: give choices"),
    ],
)
def test_a_range_that_cannot_be_used_is_refused(name: str, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        parse_ranges(Params, {name: text})


def test_a_sweep_of_nothing_is_refused() -> None:
    with pytest.raises(UsageError, match="one range or more"):
        parse_ranges(Params, {})


def test_ranges_are_in_the_order_of_their_names() -> None:
    found = parse_ranges(Params, {"ratio": "0.1..0.2", "length": "1..2", "mode": "fast|slow"})

    assert [each.name for each in found] == ["length", "mode", "ratio"]


def test_what_is_written_of_a_range_is_read_as_the_same() -> None:
    for texts in ({"length": "5..50:5"}, {"ratio": "0.1..0.9:0.2"}, {"ratio": "0.1..0.9"}, {"mode": "fast|slow"}):
        (found,) = parse_ranges(Params, texts)

        assert parse_ranges(Params, {found.name: str(found)}) == (found,)


def test_a_grid_has_every_combination() -> None:
    found = combinations(parse_ranges(Params, {"length": "1..5:2", "ratio": "0.1..0.3:0.1"}))

    assert len(found) == 9
    assert found[0] == {"length": 1, "ratio": 0.1}
    assert found[-1] == {"length": 5, "ratio": 0.3}


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({"ratio": "0.1..0.9"}, "needs steps: the range of ratio"),
        ({"length": "1..100", "limit": "100..1200"}, "at most 100,000"),
    ],
)
def test_a_grid_without_end_is_refused(texts: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        combinations(parse_ranges(Params, texts))


def test_what_was_chosen_becomes_values_of_the_parameters() -> None:
    chosen: dict[str, Tried] = {
        "length": 7,
        "ratio": 0.30000000000000004,
        "stake": 1.5,
        "mode": "slow",
        "limit": "null",
    }

    made = made_of(Params, Params(is_bold=True), chosen)

    assert made == Params(length=7, ratio=0.3, stake=Decimal("1.5"), mode="slow", is_bold=True)


def test_parameters_that_are_needed_can_be_swept() -> None:
    assert made_of(Needed, None, {"length": 3}) == Needed(length=3)


def test_what_does_not_go_together_is_said_in_its_own_words() -> None:
    with pytest.raises(UsageError, match="Params: limit is below length"):
        made_of(Params, None, {"length": 60, "limit": 50})


@pytest.mark.parametrize(("value", "text"), [(7, "7"), (0.1 + 0.2, "0.3"), (2.0, "2.0"), ("slow", "slow")])
def test_a_value_is_written_as_it_would_be_said(value: float | str, text: str) -> None:
    assert written(value) == text

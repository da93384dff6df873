"""Covers actors.failures."""

from typing import NoReturn

from actors.failures import DEEPEST, summary, trace


class Mute(Exception):
    """An error that cannot say what it is."""

    def __str__(self) -> NoReturn:
        raise ValueError


def _deep(depth: int) -> None:
    if depth == 0:
        raise ValueError("deep down")
    _deep(depth - 1)


def _caught(depth: int) -> BaseException:
    try:
        _deep(depth)
    except ValueError as error:
        return error
    raise AssertionError


def test_an_error_is_its_type_and_its_text() -> None:
    assert summary(ValueError("no")) == "ValueError: no"
    assert summary(ValueError()) == "ValueError"


def test_an_error_that_cannot_be_shown_is_its_type() -> None:
    assert summary(Mute()) == "Mute"


def test_a_trace_says_where_an_error_came_from() -> None:
    shown = trace(_caught(0))

    assert "in _caught" in shown
    assert shown.endswith("ValueError: deep down")


def test_a_deep_trace_is_cut_to_the_frames_nearest_to_the_error() -> None:
    shown = trace(_caught(10 * DEEPEST))

    assert "in _caught" not in shown
    assert 'raise ValueError("deep down")' in shown
    assert "Previous line repeated" in shown

"""Covers actors.timers."""

from functools import partial
from math import inf
from unittest.mock import patch

import pytest

from actors.timers import LEAST_TIMERS, Timers

FAR = 1e6


@pytest.fixture
def timers() -> Timers:
    return Timers()


def drained(timers: Timers) -> list[float]:
    """When those were due that were still to come, in the order in which they come."""
    popped = [timers.pop() for _ in range(len(timers))]
    return [due for due, entry in popped if entry.take() is not None]


def test_the_first_that_is_due_comes_first_and_of_two_the_one_that_was_added_first(timers: Timers) -> None:
    called: list[str] = []
    for due, name in ((2.0, "c"), (1.0, "a"), (1.0, "b"), (3.0, "d")):
        timers.add(due, partial(called.append, name))

    dues = []
    while timers:
        dues.append(timers.next_due)
        _, entry = timers.pop()
        action = entry.take()
        assert action is not None
        action()

    assert called == ["a", "b", "c", "d"]
    assert dues == [1.0, 1.0, 2.0, 3.0]
    assert timers.next_due == inf


def test_what_was_cancelled_or_taken_does_not_happen(timers: Timers) -> None:
    cancelled, taken = timers.add(1.0, print), timers.add(2.0, print)
    cancelled.cancel()
    taken.take()

    assert drained(timers) == []


def test_nothing_is_to_happen_after_all_were_cleared(timers: Timers) -> None:
    timers.add(1.0, print)

    timers.clear()

    assert (len(timers), timers.next_due) == (0, inf)


def test_those_that_were_cancelled_do_not_add_up(timers: Timers) -> None:
    for _ in range(100 * LEAST_TIMERS):
        timers.add(FAR, print).cancel()

    assert len(timers) <= LEAST_TIMERS


def test_a_burst_leaves_no_room_for_as_many_that_are_cancelled_later(timers: Timers) -> None:
    for entry in [timers.add(FAR, print) for _ in range(16 * LEAST_TIMERS)]:
        entry.cancel()

    for _ in range(20 * LEAST_TIMERS):
        timers.add(FAR, print).cancel()

    assert len(timers) <= LEAST_TIMERS


def test_throwing_cancelled_ones_away_keeps_the_others(timers: Timers) -> None:
    for number in range(3 * LEAST_TIMERS):
        timers.add(float(number), print)
        timers.add(FAR, print).cancel()

    assert drained(timers) == [float(number) for number in range(3 * LEAST_TIMERS)]


def test_they_are_looked_through_seldom(timers: Timers) -> None:
    """Each time it is twice as many, so that one costs the same however many there are."""
    with patch.object(timers, "_sweep", wraps=timers._sweep) as sweep:
        for _ in range(16 * LEAST_TIMERS):
            timers.add(FAR, print)

    assert sweep.call_count == 4

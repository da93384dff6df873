"""Covers supervisor.backoff."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervisor.backoff import Attempts, Backoff

BACKOFF = Backoff(base_seconds=0.5, maximum_seconds=300.0)


def _delays(backoff: Backoff, count: int, seed: int = 0) -> list[float | None]:
    attempts = Attempts(backoff, Random(seed))
    return [attempts.failed() for _ in range(count)]


@given(st.integers())
def test_the_first_retry_comes_at_once(seed: int) -> None:
    assert _delays(BACKOFF, 1, seed) == [0.0]


@given(st.integers(), st.integers(2, 10))
def test_retry_n_waits_twice_as_long_as_the_one_before_give_or_take_a_fifth(seed: int, retry: int) -> None:
    delay = _delays(BACKOFF, retry, seed)[-1]

    assert delay is not None
    assert 0.8 <= delay / (0.5 * 2 ** (retry - 2)) <= 1.2


def test_delays_are_drawn_from_the_whole_range() -> None:
    second_retries = [_delays(BACKOFF, 2, seed)[1] or 0.0 for seed in range(500)]

    assert min(second_retries) < 0.5 * 0.81
    assert max(second_retries) > 0.5 * 1.19


def test_the_same_seed_gives_the_same_delays() -> None:
    assert _delays(BACKOFF, 20, seed=7) == _delays(BACKOFF, 20, seed=7)


@pytest.mark.parametrize("failures", [12, 100, 5_000])
def test_no_delay_exceeds_the_maximum(failures: int) -> None:
    delays = _delays(BACKOFF, failures)

    assert delays[-1] == 300.0
    assert all(delay is not None and delay <= 300.0 for delay in delays)


def test_a_success_makes_the_next_failure_a_first_one() -> None:
    attempts = Attempts(BACKOFF, Random(0))
    for _ in range(5):
        attempts.failed()

    attempts.succeeded()

    assert attempts.failures == 0
    assert attempts.failed() == 0.0


def test_so_many_failures_in_a_row_are_the_end() -> None:
    delays = _delays(Backoff(max_failures=3), 3)

    assert delays[-1] is None
    assert None not in delays[:-1]


def test_a_wait_without_a_maximum_stops_growing_all_the_same() -> None:
    delay = _delays(Backoff(maximum_seconds=float("inf")), 5_000)[-1]

    assert delay is not None
    assert 0.8 <= delay / 2.0**60 <= 1.2


def test_unless_told_otherwise_it_waits_from_one_second_to_five_minutes_and_never_gives_up() -> None:
    assert Backoff() == Backoff(base_seconds=1.0, maximum_seconds=300.0, stable_seconds=10.0, max_failures=None)


def test_how_the_waiting_grows_is_told_by_name_and_never_changes() -> None:
    with pytest.raises(TypeError):
        Backoff(1.0)  # type: ignore[call-arg]
    with pytest.raises(AttributeError):
        BACKOFF.base_seconds = 1.0  # type: ignore[misc]


def test_failures_before_a_success_do_not_count_towards_the_end() -> None:
    attempts = Attempts(Backoff(max_failures=3), Random(0))
    attempts.failed()
    attempts.failed()
    attempts.succeeded()

    assert attempts.failed() is not None

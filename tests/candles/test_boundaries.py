import time as clock
from collections.abc import Iterator
from datetime import UTC, datetime
from fractions import Fraction
from math import inf, nan, nextafter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.candles.boundaries import DAY_SECONDS, boundary_after, boundary_before, is_aligned_period

DIVISORS_OF_A_DAY = [seconds for seconds in range(1, DAY_SECONDS + 1) if DAY_SECONDS % seconds == 0]

periods = st.sampled_from(DIVISORS_OF_A_DAY)
times = st.floats(min_value=-4e9, max_value=4e9, allow_nan=False)


@pytest.fixture(params=["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
def local_zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("TZ", request.param)
    clock.tzset()
    yield request.param
    monkeypatch.undo()
    clock.tzset()


@pytest.mark.parametrize("seconds", [1, 5, 15, 30, 60, 300, 3600, 14_400, 43_200, 86_400, 60.0, 675])
def test_a_divisor_of_a_day_is_an_aligned_period(seconds: float) -> None:
    assert is_aligned_period(seconds)


@pytest.mark.parametrize("seconds", [0, -1, -60, 7, 11, 3601, 86_401, 172_800, 0.5, 1.5, 59.999, nan, inf, -inf])
def test_nothing_else_is_an_aligned_period(seconds: float) -> None:
    assert not is_aligned_period(seconds)


def test_a_boundary_belongs_to_the_period_it_begins() -> None:
    assert (boundary_before(120.0, 60), boundary_after(120.0, 60)) == (120.0, 180.0)


def test_a_time_lies_between_its_boundaries() -> None:
    assert (boundary_before(179.5, 60), boundary_after(179.5, 60)) == (120.0, 180.0)


def test_times_before_1970_round_down_too() -> None:
    assert (boundary_before(-0.001, 60), boundary_after(-0.001, 60)) == (-60.0, 0.0)


def test_a_day_begins_at_midnight_utc() -> None:
    noon = datetime(2024, 2, 29, 12, tzinfo=UTC).timestamp()

    assert datetime.fromtimestamp(boundary_before(noon, DAY_SECONDS), UTC) == datetime(2024, 2, 29, tzinfo=UTC)
    assert datetime.fromtimestamp(boundary_after(noon, DAY_SECONDS), UTC) == datetime(2024, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize("change", [datetime(2024, 3, 31, 1, tzinfo=UTC), datetime(2024, 11, 3, 6, tzinfo=UTC)])
@pytest.mark.usefixtures("local_zone")
def test_the_summer_shift_moves_no_boundary(change: datetime) -> None:
    after_the_change = change.timestamp() + 1800.0

    assert boundary_before(after_the_change, 14_400) == change.replace(hour=change.hour // 4 * 4).timestamp()


@given(times, periods)
def test_boundaries_are_those_of_exact_arithmetic(time: float, seconds: int) -> None:
    exact = Fraction(time) // seconds * seconds

    assert (boundary_before(time, seconds), boundary_after(time, seconds)) == (exact, exact + seconds)


@given(st.integers(min_value=1, max_value=50_000), periods)
def test_the_floats_next_to_a_boundary_fall_on_their_sides(index: int, seconds: int) -> None:
    boundary = float(index * seconds)

    assert boundary_before(nextafter(boundary, -inf), seconds) == boundary - seconds
    assert boundary_before(nextafter(boundary, inf), seconds) == boundary
    assert boundary_after(nextafter(boundary, -inf), seconds) == boundary


@given(times, periods)
def test_midnight_is_a_boundary_of_every_aligned_period(time: float, seconds: int) -> None:
    midnight = boundary_before(time, DAY_SECONDS)

    assert boundary_before(midnight, seconds) == midnight

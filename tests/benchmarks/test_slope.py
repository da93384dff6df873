"""Covers benchmarks.slope; every expectation was computed by hand."""

from itertools import pairwise

import pytest

from benchmarks.slope import Slope, theil_sen, thinned


def test_the_slope_of_a_line_is_exact() -> None:
    times = [float(number) for number in range(10)]

    slope = theil_sen(times, [3.0 * time + 7 for time in times])

    assert slope == Slope(per_unit=3.0, low=3.0, high=3.0)


def test_what_does_not_change_has_no_slope() -> None:
    assert theil_sen([0, 1, 2, 3, 4, 5], [8, 8, 8, 8, 8, 8]) == Slope(per_unit=0, low=0, high=0)


def test_outliers_do_not_move_the_slope() -> None:
    times = [float(number) for number in range(21)]
    values = [2.0 * time for time in times]
    values[3], values[11], values[18] = 1e6, -1e6, 1e6

    # Least squares would say 1 306; of the 210 pairs 153 are without an outlier.
    slope = theil_sen(times, values)

    assert (slope.per_unit, slope.low, slope.high) == (2.0, 2.0, 2.0)


def test_the_interval_is_that_of_the_ranks_of_kendall() -> None:
    # The slopes of squares are the sums of two of 0 to 5: 1 2 3 3 4 4 5 5 5 6 6 7 7 8 9. Of six points S varies by
    # 6 * 5 * 17 / 18 = 28.33, so C = 1.96 * 5.323 = 10.43, and the ranks are 2.28 and 13.72: the second and the 14th.
    slope = theil_sen([0, 1, 2, 3, 4, 5], [0, 1, 4, 9, 16, 25])

    assert (slope.per_unit, slope.low, slope.high) == (5, 2, 8)


def test_too_few_points_have_all_slopes_for_an_interval() -> None:
    # Four points: C = 1.96 * sqrt(4 * 3 * 13 / 18) = 5.77 of six slopes, and so the ranks 0.1 and 6.9.
    slope = theil_sen([0, 1, 2, 3], [0, 1, 3, 6])

    assert (slope.per_unit, slope.low, slope.high) == (2, 1, 3)


def test_uneven_times_count_as_they_are() -> None:
    assert theil_sen([0, 1, 10], [0, 2, 20]).per_unit == 2


def test_points_at_one_time_say_nothing_of_each_other() -> None:
    assert theil_sen([0, 0, 1], [5, 7, 8]).per_unit == 2  # of 3 and 1


@pytest.mark.parametrize("times", [[], [1.0], [1.0, 1.0]])
def test_a_slope_takes_two_moments(times: list[float]) -> None:
    with pytest.raises(ValueError, match="two points"):
        theil_sen(times, times)


def test_times_without_values_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        theil_sen([0, 1, 2], [0, 1])


def test_few_points_are_not_thinned() -> None:
    assert thinned([0, 1, 2], [5, 3, 4], 3) == ([0, 1, 2], [5, 3, 4])


def test_stretches_are_their_medians() -> None:
    assert thinned([0, 1, 2, 3, 4, 5], [0, 9, 1, 7, 7, 0], 2) == ([1, 4], [1, 7])


def test_every_point_is_in_one_stretch() -> None:
    times, values = thinned(list(range(1_001)), [1.0] * 1_001, 240)

    assert len(times) == len(values) == 240
    assert {round(later - earlier, 1) for earlier, later in pairwise(times)} <= {4.0, 4.5}


def test_no_points_are_no_stretches() -> None:
    assert thinned([], [], 240) == ([], [])

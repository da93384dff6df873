"""Covers messages.wire.clock."""

import pytest

from messages.wire.clock import OffsetEstimator, seconds, snapped_offset

UTC_TIME = 1_732_970_915.342


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1_732_978_115, 1_732_978_115.0),
        (1_732_978_115.342, 1_732_978_115.342),
        (1_732_978_115_342, 1_732_978_115.342),
        (1_732_978_115_342.5, 1_732_978_115.3425),
        (1e12, 1e12),
        (0, 0.0),
    ],
)
def test_milliseconds_become_seconds_with_their_fraction(value: float, expected: float) -> None:
    assert seconds(value) == expected


@pytest.mark.parametrize(
    ("difference", "offset", "skew"),
    [
        (7200.0, 7200.0, 0.0),
        (7199.6, 7200.0, -0.4),
        (7230.0, 7200.0, 30.0),
        (5400.0, 5400.0, 0.0),
        (-18_000.0, -18_000.0, 0.0),
        (0.25, 0.0, 0.25),
        (899.0, 0.0, 899.0),
        (901.0, 1800.0, -899.0),
    ],
)
def test_offset_snaps_to_half_hours(difference: float, offset: float, skew: float) -> None:
    snapped, remaining = snapped_offset(UTC_TIME + difference, UTC_TIME)

    assert snapped == offset
    assert remaining == pytest.approx(skew, abs=1e-6)


def test_usual_offset_holds_before_any_sample() -> None:
    estimator = OffsetEstimator()

    assert (estimator.offset_seconds, estimator.skew_seconds) == (7200.0, 0.0)


@pytest.mark.parametrize("outlier", [-86_400.0, 0.0, 9000.0, 1e9])
def test_a_single_outlier_moves_neither_offset_nor_skew(outlier: float) -> None:
    estimator = OffsetEstimator()
    for _ in range(9):
        estimator.add(UTC_TIME + 7199.5, UTC_TIME)

    estimator.add(UTC_TIME + outlier, UTC_TIME)

    assert estimator.offset_seconds == 7200.0
    assert estimator.skew_seconds == pytest.approx(-0.5)


def test_a_new_offset_holds_once_most_samples_agree() -> None:
    estimator = OffsetEstimator(samples=5)
    offsets = []

    for _ in range(4):
        estimator.add(UTC_TIME + 10_800.0, UTC_TIME)
        offsets.append(estimator.offset_seconds)

    assert offsets == [7200.0, 7200.0, 10_800.0, 10_800.0]


def test_skew_is_smoothed_over_the_samples() -> None:
    estimator = OffsetEstimator(samples=5)

    for skew in (-0.1, -0.2, -30.0, -0.15, -0.1):
        estimator.add(UTC_TIME + 7200.0 + skew, UTC_TIME)

    assert estimator.skew_seconds == pytest.approx(-0.15, abs=1e-6)

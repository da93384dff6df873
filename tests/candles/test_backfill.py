"""Covers actors.candles.backfill and actors.candles.compiled."""

import pytest

from actors.candles.backfill import Backfill, backfill, history_since, part_seconds
from actors.candles.compiled import compiled
from messages.market import Symbol, Tick

EURO = Symbol("EURUSD_otc")
NOW = 1_700_000_000.0


@pytest.mark.parametrize(
    ("period", "part"),
    [
        *((5, 5), (15, 15), (60, 60), (300, 300), (1800, 1800)),
        *((3600, 1800), (14_400, 1800), (86_400, 1800)),  # on the platform's clock they may begin elsewhere
        *((45, 15), (90, 30), (420, 60), (7, None), (61, None), (1, None), (4, None)),
    ],
)
def test_the_platforms_candles_that_a_period_is_made_of(period: int, part: int | None) -> None:
    assert part_seconds(period) == part


def test_a_short_stretch_is_fetched_as_ticks() -> None:
    assert backfill(NOW - 1800, NOW, 60) == Backfill(NOW - 1800.001)


def test_a_long_stretch_is_fetched_as_candles_to_a_seam_and_as_ticks_from_there() -> None:
    plan = backfill(NOW - 7201.5, NOW, 300)

    assert plan == Backfill(NOW - 200.001, 300, NOW - 7400, NOW - 200)


def test_the_seam_lies_where_candles_are_settled() -> None:
    just_over = NOW - 200 + 300 + 1  # a second after a boundary

    assert backfill(NOW - 7200, just_over, 300).seam == NOW - 200


@pytest.mark.parametrize("period", [7, None])
def test_where_there_are_no_candles_ticks_of_a_day_are_fetched_at_most(period: int | None) -> None:
    assert backfill(NOW - 100_000, NOW, period) == Backfill(NOW - 86_400.001)


@pytest.mark.parametrize(("period", "count", "since"), [(60, 100, NOW - 6020), (60, 0, NOW - 20), (7, 2, NOW - 20)])
def test_a_history_begins_so_many_candles_before_the_forming_one(period: int, count: int, since: float) -> None:
    assert history_since(NOW, period, count) == since


def test_a_history_for_which_there_are_ticks_only_is_a_day_at_most() -> None:
    assert NOW - 86_400 <= history_since(NOW, 3601, 100) <= NOW - 86_400 + 3601


def ticks(*times: float) -> list[Tick]:
    return [Tick(EURO, time, time, time + 7200) for time in times]


def test_compiled_candles_begin_at_multiples_and_the_last_is_forming() -> None:
    candles = compiled(EURO, ticks(10, 14, 20, 22, 28), 7, 10)

    assert [(each.time, each.open, each.close, each.closed) for each in candles] == [
        (7, 10, 10, True),
        (14, 14, 20, True),
        (21, 22, 22, True),
        (28, 28, 28, False),
    ]


@pytest.mark.parametrize(("first", "complete"), [(10.0, False), (6.9, True)])
def test_the_first_compiled_candle_is_complete_if_a_tick_precedes_it(first: float, complete: bool) -> None:  # noqa: FBT001
    candles = compiled(EURO, ticks(first, 10.5, 14), 7, 10.2)

    assert (candles[0].time, candles[0].complete) == (7, complete)


def test_without_ticks_there_are_no_candles() -> None:
    assert compiled(EURO, (), 7, 10) == ()

"""Covers actors.candles.splice."""

from math import inf

import pytest

from actors.candles.splice import Coverage, Item, Missing, Splice, history, refill
from messages.base import RequestId
from messages.market import Candle, Candles, Symbol, Tick, Ticks

EURO = Symbol("EURUSD_otc")


def tick(time: float, price: float = 1.0) -> Tick:
    return Tick(EURO, time, price, time + 7200)


def ticks(*times: float) -> list[Tick]:
    return [tick(time) for time in times]


def candle(time: float, period: float = 5) -> Candle:
    return Candle(symbol=EURO, time=time, period_seconds=period, open=1.0, high=2.0, low=0.5, close=1.5)


def times(items: list[Item]) -> list[float | tuple[float, float]]:
    """The times of ticks and candles; start and end of what is missing."""
    return [(item.start, item.end) if isinstance(item, Missing) else item.time for item in items]


@pytest.fixture
def splice() -> Splice:
    """Whole until 10."""
    splice = Splice(0)
    splice.fill(Coverage(ticks(8, 9, 10), 0))
    return splice


def lose(splice: Splice) -> None:
    splice.interrupt()
    splice.resume()


def test_nothing_is_passed_on_before_the_history_is_there() -> None:
    splice = Splice(0)

    assert splice.stream(ticks(1, 2)) == []
    assert (splice.since, splice.until) == (0, None)


def test_history_comes_first_and_what_streamed_meanwhile_after_it_once() -> None:
    splice = Splice(0)
    splice.resume()
    splice.stream(ticks(5, 6))

    assert times(splice.fill(Coverage(ticks(3, 4, 5), 0))) == [3, 4, 5, 6]


def test_a_whole_stream_passes_straight_through(splice: Splice) -> None:
    assert times([*splice.stream(ticks(11)), *splice.stream(ticks(12, 13))]) == [11, 12, 13]
    assert splice.since is None


def test_ticks_seen_before_are_left_out(splice: Splice) -> None:
    assert times([*splice.stream(ticks(9, 10, 11))]) == [11]


def test_of_one_time_every_price_is_passed_on_once(splice: Splice) -> None:
    passed = splice.stream([tick(11, 1.0), tick(11, 1.1), tick(11, 1.0)])

    assert [each.price for each in passed] == [1.0, 1.1]


def test_what_is_fetched_closes_a_hole_without_a_trace(splice: Splice) -> None:
    lose(splice)
    splice.stream(ticks(14, 15))

    assert (splice.since, splice.until) == (10, 14)
    assert times(splice.fill(Coverage(ticks(10, 11, 12, 13, 14), 10))) == [11, 12, 13, 14, 15]
    assert splice.since is None


def test_what_cannot_be_fetched_is_marked(splice: Splice) -> None:
    lose(splice)
    splice.stream(ticks(14, 15))

    assert times(splice.fill(Coverage())) == [(10, 14), 14, 15]


def test_what_is_fetched_in_part_leaves_a_shorter_hole(splice: Splice) -> None:
    lose(splice)
    splice.stream(ticks(14, 15))

    assert times(splice.fill(Coverage(ticks(12, 13, 14), 12))) == [(10, 12), 12, 13, 14, 15]


def test_a_hole_with_nothing_in_it_is_no_hole(splice: Splice) -> None:
    lose(splice)
    splice.stream(ticks(14))

    assert times(splice.fill(Coverage(ticks(10, 14), 10))) == [14]


def test_each_of_several_holes_is_marked(splice: Splice) -> None:
    lose(splice)
    splice.stream(ticks(14, 15))
    lose(splice)
    splice.stream(ticks(18))

    assert times(splice.fill(Coverage())) == [(10, 14), 14, 15, (15, 18), 18]


def test_a_loss_before_a_tick_came_makes_the_hole_longer(splice: Splice) -> None:
    lose(splice)
    lose(splice)
    splice.stream(ticks(14))

    assert times(splice.fill(Coverage())) == [(10, 14), 14]


def test_ticks_between_loss_and_login_end_no_hole_and_are_kept(splice: Splice) -> None:
    splice.interrupt()
    splice.stream(ticks(11))
    splice.resume()
    splice.stream(ticks(14))

    assert splice.until == 14
    assert times(splice.fill(Coverage())) == [(10, 14), 11, 14]


def test_candles_stand_for_ticks_as_far_as_the_seam(splice: Splice) -> None:
    lose(splice)
    splice.stream(ticks(12, 31))

    fetched = Coverage(ticks(24, 25, 29), 25, [candle(10), candle(15), candle(20)], 10, 25)

    assert times(splice.fill(fetched)) == [10, 15, 20, 25, 29, 31]


@pytest.mark.parametrize(
    ("coverage", "left"),
    [
        (Coverage(), [(10, 50)]),
        (Coverage(ticks_since=10), []),
        (Coverage(ticks_since=5), []),
        (Coverage(ticks_since=20), [(10, 20)]),
        (Coverage(ticks_since=60), [(10, 50)]),
        (Coverage(ticks_since=30, candles_since=10, seam=30), []),
        (Coverage(ticks_since=30, candles_since=20, seam=30), [(10, 20)]),
        (Coverage(ticks_since=40, candles_since=20, seam=30), [(10, 20), (30, 40)]),
        (Coverage(ticks_since=40, candles_since=10, seam=30), [(30, 40)]),
        (Coverage(ticks_since=40, candles_since=35, seam=30), [(10, 40)]),
        (Coverage(ticks_since=70, candles_since=10, seam=60), []),
    ],
)
def test_what_is_left_of_a_hole(coverage: Coverage, left: list[tuple[float, float]]) -> None:
    assert [(span.start, span.end) for span in coverage.uncovered(Missing(10, 50))] == left


def told(since: float, *when: float) -> Ticks:
    return Ticks(request_id=RequestId(0), symbol=EURO, ticks=tuple(ticks(*when)), since=since)


@pytest.mark.parametrize(
    ("answer", "since"),
    [(told(10, 10, 11), 10), (told(9, 10.0005, 11), 9), (told(9, 11), 11), (told(9), inf), (told(12, 12), 12)],
)
def test_an_answer_without_the_last_tick_seen_covers_only_what_it_shows(answer: Ticks, since: float) -> None:
    assert refill(10, answer, None, None).ticks_since == since


def test_a_history_is_all_that_there_is() -> None:
    coverage = history(10, told(15, 15, 16), None, None)

    assert coverage.uncovered(Missing(10, inf)) == []


def test_ticks_from_before_the_history_are_left_out() -> None:
    assert times(Splice(10).fill(history(10, told(9.999, 9.9995, 10), None, None))) == [10]


def test_candles_that_do_not_show_the_hole_begin_cover_only_what_they_show() -> None:
    candles = Candles(request_id=RequestId(0), symbol=EURO, candles=(candle(15), candle(20)), since=10)

    coverage = refill(12, told(25, 25, 26), candles, 25.0)

    assert (coverage.candles_since, coverage.ticks_since, coverage.seam) == (15, 25, 25)

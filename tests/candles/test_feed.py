"""Covers actors.candles.feed, and the candles that stand for ticks in actors.candles.builder."""

from actors.candles.builder import aligned_builder, builder_for
from actors.candles.feed import Feed
from actors.candles.splice import Missing
from messages.market import Candle, Chunk, Symbol, Tick

EURO = Symbol("EURUSD_otc")


def minutes(*, saw_beginning: bool = True) -> Feed:
    return Feed(aligned_builder(EURO, 60, saw_beginning=saw_beginning))


def tick(time: float, price: float = 1.0) -> Tick:
    return Tick(EURO, time, price, time + 7200)


def part(time: float, prices: tuple[float, float, float, float], seconds: int = 30) -> Candle:
    first, high, low, last = prices
    return Candle(symbol=EURO, time=time, period_seconds=seconds, open=first, high=high, low=low, close=last)


def test_candles_whose_ticks_are_all_there_are_complete() -> None:
    closed = minutes().take([tick(0), tick(59), tick(60), tick(120)])

    assert [(candle.time, candle.complete) for candle in closed] == [(0, True), (60, True)]


def test_the_first_candle_is_complete_only_if_its_beginning_was_seen() -> None:
    closed = minutes(saw_beginning=False).take([tick(5), tick(60), tick(120)])

    assert [candle.complete for candle in closed] == [False, True]


def test_the_candle_around_a_missing_stretch_is_incomplete_and_no_other() -> None:
    closed = minutes().take([tick(0), tick(60), tick(70), Missing(70, 80), tick(80), tick(120), tick(180)])

    assert [(candle.time, candle.complete) for candle in closed] == [(0, True), (60, False), (120, True)]


def test_both_ends_of_a_long_missing_stretch_are_incomplete_and_nothing_is_between() -> None:
    closed = minutes().take([tick(0), tick(60), Missing(60, 200), tick(200), tick(240), tick(300)])

    assert [(candle.time, candle.complete) for candle in closed] == [
        (0, True),
        (60, False),
        (180, False),
        (240, True),
    ]


def test_ticks_inside_a_missing_stretch_belong_to_incomplete_candles() -> None:
    closed = minutes().take([tick(0), Missing(0, 130), tick(61), tick(130), tick(180), tick(240)])

    assert [(candle.time, candle.complete) for candle in closed] == [(0, False), (60, False), (120, False), (180, True)]


def test_parts_and_ticks_make_one_candle() -> None:
    feed = minutes()

    closed = feed.take([part(0, (1.0, 1.5, 0.9, 1.2)), part(30, (1.2, 1.3, 0.8, 1.1)), tick(60, 3.0)])

    (candle,) = closed
    assert (candle.open, candle.high, candle.low, candle.close) == (1.0, 1.5, 0.8, 1.1)
    assert (candle.time, candle.period_seconds, candle.closed, candle.complete) == (0, 60, True, True)


def test_a_part_whose_first_ticks_were_there_already_adds_the_others() -> None:
    feed = minutes()

    closed = feed.take([tick(1, 1.0), tick(35, 2.0), part(30, (1.9, 2.5, 1.8, 1.7)), tick(60, 1.6)])

    (candle,) = closed
    assert (candle.open, candle.high, candle.low, candle.close) == (1.0, 2.5, 1.0, 1.7)


def test_ticks_of_a_parts_time_that_come_after_it_are_late() -> None:
    feed = minutes()

    feed.take([part(0, (1.0, 1.0, 1.0, 1.0)), tick(29.9, 9.0), tick(30, 1.1)])

    assert feed.forming is not None
    assert (feed.forming.high, feed.forming.close) == (1.1, 1.1)


def test_a_part_of_the_next_candle_closes_this_one() -> None:
    closed = minutes().take([tick(1), part(60, (1.0, 1.0, 1.0, 1.0))])

    assert [candle.time for candle in closed] == [0]


def test_what_is_over_can_be_closed_without_a_tick() -> None:
    feed = minutes()
    feed.take([tick(1)])

    assert (feed.due, feed.close_until(59.9)) == (60, [])
    assert [candle.time for candle in feed.close_until(60)] == [0]
    assert feed.forming is None


def test_a_chunk_around_a_missing_stretch_is_incomplete() -> None:
    closed = Feed(builder_for(EURO, Chunk(2))).take(
        [tick(0), Missing(0, 5), tick(5), tick(6), tick(7)],
    )

    assert [candle.complete for candle in closed] == [False, True]


def test_a_period_that_divides_no_day_is_aligned_to_its_multiples_since_1970() -> None:
    builder = aligned_builder(EURO, 7)
    builder.add(tick(1_700_000_000.0))

    assert builder.forming is not None
    assert builder.forming.time == 1_700_000_000 // 7 * 7

from collections.abc import Iterable, Sequence
from math import inf, nan
from typing import NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from actors.candles.boundaries import boundary_before
from actors.candles.builder import CandleBuilder, builder_for
from messages.errors import InvalidAggregation
from messages.market import Aggregation, Candle, Chunk, Direct, Symbol, Tick, TimeAligned, Timed

SYMBOL = Symbol("EURUSD_otc")
START = 1_700_000_040.0
"""A whole minute."""


def tick(second: float, price: float = 1.0) -> Tick:
    return Tick(SYMBOL, START + second, price, START + second + 7200)


def fed(builder: CandleBuilder, ticks: Iterable[Tick]) -> list[Candle]:
    return [candle for each in ticks for candle in builder.add(each)]


class Outcome(NamedTuple):
    closed: list[Candle]
    forming: Candle | None
    taken: list[Tick]
    builder: CandleBuilder

    @property
    def candles(self) -> list[Candle]:
        return [*self.closed, *([self.forming] if self.forming else [])]

    @property
    def shares(self) -> list[Sequence[Tick]]:
        """The ticks taken, dealt out in order by the candles' own counts."""
        ends = [sum(candle.ticks for candle in self.candles[: index + 1]) for index in range(len(self.candles))]
        return [self.taken[begin:end] for begin, end in zip([0, *ends], ends, strict=False)]


def run(aggregation: Aggregation, ticks: Sequence[Tick]) -> Outcome:
    builder = builder_for(SYMBOL, aggregation)
    closed: list[Candle] = []
    taken: list[Tick] = []
    for each in ticks:
        left_out = builder.late + builder.duplicates
        closed += builder.add(each)
        if builder.late + builder.duplicates == left_out:
            taken.append(each)
    return Outcome(closed, builder.forming, taken, builder)


prices = st.integers(1, 9).map(lambda points: 1.0 + points / 1000)
milliseconds = st.one_of(st.integers(0, 2_000), st.integers(0, 200_000))
steps = st.lists(st.tuples(milliseconds, prices), max_size=60)
chunks = st.integers(1, 7).map(Chunk)
timed = st.integers(1, 90_000).map(lambda length: Timed(length / 1000))
aligned = st.sampled_from([1, 2, 5, 15, 60, 300]).map(TimeAligned)


@st.composite
def forward_streams(draw: st.DrawFn) -> list[Tick]:
    elapsed, ticks = draw(st.integers(0, 100_000)), []
    for step, price in draw(steps):
        elapsed += step
        ticks.append(tick(elapsed / 1000, price))
    return ticks


any_order_streams = st.lists(st.builds(tick, st.integers(0, 200).map(lambda tenths: tenths / 10), prices), max_size=60)


# What can be built.


@pytest.mark.parametrize(
    "aggregation",
    [
        Direct(),
        Chunk(0),
        Chunk(-1),
        Chunk(2.5),  # type: ignore[arg-type]
        Timed(0),
        Timed(-1.0),
        Timed(nan),
        Timed(inf),
        TimeAligned(0),
        TimeAligned(-60),
        TimeAligned(7),
        TimeAligned(172_800),
        TimeAligned(0.5),  # type: ignore[arg-type]
        TimeAligned(nan),  # type: ignore[arg-type]
    ],
    ids=repr,
)
def test_what_builds_no_candles_is_refused(aggregation: Aggregation) -> None:
    with pytest.raises(InvalidAggregation) as refusal:
        builder_for(SYMBOL, aggregation)

    assert repr(aggregation) in refusal.value.problem


@pytest.mark.parametrize("aggregation", [Chunk(1), Timed(0.001), TimeAligned(1), TimeAligned(86_400)], ids=repr)
def test_a_new_builder_has_seen_nothing(aggregation: Aggregation) -> None:
    builder = builder_for(SYMBOL, aggregation)

    assert (builder.forming, builder.due, builder.late, builder.duplicates) == (None, None, 0, 0)
    assert builder.close_until(START) == ()


def test_a_candle_says_what_the_price_did() -> None:
    builder = builder_for(SYMBOL, Chunk(4))

    closed = fed(builder, [tick(0, 1.2), tick(1, 1.4), tick(2, 1.1), tick(3, 1.3)])

    assert closed == [
        Candle(symbol=SYMBOL, time=START, period_seconds=3.0, open=1.2, high=1.4, low=1.1, close=1.3, ticks=4)
    ]


def test_the_forming_candle_is_not_closed() -> None:
    builder = builder_for(SYMBOL, Timed(60))

    fed(builder, [tick(0, 1.2), tick(1, 1.1)])

    assert builder.forming == Candle(
        symbol=SYMBOL, time=START, period_seconds=60, open=1.2, high=1.2, low=1.1, close=1.1, ticks=2, closed=False
    )


def test_nothing_of_a_closed_candle_stays_in_the_next() -> None:
    builder = builder_for(SYMBOL, Chunk(2))

    _, second = fed(builder, [tick(0, 9.0), tick(1, 0.1), tick(2, 1.2), tick(3, 1.3)])

    assert (second.open, second.high, second.low, second.close, second.ticks) == (1.2, 1.3, 1.2, 1.3, 2)


# Chunk.


def test_a_chunk_of_one_closes_with_every_tick() -> None:
    builder = builder_for(SYMBOL, Chunk(1))

    closed = fed(builder, [tick(0), tick(1), tick(2)])

    assert [(candle.ticks, candle.period_seconds) for candle in closed] == [(1, 0.0)] * 3


def test_a_chunk_waits_however_long_it_takes() -> None:
    builder = builder_for(SYMBOL, Chunk(2))

    builder.add(tick(0))

    assert builder.due is None
    assert builder.close_until(START + 1e6) == ()
    assert builder.add(tick(1e6))[0].ticks == 2


# Timed.


def test_a_timed_window_includes_the_tick_that_closes_it() -> None:
    builder = builder_for(SYMBOL, Timed(5))

    (candle,) = fed(builder, [tick(1, 1.0), tick(5.999, 1.1), tick(6, 1.2), tick(6.5, 1.3)])

    assert (candle.time - START, candle.period_seconds, candle.close, candle.ticks) == (1, 5, 1.2, 3)


def test_the_next_timed_window_opens_with_the_next_tick() -> None:
    builder = builder_for(SYMBOL, Timed(5))

    fed(builder, [tick(0), tick(5)])
    between = builder.forming
    builder.add(tick(8))

    assert between is None
    assert builder.forming is not None
    assert builder.forming.time == START + 8


def test_a_timed_window_is_never_due() -> None:
    builder = builder_for(SYMBOL, Timed(5))

    builder.add(tick(0))

    assert builder.due is None
    assert builder.close_until(START + 100) == ()


@pytest.mark.parametrize("milliseconds_before", range(0, 1000, 7))
def test_rounding_of_times_does_not_hold_a_window_open(milliseconds_before: int) -> None:
    begin = milliseconds_before / 1000
    builder = builder_for(SYMBOL, Timed(0.7))

    assert fed(builder, [tick(begin), tick((milliseconds_before + 699) / 1000)]) == []
    assert len(builder.add(tick((milliseconds_before + 700) / 1000))) == 1


def test_the_tick_that_opens_a_window_never_closes_it() -> None:
    builder = builder_for(SYMBOL, Timed(1e-9))

    closed = fed(builder, [tick(0, 1.0), tick(0, 1.1), tick(1, 1.2)])

    assert [candle.ticks for candle in closed] == [3]


# TimeAligned.


def test_a_tick_past_the_boundary_closes_the_candle_and_opens_the_next() -> None:
    builder = builder_for(SYMBOL, TimeAligned(60))

    (candle,) = fed(builder, [tick(10, 1.0), tick(59.999, 1.1), tick(61, 1.2)])

    assert (candle.time, candle.period_seconds, candle.close, candle.ticks) == (START, 60, 1.1, 2)
    assert builder.forming is not None
    assert (builder.forming.time, builder.forming.open) == (START + 60, 1.2)


def test_a_tick_at_the_boundary_belongs_to_the_next_candle() -> None:
    builder = builder_for(SYMBOL, TimeAligned(60))

    (candle,) = fed(builder, [tick(0), tick(60)])

    assert (candle.time, candle.ticks) == (START, 1)


def test_a_gap_has_no_candles() -> None:
    builder = builder_for(SYMBOL, TimeAligned(60))

    closed = fed(builder, [tick(10), tick(610), tick(670)])

    assert [candle.time - START for candle in closed] == [0, 600]


def test_only_the_first_aligned_candle_is_incomplete() -> None:
    builder = builder_for(SYMBOL, TimeAligned(60))

    builder.add(tick(0))
    first = builder.forming
    closed = fed(builder, [tick(60), tick(200), tick(240)])

    assert first is not None
    assert not first.complete
    assert [candle.complete for candle in closed] == [False, True, True]
    assert builder.forming is not None
    assert builder.forming.complete


@pytest.mark.parametrize("aggregation", [Chunk(2), Timed(1)], ids=repr)
def test_windows_that_ticks_open_are_complete(aggregation: Aggregation) -> None:
    closed = fed(builder_for(SYMBOL, aggregation), [tick(0), tick(1), tick(2), tick(3)])

    assert [candle.complete for candle in closed] == [True, True]


def test_an_aligned_candle_is_due_at_its_end() -> None:
    builder = builder_for(SYMBOL, TimeAligned(60))

    builder.add(tick(10))

    assert builder.due == START + 60


def test_an_aligned_candle_stays_open_until_it_is_due() -> None:
    builder = builder_for(SYMBOL, TimeAligned(60))
    builder.add(tick(10))

    assert builder.close_until(START + 59.999) == ()
    assert builder.forming is not None


def test_time_closes_a_candle_that_is_due_once() -> None:
    builder = builder_for(SYMBOL, TimeAligned(60))
    builder.add(tick(10))

    (candle,) = builder.close_until(START + 60)

    assert (candle.time, candle.closed, candle.ticks) == (START, True, 1)
    assert (builder.forming, builder.due, builder.close_until(START + 500)) == (None, None, ())


def test_a_candle_closed_by_time_is_what_a_tick_would_have_closed() -> None:
    by_time, by_tick = (builder_for(SYMBOL, TimeAligned(60)) for _ in range(2))
    for builder in (by_time, by_tick):
        fed(builder, [tick(10, 1.2), tick(20, 1.1)])

    assert by_time.close_until(START + 75) == by_tick.add(tick(75))


def test_a_candle_after_one_closed_by_time_is_complete() -> None:
    builder = builder_for(SYMBOL, TimeAligned(60))
    builder.add(tick(10))
    builder.close_until(START + 60)

    builder.add(tick(70))

    assert builder.forming is not None
    assert builder.forming.complete


# Ticks that are left out.


@pytest.mark.parametrize("aggregation", [Chunk(5), Timed(30), TimeAligned(60)], ids=repr)
def test_a_tick_older_than_the_last_is_late(aggregation: Aggregation) -> None:
    builder = builder_for(SYMBOL, aggregation)
    fed(builder, [tick(10, 1.0), tick(20, 1.1)])
    before = builder.forming

    assert builder.add(tick(19.999, 9.0)) == ()
    assert (builder.forming, builder.late, builder.duplicates) == (before, 1, 0)


@pytest.mark.parametrize("aggregation", [Chunk(5), Timed(30), TimeAligned(60)], ids=repr)
def test_a_repeated_tick_is_a_duplicate(aggregation: Aggregation) -> None:
    builder = builder_for(SYMBOL, aggregation)
    fed(builder, [tick(10, 1.0), tick(20, 1.1)])
    before = builder.forming

    assert builder.add(tick(20, 1.1)) == ()
    assert (builder.forming, builder.late, builder.duplicates) == (before, 0, 1)


def test_another_price_at_the_same_time_counts() -> None:
    builder = builder_for(SYMBOL, Chunk(5))

    fed(builder, [tick(10, 1.0), tick(10, 1.1)])

    assert builder.forming is not None
    assert (builder.forming.ticks, builder.forming.close) == (2, 1.1)


def test_a_tick_of_the_chunk_just_closed_is_a_duplicate() -> None:
    builder = builder_for(SYMBOL, Chunk(2))

    fed(builder, [tick(0), tick(1), tick(1)])

    assert (builder.forming, builder.duplicates) == (None, 1)


def test_a_tick_for_a_candle_that_time_closed_is_late() -> None:
    builder = builder_for(SYMBOL, TimeAligned(60))
    builder.add(tick(10))
    builder.close_until(START + 90)

    assert builder.add(tick(59.9)) == ()
    assert (builder.forming, builder.late) == (None, 1)


def test_a_tick_delayed_past_the_timer_opens_its_own_candle() -> None:
    builder = builder_for(SYMBOL, TimeAligned(60))
    builder.add(tick(10, 1.0))
    builder.close_until(START + 90)

    builder.add(tick(60, 1.0))

    assert builder.forming is not None
    assert (builder.forming.time, builder.late, builder.duplicates) == (START + 60, 0, 0)


def test_a_replay_of_what_was_seen_changes_nothing() -> None:
    seen = [tick(10, 1.0), tick(20, 1.1), tick(70, 1.2), tick(80, 1.3)]
    builder = builder_for(SYMBOL, TimeAligned(60))
    fed(builder, seen)
    before = builder.forming

    assert fed(builder, seen) == []
    assert (builder.forming, builder.late, builder.duplicates) == (before, 3, 1)


# What holds for all streams.


@given(st.one_of(chunks, timed, aligned), st.one_of(forward_streams(), any_order_streams))
def test_every_tick_is_in_one_candle_or_counted_out(aggregation: Aggregation, ticks: list[Tick]) -> None:
    outcome = run(aggregation, ticks)

    in_candles = sum(candle.ticks for candle in outcome.candles)
    assert in_candles == len(outcome.taken)
    assert in_candles + outcome.builder.late + outcome.builder.duplicates == len(ticks)


@given(st.one_of(chunks, timed, aligned), any_order_streams)
def test_exactly_the_ticks_that_look_back_are_left_out(aggregation: Aggregation, ticks: list[Tick]) -> None:
    expected: list[Tick] = []
    for each in ticks:
        if not expected or each.time > expected[-1].time or (each.time == expected[-1].time and each != expected[-1]):
            expected.append(each)

    assert run(aggregation, ticks).taken == expected


@given(st.one_of(chunks, timed, aligned), st.one_of(forward_streams(), any_order_streams))
def test_each_candle_is_first_highest_lowest_and_last(aggregation: Aggregation, ticks: list[Tick]) -> None:
    outcome = run(aggregation, ticks)

    for candle, share in zip(outcome.candles, outcome.shares, strict=True):
        of_share = [each.price for each in share]
        assert (candle.open, candle.close) == (of_share[0], of_share[-1])
        assert (candle.high, candle.low) == (max(of_share), min(of_share))


@given(chunks, forward_streams())
def test_a_chunk_has_exactly_its_number_of_ticks(chunk: Chunk, ticks: list[Tick]) -> None:
    outcome = run(chunk, ticks)

    assert all(candle.ticks == chunk.ticks for candle in outcome.closed)
    assert len(outcome.closed) == len(outcome.taken) // chunk.ticks
    for candle, share in zip(outcome.candles, outcome.shares, strict=True):
        assert (candle.time, candle.period_seconds) == (share[0].time, share[-1].time - share[0].time)


@given(timed, forward_streams())
@example(Timed(0.7), [tick(0.066), tick(0.766)])
def test_a_timed_window_ends_with_its_first_tick_a_period_later(window: Timed, ticks: list[Tick]) -> None:
    outcome = run(window, ticks)
    period = round(window.seconds * 1000)

    for candle, share in zip(outcome.candles, outcome.shares, strict=True):
        *inside, last = [round((each.time - candle.time) * 1000) for each in share]
        assert candle.time == share[0].time
        assert all(elapsed < period for elapsed in inside)
        assert (last >= period) == candle.closed


@given(aligned, forward_streams())
def test_aligned_candles_hold_the_ticks_of_their_period(window: TimeAligned, ticks: list[Tick]) -> None:
    outcome = run(window, ticks)

    for candle, share in zip(outcome.candles, outcome.shares, strict=True):
        assert candle.time % window.seconds == 0
        assert {boundary_before(each.time, window.seconds) for each in share} == {candle.time}


@given(st.one_of(chunks, timed, aligned), forward_streams())
def test_only_periods_with_ticks_have_candles_in_order(aggregation: Aggregation, ticks: list[Tick]) -> None:
    candles = run(aggregation, ticks).candles

    assert all(candle.ticks >= 1 for candle in candles)
    assert [candle.time for candle in candles] == sorted(candle.time for candle in candles)


@given(aligned, forward_streams(), st.data())
def test_a_timer_changes_when_candles_close_but_not_what_is_in_them(
    window: TimeAligned, ticks: list[Tick], data: st.DataObject
) -> None:
    builder = builder_for(SYMBOL, window)
    closed: list[Candle] = []
    for each in ticks:
        if builder.due is not None and builder.due <= each.time and data.draw(st.booleans()):
            closed += builder.close_until(builder.due)
        closed += builder.add(each)

    undisturbed = run(window, ticks)
    assert (closed, builder.forming) == (undisturbed.closed, undisturbed.forming)


@pytest.mark.parametrize("aggregation", [Chunk(2), Timed(5.0), TimeAligned(5)])
def test_an_interruption_leaves_no_candle_complete_until_one_begins_after_it(
    aggregation: Chunk | Timed | TimeAligned,
) -> None:
    builder = builder_for(SYMBOL, aggregation)
    times = [10.0 + second for second in range(60)]
    flags: list[tuple[float, bool]] = []
    for time in times:
        if time == 21.0:
            builder.interrupt()
        if time == 41.0:
            builder.resume()
        closed = builder.add(Tick(SYMBOL, time, 1.0 + time / 1000, time))
        flags += [(candle.time, candle.complete) for candle in closed]

    begun_between = [complete for begun, complete in flags if 21.0 <= begun <= 40.0]
    begun_after = [complete for begun, complete in flags if begun > 45.0]
    assert begun_between
    assert not any(begun_between)
    assert begun_after
    assert all(begun_after)

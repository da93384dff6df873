"""Covers actors.api.get_candles."""

from functools import partial
from math import inf, nan
from typing import Any

import pytest
from msgspec.structs import replace

from actors.api.get_candles import GetCandlesActor, GetCandlesMemory
from actors.future import Future
from messages.account import ServerTimeMeasured
from messages.base import Incarnation
from messages.errors import ConnectionLost, DeadlineExceeded, NotConnected, UnknownAsset, UsageError
from messages.market import Candle, Candles, GetCandles, GetTicks, PeriodReported, Symbol, Tick
from messages.session import SessionLost, SessionState
from tests.actors.api.samples import listed
from tests.actors.stage import Stage

NAME = "GetCandles"
EURO = Symbol("EURUSD_otc")
POUND = Symbol("GBPUSD_otc")
NOW = 1_700_000_000.0
END = 1_699_999_980.0
"""The last full minute before NOW."""


@pytest.fixture
def candles(stage: Stage) -> Stage:
    stage.start(NAME, partial(GetCandlesActor, memory=GetCandlesMemory()))
    stage.make_ready()
    return stage


def query(count: int = 3, end: float | None = END, symbol: Symbol = EURO) -> GetCandles:
    return GetCandles(symbol=symbol, period_seconds=60, count=count, end=end)


def candle(minute: int, close: float = 1.0, period_seconds: float = 60) -> Candle:
    """The candle that begins so many minutes after END, mostly before it."""
    return Candle(
        symbol=EURO, time=END + minute * 60, period_seconds=period_seconds, open=1.0, high=2.0, low=0.5, close=close
    )


def page(index: int, *minutes: int) -> PeriodReported:
    return PeriodReported(symbol=EURO, index=index, ticks=(), candles=tuple(candle(minute) for minute in minutes))


def indexes(stage: Stage) -> list[int]:
    return [request["index"] for request in stage.requests("loadHistoryPeriod")]


def minutes(answer: Future[Any]) -> list[float]:
    reply = answer.get()
    assert isinstance(reply, Candles)
    return [(each.time - END) / 60 for each in reply.candles]


class Archive:
    """A platform that has candles of this many minutes before END, and gives ``size`` of them at a time.

    In the ``pause`` there was no market.
    """

    def __init__(self, stage: Stage, *, kept: int, size: int, pause: range = range(0)) -> None:
        self._stage, self._kept, self._size, self._pause = stage, kept, size, pause
        self.pages = 0

    def serve(self) -> None:
        """Answer until nothing more is asked."""
        while self.pages < len(self._stage.requests("loadHistoryPeriod")):
            self.serve_one(self._size)

    def serve_one(self, size: int) -> None:
        """Answer the next request, with a page of this size."""
        request = self._stage.requests("loadHistoryPeriod")[self.pages]
        self.pages += 1
        last = int(request["time"] - 7200 - END) // 60
        first = max(-self._kept, last - request["offset"] // 60)
        minutes = [minute for minute in range(first, last) if minute not in self._pause]
        self._stage.publish(page(request["index"], *(minutes[-size:] if size else ())))


def test_one_page_is_asked_for_in_the_platforms_time(candles: Stage) -> None:
    candles.ask(NAME, query())

    (request,) = candles.requests("loadHistoryPeriod")
    assert request == {"asset": EURO, "index": request["index"], "time": END + 7200, "offset": 240, "period": 60}


def test_a_measured_offset_is_used_also_after_a_crash(candles: Stage) -> None:
    candles.publish(ServerTimeMeasured(offset_seconds=3600.0, skew_seconds=0.0))
    candles.crash(NAME)

    candles.ask(NAME, query())

    assert candles.requests("loadHistoryPeriod")[0]["time"] == END + 3600


@pytest.mark.parametrize("end", [None, NOW + 3600, 1e300, inf])
def test_without_an_end_or_with_a_later_one_the_end_is_now(candles: Stage, end: float | None) -> None:
    candles.ask(NAME, query(end=end))

    assert candles.requests("loadHistoryPeriod")[0]["time"] == NOW + 7200


def test_the_last_candles_of_a_page_are_the_answer(candles: Stage) -> None:
    answer = candles.ask(NAME, query(count=2))

    candles.publish(page(indexes(candles)[0], -4, -3, -2, -1))

    assert minutes(answer) == [-2, -1]


@pytest.mark.parametrize("size", [1, 2, 7, 150, 1000])
def test_pages_of_any_size_give_the_count_asked_for(candles: Stage, size: int) -> None:
    answer = candles.ask(NAME, query(count=20))

    Archive(candles, kept=5000, size=size).serve()

    assert minutes(answer) == list(range(-20, 0))


def test_no_page_is_asked_for_that_is_not_needed(candles: Stage) -> None:
    archive = Archive(candles, kept=5000, size=150)
    candles.ask(NAME, query(count=300))

    archive.serve()

    assert archive.pages == 2


def test_paging_ends_where_the_archive_does(candles: Stage) -> None:
    answer = candles.ask(NAME, query(count=100))

    Archive(candles, kept=15, size=10).serve()

    assert minutes(answer) == list(range(-15, 0))


def test_an_empty_archive_is_no_error(candles: Stage) -> None:
    answer = candles.ask(NAME, query())

    Archive(candles, kept=0, size=150).serve()

    assert minutes(answer) == []


def test_a_weekend_is_paged_over(candles: Stage) -> None:
    answer = candles.ask(NAME, query(count=3))

    archive = Archive(candles, kept=5000, size=150, pause=range(-2 * 1440, -1))
    archive.serve()

    assert minutes(answer) == [-2882, -2881, -1]
    assert archive.pages < 10


def test_candles_since_a_time_are_paged_until_there_and_no_further(candles: Stage) -> None:
    answer = candles.ask(NAME, GetCandles(symbol=EURO, period_seconds=60, since=END - 600, end=END))

    Archive(candles, kept=5000, size=4).serve()

    assert minutes(answer) == list(range(-10, 0))
    assert answer.get().since == END - 600


def test_who_has_given_up_is_not_paged_for(candles: Stage) -> None:
    answer = candles.ask(NAME, query(count=1000))
    answer.set_exception(DeadlineExceeded("it", 1.0))

    candles.publish(page(indexes(candles)[0], -1))

    assert len(indexes(candles)) == 1


def test_paging_ends_when_the_time_of_the_query_is_over(candles: Stage) -> None:
    candles.ask(NAME, replace(query(count=1000), within_seconds=5.0))

    candles.advance(4.0)
    candles.publish(page(indexes(candles)[0], -1))
    candles.advance(2.0)
    candles.publish(page(indexes(candles)[1], -2))

    assert len(indexes(candles)) == 2


def test_a_candle_that_was_not_over_when_its_page_was_asked_for_is_neither_closed_nor_complete(candles: Stage) -> None:
    answer = candles.ask(NAME, query(count=2, end=None))

    candles.advance(9.0)
    candles.publish(page(indexes(candles)[0], -1, 0))

    assert [(each.closed, each.complete) for each in answer.get().candles] == [(True, True), (False, False)]


def ticks_page(index: int, *seconds: float) -> PeriodReported:
    """Ticks so many seconds after END."""
    ticks = tuple(Tick(EURO, END + each, 1.0 + each / 1e4, END + 7200 + each) for each in seconds)
    return PeriodReported(symbol=EURO, index=index, ticks=ticks, candles=())


def seconds(answer: Future[Any]) -> list[float]:
    return [tick.time - END for tick in answer.get().ticks]


def test_ticks_are_asked_for_with_a_period_of_0(candles: Stage) -> None:
    candles.ask(NAME, GetTicks(symbol=EURO, since=END - 100, end=END))

    (request,) = candles.requests("loadHistoryPeriod")
    assert request == {"asset": EURO, "index": request["index"], "time": END + 7201, "offset": 105, "period": 0}


def test_ticks_are_paged_until_one_before_the_beginning_is_there(candles: Stage) -> None:
    answer = candles.ask(NAME, GetTicks(symbol=EURO, since=END - 4, end=END))

    candles.publish(ticks_page(indexes(candles)[0], -2, -1))
    candles.publish(ticks_page(indexes(candles)[1], -5, -4, -3, -2))

    assert seconds(answer) == [-4, -3, -2, -1]
    assert answer.get().since == END - 4


def test_ticks_of_one_time_and_another_price_are_all_kept(candles: Stage) -> None:
    answer = candles.ask(NAME, GetTicks(symbol=EURO, since=END - 4, end=END))

    twins = tuple(Tick(EURO, END - 2, price, END + 7198) for price in (1.1, 1.2, 1.1))
    index = indexes(candles)[0]
    candles.publish(PeriodReported(symbol=EURO, index=index, ticks=twins, candles=()))
    candles.publish(ticks_page(indexes(candles)[1], -9))

    assert [tick.price for tick in answer.get().ticks] == [1.1, 1.2]


def test_an_archive_that_begins_later_says_from_when_on_its_ticks_are_all_there(candles: Stage) -> None:
    answer = candles.ask(NAME, GetTicks(symbol=EURO, since=END - 100, end=END))

    for _ in range(2):
        candles.publish(ticks_page(indexes(candles)[-1], -9, -8))

    assert answer.get().since == END - 9


def test_a_stretch_without_ticks_is_skipped(candles: Stage) -> None:
    answer = candles.ask(NAME, GetTicks(symbol=EURO, since=END - 5000, end=END))

    candles.publish(ticks_page(indexes(candles)[0]))
    candles.publish(ticks_page(indexes(candles)[1], -5001, -4000))

    assert seconds(answer) == [-4000]


@pytest.mark.parametrize(
    ("since", "end"), [(END, END), (END - 8 * 86_400, END), (nan, None), (-inf, None), (inf, None)]
)
def test_ticks_that_cannot_be_are_refused_unsent(candles: Stage, since: float, end: float | None) -> None:
    answer = candles.ask(NAME, GetTicks(symbol=EURO, since=since, end=end))

    assert candles.sent == []
    with pytest.raises(UsageError):
        answer.get()


def test_a_platform_that_repeats_its_page_is_not_asked_a_third_time(candles: Stage) -> None:
    answer = candles.ask(NAME, query(count=100))

    for _ in range(2):
        candles.publish(page(indexes(candles)[-1], -3, -2, -1))

    assert minutes(answer) == [-3, -2, -1]
    assert len(indexes(candles)) == 2


def test_pages_that_overlap_repeat_no_candle(candles: Stage) -> None:
    answer = candles.ask(NAME, query(count=5))

    candles.publish(page(indexes(candles)[0], -3, -2, -1))
    candles.publish(page(indexes(candles)[1], -5, -4, -3, -2))

    assert minutes(answer) == [-5, -4, -3, -2, -1]


def test_candles_that_begin_at_the_end_or_later_are_left_out(candles: Stage) -> None:
    answer = candles.ask(NAME, query(count=2))

    candles.publish(page(indexes(candles)[0], -2, -1, 0, 1))

    assert minutes(answer) == [-2, -1]


def test_the_period_is_the_one_asked_for_where_the_page_has_none(candles: Stage) -> None:
    answer = candles.ask(NAME, query(count=1))

    bare = candle(-1, period_seconds=0)
    candles.publish(PeriodReported(symbol=EURO, index=indexes(candles)[0], ticks=(), candles=(bare,)))

    assert answer.get().candles == (candle(-1),)


@pytest.mark.parametrize(("end", "last", "closed"), [(END, -1, True), (None, 0, False)])
def test_only_a_candle_that_is_not_over_is_open(candles: Stage, end: float | None, last: int, *, closed: bool) -> None:
    answer = candles.ask(NAME, query(count=2, end=end))

    candles.publish(page(indexes(candles)[0], last - 1, last))

    assert [each.closed for each in answer.get().candles] == [True, closed]


def test_after_a_full_page_several_are_asked_for_at_once(candles: Stage) -> None:
    candles.ask(NAME, query(count=1000))
    first = len(indexes(candles))

    candles.publish(page(indexes(candles)[0], *range(-150, 0)))

    requests = candles.requests("loadHistoryPeriod")
    assert first == 1
    assert [(END + 7200 - request["time"]) / 60 for request in requests] == [0, 150, 300, 450, 600, 750, 900]
    assert requests[-1]["offset"] == 101 * 60


def test_after_a_page_that_may_not_be_full_one_is_asked_for(candles: Stage) -> None:
    candles.ask(NAME, query(count=1000))

    candles.publish(page(indexes(candles)[0], *range(-149, 0)))

    assert len(indexes(candles)) == 2


def test_of_a_long_past_eight_pages_are_asked_for_at_once(candles: Stage) -> None:
    candles.ask(NAME, query(count=10_000))

    candles.publish(page(indexes(candles)[0], *range(-150, 0)))

    assert len(indexes(candles)) == 1 + 8


@pytest.mark.parametrize("order", [1, -1])
def test_pages_asked_for_at_once_may_come_in_any_order(candles: Stage, order: int) -> None:
    answer = candles.ask(NAME, query(count=450))
    candles.publish(page(indexes(candles)[0], *range(-150, 0)))
    second, third = indexes(candles)[1:]

    candles.publish(*(page(second, *range(-300, -150)), page(third, *range(-450, -300)))[::order])

    assert minutes(answer) == list(range(-450, 0))
    assert len(indexes(candles)) == 3


@pytest.mark.parametrize("sizes", [(150, 100, 150), (150, 1, 150), (200, 150, 10)])
def test_gaps_between_pages_are_asked_for(candles: Stage, sizes: tuple[int, ...]) -> None:
    answer = candles.ask(NAME, query(count=700))
    archive = Archive(candles, kept=5000, size=150)

    for size in sizes:  # afterwards pages are as long as the first ones
        archive.serve_one(size)
    archive.serve()

    assert minutes(answer) == list(range(-700, 0))


def test_a_short_archive_ends_what_was_asked_for_at_once(candles: Stage) -> None:
    answer = candles.ask(NAME, query(count=1000))

    Archive(candles, kept=400, size=150).serve()

    assert minutes(answer) == list(range(-400, 0))


def test_a_pause_within_pages_asked_for_at_once_is_paged_over(candles: Stage) -> None:
    answer = candles.ask(NAME, query(count=1000))

    Archive(candles, kept=10_000, size=150, pause=range(-2 * 1440, -400)).serve()

    assert minutes(answer) == [*range(-2880 - 600, -2880), *range(-400, 0)]


@pytest.mark.parametrize("since", [400, 1000, 5000])
def test_ticks_asked_for_at_once_are_all_there_and_none_twice(candles: Stage, since: int) -> None:
    answer = candles.ask(NAME, GetTicks(symbol=EURO, since=END - since, end=END))

    served = 0
    while served < len(requests := candles.requests("loadHistoryPeriod")):
        last = int(requests[served]["time"] - 7200 - END)
        candles.publish(ticks_page(requests[served]["index"], *range(last - 150, last)))
        served += 1

    assert seconds(answer) == list(range(-since, 1))
    assert served <= since // 149 + 2


def test_a_query_that_has_ended_asks_for_nothing_and_ends_once(candles: Stage) -> None:
    answer = candles.ask(NAME, query(count=1000))
    candles.publish(page(indexes(candles)[0], *range(-150, 0)))

    candles.advance(10.1)
    asked = indexes(candles)
    candles.publish(*(page(index, -1000) for index in asked))

    with pytest.raises(DeadlineExceeded, match="Candles of"):
        answer.get()
    assert indexes(candles) == asked


def test_pages_asked_for_at_once_survive_a_crash(candles: Stage) -> None:
    answer = candles.ask(NAME, query(count=450))
    candles.publish(page(indexes(candles)[0], *range(-150, 0)))
    second, third = indexes(candles)[1:]

    candles.publish(page(third, *range(-450, -300)))
    candles.crash(NAME)
    candles.publish(page(second, *range(-300, -150)))

    assert minutes(answer) == list(range(-450, 0))


def test_requests_at_once_are_told_apart_by_their_index(candles: Stage) -> None:
    euros = candles.ask(NAME, query(count=1))
    pounds = candles.ask(NAME, query(count=1, symbol=POUND))
    first, second = indexes(candles)

    candles.publish(page(second, -1), page(first, -1))

    assert (euros.get().symbol, pounds.get().symbol) == (EURO, POUND)


def test_a_page_that_nobody_asked_for_changes_nothing(candles: Stage) -> None:
    answer = candles.ask(NAME, query(count=1))

    candles.publish(page(indexes(candles)[0] + 1, -9))

    assert not answer.done


def test_a_page_that_comes_twice_counts_once(candles: Stage) -> None:
    answer = candles.ask(NAME, query(count=4))
    first = page(indexes(candles)[0], -2, -1)

    candles.publish(first, first)

    assert not answer.done
    assert len(indexes(candles)) == 2


@pytest.mark.parametrize("state", [SessionState.IDLE, SessionState.CONNECTING, SessionState.HELD])
def test_without_a_session_nothing_is_sent(candles: Stage, state: SessionState) -> None:
    candles.set_session(state)

    answer = candles.ask(NAME, query())

    assert candles.sent == []
    with pytest.raises(NotConnected, match=state.value):
        answer.get()


def test_a_lost_session_ends_the_requests_that_were_sent_on_it(candles: Stage) -> None:
    answer = candles.ask(NAME, query())

    candles.lose_session(ConnectionLost("pulled"))

    with pytest.raises(ConnectionLost, match="pulled"):
        answer.get()


def test_the_loss_of_an_older_session_ends_nothing(candles: Stage) -> None:
    candles.make_ready(2)
    answer = candles.ask(NAME, query())

    candles.publish(SessionLost(incarnation=Incarnation(1), error=ConnectionLost("pulled")))

    assert not answer.done


def test_a_session_lost_between_pages_ends_the_request(candles: Stage) -> None:
    answer = candles.ask(NAME, query(count=10))

    candles.set_session(SessionState.BACKING_OFF)
    candles.publish(page(indexes(candles)[0], -1))

    with pytest.raises(NotConnected):
        answer.get()


def test_a_page_that_does_not_come_ends_the_request(candles: Stage) -> None:
    answer = candles.ask(NAME, query())

    candles.advance(9.9)
    was_done = answer.done
    candles.advance(0.2)

    assert not was_done
    with pytest.raises(DeadlineExceeded, match=f"Candles of {EURO}"):
        answer.get()


def test_each_page_has_a_deadline_of_its_own(candles: Stage) -> None:
    answer = candles.ask(NAME, query(count=2))

    candles.advance(9.0)
    candles.publish(page(indexes(candles)[0], -1))
    candles.advance(9.0)

    assert not answer.done


def test_a_request_in_flight_survives_a_crash(candles: Stage) -> None:
    answer = candles.ask(NAME, query(count=1))

    candles.crash(NAME)
    candles.publish(page(indexes(candles)[0], -1))

    assert minutes(answer) == [-1]


def test_the_deadline_survives_a_crash(candles: Stage) -> None:
    answer = candles.ask(NAME, query())

    candles.crash(NAME)
    candles.advance(11.0)

    with pytest.raises(DeadlineExceeded, match="Candles of"):
        answer.get()


@pytest.mark.parametrize(("count", "period_seconds"), [(0, 60), (-1, 60), (1, 0), (1, -60), (1, 10**30)])
def test_what_makes_no_sense_is_refused_unsent(candles: Stage, count: int, period_seconds: int) -> None:
    answer = candles.ask(NAME, GetCandles(symbol=EURO, period_seconds=period_seconds, count=count))

    assert candles.sent == []
    with pytest.raises(UsageError):
        answer.get()


def test_an_unknown_asset_is_refused_unsent_with_those_like_it_even_after_a_crash(candles: Stage) -> None:
    candles.publish(listed(EURO, POUND))
    candles.crash(NAME)

    answer = candles.ask(NAME, query(symbol=Symbol("eurusd")))

    assert candles.sent == []
    assert answer.done
    with pytest.raises(UnknownAsset, match=EURO):
        answer.get()


def test_a_known_asset_is_asked_for(candles: Stage) -> None:
    candles.publish(listed(EURO, POUND))

    candles.ask(NAME, query(symbol=POUND))

    assert [request["asset"] for request in candles.requests("loadHistoryPeriod")] == [POUND]


@pytest.mark.parametrize("end", [-inf, nan, -1.0])
def test_an_end_that_is_no_time_is_refused_unsent(candles: Stage, end: float) -> None:
    answer = candles.ask(NAME, query(end=end))

    assert candles.sent == []
    with pytest.raises(UsageError):
        answer.get()

"""Covers actors.candles.live: when the past is asked for, how often, and what is said."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from msgspec.structs import replace

from actors.candles.following import Following, LiveMemory
from actors.candles.live import FILL_SECONDS, GRACE_SECONDS, SILENCE_SECONDS, LiveCandlesActor
from messages.account import ServerTimeMeasured
from messages.base import AddressName, Reply, RequestFailed, RequestId
from messages.errors import BusError, DeadlineExceeded, NotConnected, UnknownAsset
from messages.market import (
    Aggregation,
    Candle,
    CandleClosed,
    Candles,
    CandlesMissing,
    CandlesRefilled,
    Direct,
    GetCandles,
    GetTicks,
    LiveCandlesChanged,
    StreamStale,
    Subscribe,
    Subscribed,
    Symbol,
    Tick,
    Ticks,
    TicksReceived,
    TimeAligned,
)
from tests.actors.stage import Stage

EURO = Symbol("EURUSD_otc")
NAME = "LiveCandles"
MINUTE = 1_699_999_980.0
"""The last full minute before the stage's clock begins, 20 s earlier."""


MINUTES = TimeAligned(60)


class Scene:
    """A live chart, at 20 s after a full minute; ``asked`` are its questions about the past."""

    def __init__(self, stage: Stage, *, aggregation: Aggregation = MINUTES, history: int = 2) -> None:
        self.stage = stage
        self.archive = stage.probe("GetCandles")
        self.subscriptions = stage.probe("Subscriptions")
        self.follower = stage.probe("Follower")
        self.events = stage.probe("Events", CandlesMissing, CandlesRefilled)
        following = Following(
            symbol=EURO,
            aggregation=aggregation,
            follower=AddressName("Follower"),
            history=history,
            shows_forming=isinstance(aggregation, TimeAligned),
        )
        stage.system.routes.homes[EURO] = 0
        stage.make_ready()
        stage.start(NAME, partial(LiveCandlesActor, following=following, memory=LiveMemory()))

    @property
    def asked(self) -> list[GetTicks | GetCandles]:
        return [each for each in self.archive.messages if isinstance(each, GetTicks | GetCandles)]

    @property
    def items(self) -> list[LiveCandlesChanged]:
        return self.follower.of(LiveCandlesChanged)

    def confirm(self) -> None:
        self.stage.tell(NAME, Subscribed(request_id=RequestId(0), symbol=EURO))

    def tick(self, *seconds: float) -> None:
        """Ticks so many seconds after MINUTE stream."""
        self.stage.tell(NAME, TicksReceived(symbol=EURO, ticks=tuple(map(tick, seconds))))

    def answer(self, *seconds: float, since: float = 0.0) -> None:
        """The latest question is answered with these ticks."""
        ticks = tuple(map(tick, seconds))
        self.tell(Ticks(request_id=RequestId(0), symbol=EURO, ticks=ticks, since=since))

    def fail(self, error: BusError) -> None:
        self.tell(RequestFailed(request_id=RequestId(0), error=error))

    def tell(self, reply: Reply) -> None:
        self.stage.tell(NAME, replace(reply, request_id=self.asked[-1].request_id))

    def begin(self) -> None:
        """Let the chart be live, the last tick 20 s after MINUTE."""
        self.confirm()
        self.tick(20)
        self.answer(-119.5, -60, 0, 20)

    def lose(self) -> None:
        """Let the connection be lost, and another one be ready."""
        self.stage.lose_session()
        self.stage.make_ready(self.stage.system.session.incarnation + 1)


def tick(seconds: float) -> Tick:
    return Tick(EURO, MINUTE + seconds, 1 + seconds / 1e4, MINUTE + 7200 + seconds)


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage()
    yield stage
    stage.close()


@pytest.fixture
def scene(stage: Stage) -> Scene:
    return Scene(stage)


def closed(item: LiveCandlesChanged) -> list[tuple[float, bool]]:
    return [(candle.time - MINUTE, candle.complete) for candle in item.closed]


def test_the_asset_is_subscribed_first(scene: Scene) -> None:
    (command,) = scene.subscriptions.of(Subscribe)

    assert (command.symbol, command.aggregation, command.deliver_to) == (EURO, Direct(), NAME)
    assert scene.asked == []


def test_the_past_is_asked_for_at_the_first_tick(scene: Scene) -> None:
    scene.confirm()
    scene.tick(20)
    scene.tick(20.3)

    (query,) = scene.asked
    assert isinstance(query, GetTicks)
    assert query.since == pytest.approx(MINUTE - 120, abs=0.01)


def test_a_silent_asset_is_asked_for_without_a_tick(scene: Scene) -> None:
    scene.confirm()
    scene.stage.advance(SILENCE_SECONDS - 0.1)
    before = list(scene.asked)
    scene.stage.advance(0.2)

    assert (len(before), len(scene.asked)) == (0, 1)


def test_the_first_item_is_the_history_with_what_streamed_meanwhile(scene: Scene) -> None:
    scene.confirm()
    scene.tick(20)
    scene.tick(21)
    scene.answer(-119.5, -60, 0, 20)

    (item,) = scene.items
    assert closed(item) == [(-120, True), (-60, True)]
    assert item.forming is not None
    assert (item.forming.time, item.forming.ticks, item.forming.complete) == (MINUTE, 3, True)


def test_of_an_archive_that_begins_later_the_first_candle_is_incomplete(scene: Scene) -> None:
    scene.confirm()
    scene.tick(20)
    scene.answer(-110, -60, 0, since=MINUTE - 110)

    assert closed(scene.items[0]) == [(-120, False), (-60, True)]
    assert scene.items[0].missing == ()


def test_a_tick_goes_straight_through(scene: Scene) -> None:
    scene.begin()
    scene.tick(61)

    assert closed(scene.items[-1]) == [(0, True)]
    assert scene.items[-1].forming is not None


def test_a_lost_connection_is_refilled_and_says_so(scene: Scene) -> None:
    scene.begin()
    scene.lose()
    scene.tick(50)
    scene.answer(20, 30, 40, 50)
    scene.tick(60)

    assert isinstance(scene.asked[-1], GetTicks)
    assert scene.asked[-1].since == pytest.approx(MINUTE + 20, abs=0.01)
    assert closed(scene.items[-1]) == [(0, True)]
    (event,) = scene.events.messages
    assert isinstance(event, CandlesRefilled)
    assert event.start == MINUTE + 20


def test_nothing_is_passed_on_while_something_is_missing(scene: Scene) -> None:
    scene.begin()
    before = len(scene.items)
    scene.lose()
    scene.tick(70)

    assert len(scene.items) == before


def test_an_answer_that_does_not_show_the_last_tick_seen_leaves_a_gap(scene: Scene) -> None:
    scene.begin()
    scene.lose()
    scene.tick(50)
    scene.answer(40, 50)
    scene.tick(60)

    assert scene.events.messages == [
        CandlesMissing(symbol=EURO, aggregation=TimeAligned(60), start=MINUTE + 20, end=MINUTE + 40)
    ]
    assert [item.missing for item in scene.items if item.missing] == [((MINUTE + 20, MINUTE + 40),)]
    assert closed(scene.items[-1]) == [(0, False)]


def test_the_past_is_asked_for_three_times_before_it_is_given_up(scene: Scene) -> None:
    scene.begin()
    scene.lose()
    scene.tick(50)
    for _ in range(3):
        scene.fail(DeadlineExceeded("a page", 10))
        scene.tick(51)
        scene.stage.advance(3)

    assert len(scene.asked) == 1 + 3
    assert [(item.missing, item.forming and item.forming.complete) for item in scene.items[-1:]] == [
        (((MINUTE + 20, MINUTE + 50),), False)
    ]


def test_a_question_without_any_answer_is_asked_again(scene: Scene) -> None:
    scene.begin()
    scene.lose()
    scene.tick(50)
    scene.stage.advance(FILL_SECONDS + 2)

    assert len(scene.asked) == 1 + 2


def test_a_gap_that_is_given_up_ends_with_the_first_tick(scene: Scene) -> None:
    scene.begin()
    scene.lose()
    scene.stage.advance(SILENCE_SECONDS)
    scene.fail(UnknownAsset(EURO))
    before = list(scene.events.messages)
    scene.tick(55)

    assert before == []
    assert scene.items[-1].missing == ((MINUTE + 20, MINUTE + 55),)


def test_without_a_session_it_is_tried_again_as_often_as_it_takes(scene: Scene) -> None:
    scene.begin()
    scene.lose()
    scene.tick(50)
    for _ in range(9):
        scene.fail(NotConnected("backing off"))
        scene.stage.advance(1)
    scene.answer(20, 50)

    assert scene.events.of(CandlesMissing) == []


def test_what_was_asked_before_a_loss_is_no_answer_after_it(scene: Scene) -> None:
    scene.begin()
    scene.lose()
    scene.tick(50)
    old = scene.asked[-1].request_id
    scene.lose()
    scene.stage.tell(NAME, Ticks(request_id=old, symbol=EURO, ticks=(tick(20), tick(50)), since=0.0))
    scene.tick(60)

    assert scene.asked[-1].request_id != old
    assert scene.events.messages == []


def test_what_a_crash_has_cost_is_fetched(scene: Scene) -> None:
    scene.begin()
    scene.stage.crash(NAME)
    scene.confirm()
    scene.tick(50)
    scene.answer(20, 35, 50)
    scene.tick(60)

    assert closed(scene.items[-1]) == [(0, True)]
    assert len(scene.events.of(CandlesRefilled)) == 1


def test_after_a_silence_it_is_asked_whether_there_was_one(scene: Scene) -> None:
    scene.begin()
    scene.stage.publish(StreamStale(symbol=EURO, silent_seconds=10.0))
    scene.tick(50)
    scene.answer(20, 35, 50)

    assert scene.items[-1].forming is not None
    assert scene.items[-1].forming.ticks == 4


def test_the_silence_of_another_asset_is_nothing(scene: Scene) -> None:
    scene.begin()
    scene.stage.publish(StreamStale(symbol=Symbol("GBPUSD_otc"), silent_seconds=10.0))
    scene.tick(50)

    assert len(scene.asked) == 1


def test_a_boundary_without_a_tick_is_closed_at_the_platforms_word(scene: Scene) -> None:
    scene.begin()
    scene.stage.advance(40 + GRACE_SECONDS + 0.1)
    assert len(scene.asked) == 2
    before = len(scene.items)
    scene.answer(20, 58)

    assert closed(scene.items[before]) == [(0, True)]
    assert scene.items[before].closed[0].ticks == 3
    assert scene.items[before].forming is None
    assert scene.events.messages == []


def test_another_offset_of_the_platforms_clock_is_a_new_beginning(scene: Scene) -> None:
    scene.stage.publish(ServerTimeMeasured(offset_seconds=7200.0, skew_seconds=0.0))
    scene.begin()
    scene.stage.publish(ServerTimeMeasured(offset_seconds=3600.0, skew_seconds=0.0))
    scene.tick(30)
    scene.answer(-119, -60, 0, 30)

    assert closed(scene.items[-1]) == [(-120, True), (-60, True)]


def test_ticks_lost_in_ones_own_mailbox_are_fetched(scene: Scene) -> None:
    scene.begin()
    scene.stage.system.address(AddressName(NAME)).mailbox.dropped += 1
    scene.tick(30)

    assert len(scene.asked) == 2


def test_a_long_past_is_fetched_as_candles_and_ticks(stage: Stage) -> None:
    scene = Scene(stage, history=60)
    scene.confirm()
    scene.tick(20)
    ticks, candles = scene.asked
    assert isinstance(candles, GetCandles)
    assert (candles.period_seconds, candles.since, candles.end) == (60, MINUTE - 3600, MINUTE)
    parts = tuple(part(minute * 60) for minute in range(-60, 0))
    scene.tell(Candles(request_id=RequestId(0), symbol=EURO, candles=parts, since=MINUTE - 3600))
    before = list(scene.items)
    answer = Ticks(request_id=ticks.request_id, symbol=EURO, ticks=(tick(0), tick(20)), since=0.0)
    scene.stage.tell(NAME, answer)

    assert before == []
    assert closed(scene.items[0]) == [(minute * 60, True) for minute in range(-60, 0)]


def part(seconds: float) -> Candle:
    return Candle(symbol=EURO, time=MINUTE + seconds, period_seconds=60, open=1.0, high=2.0, low=0.5, close=1.5)


def test_a_follower_of_ticks_gets_them_all_once(stage: Stage) -> None:
    scene = Scene(stage, aggregation=Direct())
    scene.begin()
    scene.tick(21)
    scene.lose()
    scene.tick(24)
    scene.answer(21, 22, 23, 24)

    told: list[Any] = [each.time - MINUTE for event in scene.follower.of(TicksReceived) for each in event.ticks]
    assert told == [-119.5, -60, 0, 20, 21, 22, 23, 24]
    assert scene.follower.of(CandleClosed) == []

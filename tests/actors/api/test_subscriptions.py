"""Covers actors.api.subscriptions."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from actors.api.subscriptions import SubscriptionsActor, WantedSubscriptions, aggregator_name, similar
from actors.future import Future
from actors.line import SessionView
from actors.router import RouterActor
from messages.account import ServerTimeMeasured
from messages.base import NOBODY, AddressName, Done, Incarnation
from messages.errors import (
    BusError,
    InvalidAggregation,
    SubscriptionLimitReached,
    UnknownAddress,
    UnknownAsset,
)
from messages.market import (
    Aggregation,
    CandleClosed,
    Chunk,
    Direct,
    GetSubscriptions,
    HistoryReported,
    StreamResumed,
    StreamStale,
    Subscribe,
    Subscribed,
    Symbol,
    TicksReceived,
    TimeAligned,
    Timed,
    Unsubscribe,
)
from messages.session import (
    Frame,
    FrameBatch,
    RestoreSession,
    SendFrame,
    SessionRestored,
    SessionState,
    SessionStateChanged,
)
from messages.supervision import StartChild, StopChild, StopSystem
from supervisor.supervisor import SupervisorActor
from tests.actors.api.samples import EURO, NOW, POUND, YEN, listed
from tests.actors.stage import Probe, Stage

NAME = "Subscriptions"
LIMIT = 2
TICKS = Direct()
STREAM = AddressName("Stream-1")
OTHER = AddressName("Stream-2")


@pytest.fixture
def market(stage: Stage) -> Stage:
    stage.start("Router", RouterActor)
    stage.start(NAME, partial(SubscriptionsActor, wanted=WantedSubscriptions(), limit=LIMIT))
    stage.probe(STREAM)
    stage.probe(OTHER)
    stage.make_ready()
    return stage


@pytest.fixture
def supervised(market: Stage) -> Iterator[Stage]:
    """The same with a supervisor that does start and stop aggregators."""
    market.start("Supervisor", partial(SupervisorActor, specs=()))
    yield market
    market.tell("Supervisor", StopSystem())


def subscribe(
    stage: Stage, symbol: Symbol = EURO, aggregation: Aggregation = TICKS, to: AddressName = STREAM
) -> Future[Any]:
    return stage.ask(NAME, Subscribe(symbol=symbol, aggregation=aggregation, deliver_to=to))


def unsubscribe(
    stage: Stage, symbol: Symbol = EURO, aggregation: Aggregation | None = None, to: AddressName = NOBODY
) -> Future[Any]:
    return stage.ask(NAME, Unsubscribe(symbol=symbol, aggregation=aggregation, deliver_to=to))


def history(symbol: Symbol = EURO) -> HistoryReported:
    return HistoryReported(symbol=symbol, period_seconds=60, ticks=(), candles=())


def tick(stage: Stage, symbol: Symbol = EURO, *, seconds: float = 0.0) -> None:
    """Let the platform stream a tick of this asset, so many seconds from the beginning."""
    payload = f'[["{symbol}",{NOW + 7200 + seconds},1.1]]'.encode()
    frames = (Frame("updateStream", payload, b""),)
    stage.tell("Router", FrameBatch(incarnation=stage.system.session.incarnation, received=NOW, frames=frames))


def heard(stage: Stage, name: AddressName = STREAM) -> list[Symbol]:
    """The assets whose ticks were told to a stream, in order."""
    return [event.symbol for event in _probe(stage, name).of(TicksReceived)]


def candles(stage: Stage, name: AddressName = STREAM) -> list[Aggregation]:
    """The aggregations whose candles were told to a stream, in order."""
    return [event.aggregation for event in _probe(stage, name).of(CandleClosed)]


def _probe(stage: Stage, name: AddressName) -> Probe:
    probe = stage.system.directory.get(name)
    assert isinstance(probe, Probe)
    return probe


def asked(stage: Stage) -> list[str]:
    """The assets that the platform was asked for on the present connection."""
    shown = [request["asset"] for request in stage.requests("changeSymbol")]
    assert stage.requests("subfor") == shown
    return shown


def wanted(stage: Stage) -> list[tuple[Symbol, Aggregation]]:
    return list(stage.ask(NAME, GetSubscriptions()).get().wanted)


def aggregators(stage: Stage) -> list[str]:
    """The aggregators that live."""
    addresses = stage.system.directory.addresses()
    return [address.name for address in addresses if "Candles" in address.name and address.vitals.state == "running"]


# Asking, and being confirmed.


def test_a_subscription_shows_the_asset_and_lets_its_ticks_stream(market: Stage) -> None:
    subscribe(market)

    assert market.sent == ['42["changeSymbol",{"asset":"EURUSD_otc","period":60}]', '42["subfor","EURUSD_otc"]']


@pytest.mark.parametrize(
    ("aggregation", "period"),
    [(Direct(), 60), (Chunk(5), 60), (Timed(5.0), 60), (TimeAligned(5), 5), (TimeAligned(300), 300)],
    ids=repr,
)
def test_an_aligned_period_is_asked_for_as_it_is(market: Stage, aggregation: Aggregation, period: int) -> None:
    subscribe(market, EURO, aggregation)

    assert [request["period"] for request in market.requests("changeSymbol")] == [period]


def test_the_shortest_of_several_periods_is_asked_for(market: Stage) -> None:
    market.set_session(SessionState.BACKING_OFF)
    for aggregation in (TimeAligned(300), TimeAligned(15), TimeAligned(60), Direct()):
        subscribe(market, EURO, aggregation)
    subscribe(market, POUND, TimeAligned(5))

    market.restore(NAME, 2)

    assert [request["period"] for request in market.requests("changeSymbol")] == [15, 5]


def test_the_history_of_an_asset_confirms_its_subscriptions(market: Stage) -> None:
    answers = [subscribe(market), subscribe(market, EURO, Chunk(5), OTHER)]
    done_before = [answer.done for answer in answers]

    market.publish(history())

    assert done_before == [False, False]
    assert [type(answer.get()) for answer in answers] == [Subscribed, Subscribed]
    assert answers[0].get().symbol == EURO


@pytest.mark.parametrize("aggregation", [Direct(), Chunk(5)], ids=repr)
def test_the_first_tick_of_an_asset_confirms_it_as_well(market: Stage, aggregation: Aggregation) -> None:
    answer = subscribe(market, EURO, aggregation)

    tick(market)

    assert answer.get().symbol == EURO


def test_a_sign_of_another_asset_confirms_nothing(market: Stage) -> None:
    answer = subscribe(market)

    market.publish(history(POUND), history(YEN))
    tick(market, POUND)

    assert not answer.done


def test_who_subscribes_to_what_streams_is_confirmed_at_once(market: Stage) -> None:
    subscribe(market)
    market.publish(history())

    answer = subscribe(market, EURO, Chunk(5), OTHER)

    assert answer.done
    assert asked(market) == [EURO]


def test_once_confirmed_ticks_go_to_the_listener_alone(market: Stage) -> None:
    subscribe(market)
    tick(market)
    handled = market.system.address(AddressName(NAME)).vitals.handled

    tick(market, seconds=1)

    assert heard(market) == [EURO, EURO]
    assert market.system.address(AddressName(NAME)).vitals.handled == handled


def test_ticks_go_to_whoever_wants_their_asset(market: Stage) -> None:
    subscribe(market, EURO, to=STREAM)
    subscribe(market, POUND, to=STREAM)
    subscribe(market, POUND, to=OTHER)

    for symbol in (EURO, POUND, YEN):
        tick(market, symbol)

    assert heard(market) == [EURO, POUND]
    assert heard(market, OTHER) == [POUND]


# Who may not.


def test_one_asset_more_than_the_limit_is_refused(market: Stage) -> None:
    subscribe(market, EURO)
    subscribe(market, POUND)

    answer = subscribe(market, YEN)

    with pytest.raises(SubscriptionLimitReached, match="asset 3 of 2") as caught:
        answer.get()
    assert caught.value.subscribed == (EURO, POUND)
    assert asked(market) == [EURO, POUND]
    assert wanted(market) == [(EURO, Direct()), (POUND, Direct())]


def test_the_limit_counts_assets_not_subscriptions(market: Stage) -> None:
    for aggregation in (Direct(), Chunk(1), Chunk(2), Timed(1.0)):
        subscribe(market, EURO, aggregation)

    subscribe(market, POUND)

    assert asked(market) == [EURO, POUND]


def test_an_asset_that_is_given_up_makes_room(market: Stage) -> None:
    subscribe(market, EURO)
    subscribe(market, POUND)

    unsubscribe(market, EURO)
    subscribe(market, YEN)

    assert asked(market) == [EURO, POUND, YEN]


@pytest.mark.parametrize(
    ("command", "error"),
    [
        (Subscribe(symbol=Symbol("eurusd"), aggregation=Direct(), deliver_to=STREAM), UnknownAsset),
        (Subscribe(symbol=EURO, aggregation=Chunk(0), deliver_to=STREAM), InvalidAggregation),
        (Subscribe(symbol=EURO, aggregation=Timed(0.0), deliver_to=STREAM), InvalidAggregation),
        (Subscribe(symbol=EURO, aggregation=TimeAligned(7), deliver_to=STREAM), InvalidAggregation),
        (Subscribe(symbol=EURO, aggregation=Direct(), deliver_to=AddressName("Nobody")), UnknownAddress),
    ],
    ids=["asset", "chunk", "timed", "aligned", "listener"],
)
def test_what_cannot_be_subscribed_leaves_nothing_behind(
    market: Stage, command: Subscribe, error: type[BusError]
) -> None:
    market.publish(listed(EURO))

    answer = market.ask(NAME, command)

    with pytest.raises(error):
        answer.get()
    assert wanted(market) == []
    assert (market.sent, market.supervisor.messages, market.system.routes.ticks) == ([], [], {})


def test_an_unknown_asset_is_refused_with_those_like_it_even_after_a_crash(market: Stage) -> None:
    market.publish(listed(EURO, POUND))
    market.crash(NAME)

    with pytest.raises(UnknownAsset, match="Did you mean EURUSD_otc"):
        subscribe(market, Symbol("eurusd")).get()


# Connections.


@pytest.mark.parametrize("state", [state for state in SessionState if state.value not in ("ready", "restoring")])
def test_what_is_wanted_without_a_connection_is_asked_for_on_the_next(market: Stage, state: SessionState) -> None:
    market.set_session(state)
    answer = subscribe(market)
    sent_before, done_before = market.sent, answer.done

    market.restore(NAME, 2)
    market.publish(history())

    assert (sent_before, done_before) == ([], False)
    assert asked(market) == [EURO]
    assert answer.done


def test_each_new_connection_is_asked_once_for_everything(market: Stage) -> None:
    subscribe(market, EURO)
    subscribe(market, EURO, Chunk(5))
    subscribe(market, POUND)

    for incarnation in (2, 3):
        market.lose_session()
        restored = [market.restore(NAME, incarnation) for _ in range(2)]
        market.make_ready(incarnation)
        market.publish(history(EURO))
        tick(market, POUND)
        subscribe(market, EURO, to=OTHER)

        assert asked(market) == [EURO, POUND]
        assert [type(answer.get()) for answer in restored] == [SessionRestored, SessionRestored]
        assert restored[0].get().incarnation == incarnation


def test_what_is_wanted_just_before_the_restoration_is_asked_for_once(market: Stage) -> None:
    market.set_session(SessionState.RESTORING, 2)
    subscribe(market)

    market.restore(NAME, 2)

    assert asked(market) == [EURO]


def test_a_session_without_subscriptions_is_restored_at_once(market: Stage) -> None:
    restored = market.restore(NAME, 2)

    assert restored.done
    assert market.sent == []


def test_ticks_flow_again_after_a_reconnect(market: Stage) -> None:
    subscribe(market)
    tick(market)
    market.lose_session()

    market.restore(NAME, 2)
    tick(market, seconds=5)

    assert heard(market) == [EURO, EURO]


def test_a_late_word_of_the_connection_before_confirms_nothing_on_the_next(market: Stage) -> None:
    subscribe(market)
    market.lose_session()
    market.set_session(SessionState.RESTORING, 2)

    market.publish(history())
    answer = subscribe(market, EURO, Chunk(5))

    assert not answer.done
    assert asked(market) == [EURO]


# Assets that turn out not to exist.


def test_an_asset_that_turns_out_not_to_exist_ends_its_subscriptions(market: Stage) -> None:
    market.set_session(SessionState.AUTHENTICATING)
    missing = [subscribe(market, YEN), subscribe(market, YEN, Chunk(5), OTHER)]
    found = subscribe(market, EURO)

    market.publish(listed(EURO))
    restored = market.restore(NAME, 1)
    market.publish(history(EURO))

    for answer in missing:
        with pytest.raises(UnknownAsset, match=YEN):
            answer.get()
    assert asked(market) == [EURO]
    assert wanted(market) == [(EURO, Direct())]
    assert list(market.system.routes.ticks) == [EURO]
    assert [stop.name for stop in market.supervisor.of(StopChild)] == [aggregator_name(YEN, Chunk(5))]
    assert isinstance(found.get(), Subscribed)
    assert isinstance(restored.get(), SessionRestored)


def test_an_asset_that_has_streamed_exists_whatever_a_list_leaves_out(market: Stage) -> None:
    subscribe(market)
    tick(market)
    market.lose_session()

    market.publish(listed(POUND))
    market.restore(NAME, 2)
    tick(market, seconds=5)

    assert asked(market) == [EURO]
    assert heard(market) == [EURO, EURO]


def test_while_the_assets_are_not_known_everything_is_asked_for(market: Stage) -> None:
    market.set_session(SessionState.AUTHENTICATING)
    subscribe(market, Symbol("nothing"))

    market.restore(NAME, 1)

    assert asked(market) == ["nothing"]


# Crashing.


def test_what_is_wanted_survives_a_crash_and_is_not_asked_for_again(market: Stage) -> None:
    subscribe(market, EURO)
    subscribe(market, POUND, Chunk(5))

    market.crash(NAME)
    market.restore(NAME, 1)
    asked_before = asked(market)
    market.restore(NAME, 2)

    assert wanted(market) == [(EURO, Direct()), (POUND, Chunk(5))]
    assert asked_before == [EURO, POUND]
    assert asked(market) == [EURO, POUND]


@pytest.mark.parametrize("sign", ["history", "tick"])
def test_who_waits_is_confirmed_even_after_a_crash(market: Stage, sign: str) -> None:
    answer = subscribe(market)

    market.crash(NAME)
    if sign == "tick":
        tick(market)
    else:
        market.publish(history())

    assert answer.done


def test_ticks_flow_while_nobody_keeps_the_subscriptions(market: Stage) -> None:
    subscribe(market)
    market.publish(history())

    market.crash(NAME, lambda: tick(market))

    assert heard(market) == [EURO]


def test_what_was_wanted_before_a_crash_can_be_ended_after_it(market: Stage) -> None:
    subscribe(market)
    market.crash(NAME)

    unsubscribe(market, to=STREAM)
    tick(market)

    assert wanted(market) == []
    assert heard(market) == []


# Unsubscribing.


def test_the_last_listener_to_go_ends_the_stream(market: Stage) -> None:
    subscribe(market)
    subscribe(market, to=OTHER)

    first = unsubscribe(market, EURO, Direct(), STREAM)
    ended_before = market.requests("unsubfor")
    tick(market)
    second = unsubscribe(market, EURO, Direct(), OTHER)
    tick(market, seconds=1)

    assert isinstance(first.get(), Done)
    assert isinstance(second.get(), Done)
    assert ended_before == []
    assert market.requests("unsubfor") == [EURO]
    assert (heard(market), heard(market, OTHER)) == ([], [EURO])


def test_one_aggregation_ends_and_the_others_stay(market: Stage) -> None:
    for aggregation in (Direct(), Chunk(5), Chunk(6)):
        subscribe(market, EURO, aggregation)

    unsubscribe(market, EURO, Chunk(5), STREAM)

    assert wanted(market) == [(EURO, Direct()), (EURO, Chunk(6))]
    assert market.requests("unsubfor") == []


def test_everything_of_one_listener_ends_and_the_others_stay(market: Stage) -> None:
    for aggregation in (Direct(), Chunk(5)):
        subscribe(market, EURO, aggregation)
    subscribe(market, EURO, Chunk(5), OTHER)
    subscribe(market, POUND)

    unsubscribe(market, EURO, to=STREAM)
    tick(market, EURO)
    tick(market, POUND)

    assert wanted(market) == [(EURO, Chunk(5)), (POUND, Direct())]
    assert heard(market) == [POUND]


def test_everything_of_an_asset_ends_for_everybody(market: Stage) -> None:
    for aggregation in (Direct(), Chunk(5), TimeAligned(60)):
        subscribe(market, EURO, aggregation, STREAM)
        subscribe(market, EURO, aggregation, OTHER)
    subscribe(market, POUND)

    unsubscribe(market, EURO)

    assert wanted(market) == [(POUND, Direct())]
    assert market.requests("unsubfor") == [EURO]
    assert EURO not in market.system.routes.ticks


def test_what_nobody_subscribed_can_be_ended_without_an_error(market: Stage) -> None:
    subscribe(market, POUND)

    assert isinstance(unsubscribe(market, EURO).get(), Done)
    assert isinstance(unsubscribe(market, POUND, to=OTHER).get(), Done)
    assert market.requests("unsubfor") == []


def test_what_ends_without_a_connection_is_not_asked_for_on_the_next(market: Stage) -> None:
    subscribe(market)
    market.lose_session()

    unsubscribe(market)
    market.restore(NAME, 2)

    assert market.sent == []


def test_what_has_ended_can_be_subscribed_anew(market: Stage) -> None:
    subscribe(market)
    market.publish(history())
    unsubscribe(market)

    answer = subscribe(market)
    done_before = answer.done
    market.publish(history())

    assert asked(market) == [EURO, EURO]
    assert not done_before
    assert answer.done


def test_who_has_left_is_not_confirmed_any_more(market: Stage) -> None:
    left, stayed = subscribe(market), subscribe(market, to=OTHER)

    unsubscribe(market, to=STREAM)
    market.publish(history())

    assert (left.done, stayed.done) == (False, True)


# Aggregators.


def test_an_aggregation_is_the_supervisors_child(market: Stage) -> None:
    subscribe(market, EURO, Chunk(5))

    (start,) = market.supervisor.of(StartChild)
    assert start.name == "Candles-EURUSD_otc-Chunk(5)"


def test_an_aggregator_gets_the_ticks_that_came_before_it_had_begun(market: Stage) -> None:
    subscribe(market, EURO, Chunk(2))
    tick(market)
    (start,) = market.supervisor.of(StartChild)

    market.start(start.name, start.factory)
    tick(market, seconds=1)

    assert candles(market) == [Chunk(2)]


def test_equal_aggregations_share_one_aggregator(supervised: Stage) -> None:
    subscribe(supervised, EURO, Chunk(2), STREAM)
    subscribe(supervised, EURO, Chunk(2), OTHER)

    tick(supervised)
    tick(supervised, seconds=1)

    assert aggregators(supervised) == [aggregator_name(EURO, Chunk(2))]
    assert (candles(supervised), candles(supervised, OTHER)) == ([Chunk(2)], [Chunk(2)])


def test_other_assets_and_aggregations_have_aggregators_of_their_own(supervised: Stage) -> None:
    subscribe(supervised, EURO, Chunk(1))
    subscribe(supervised, EURO, Chunk(2))
    subscribe(supervised, POUND, Chunk(1), OTHER)

    for seconds in (0, 1):
        tick(supervised, EURO, seconds=seconds)

    assert len(aggregators(supervised)) == 3
    assert sorted(candles(supervised), key=repr) == [Chunk(1), Chunk(1), Chunk(2)]
    assert candles(supervised, OTHER) == []


def test_an_aggregator_ends_with_its_last_listener(supervised: Stage) -> None:
    subscribe(supervised, EURO, Chunk(1), STREAM)
    subscribe(supervised, EURO, Chunk(1), OTHER)

    unsubscribe(supervised, EURO, Chunk(1), STREAM)
    left = aggregators(supervised)
    tick(supervised)
    unsubscribe(supervised, EURO, Chunk(1), OTHER)
    tick(supervised, seconds=1)

    assert left == [aggregator_name(EURO, Chunk(1))]
    assert aggregators(supervised) == []
    assert (candles(supervised), candles(supervised, OTHER)) == ([], [Chunk(1)])


def test_an_aggregator_that_ended_can_be_had_again(supervised: Stage) -> None:
    subscribe(supervised, EURO, Chunk(1))
    unsubscribe(supervised)

    subscribe(supervised, EURO, Chunk(1))
    tick(supervised)

    assert candles(supervised) == [Chunk(1)]


def test_a_reconnect_leaves_the_aggregators_alone(supervised: Stage) -> None:
    subscribe(supervised, EURO, Chunk(2))
    tick(supervised)
    supervised.lose_session()

    supervised.restore(NAME, 2)
    tick(supervised, seconds=5)

    assert candles(supervised) == [Chunk(2)]


AGGREGATIONS = (
    Chunk(5),
    Chunk(1_000_000),
    Chunk(1_000_001),
    Timed(5.0),
    Timed(0.1),
    Timed(43_200.25),
    Timed(43_200.26),
    TimeAligned(5),
    TimeAligned(86_400),
)


def test_aggregators_of_different_candles_have_different_names() -> None:
    names = {aggregator_name(symbol, aggregation) for symbol in (EURO, POUND) for aggregation in AGGREGATIONS}

    assert len(names) == 2 * len(AGGREGATIONS)


@pytest.mark.parametrize(
    ("aggregation", "equal"),
    [
        (Chunk(5), Chunk(5.0)),  # type: ignore[arg-type]
        (Timed(5), Timed(5.0)),
        (TimeAligned(60), TimeAligned(60.0)),  # type: ignore[arg-type]
    ],
    ids=repr,
)
def test_aggregators_of_equal_candles_have_the_same_name(aggregation: Aggregation, equal: Aggregation) -> None:
    assert aggregator_name(EURO, aggregation) == aggregator_name(EURO, equal)


def test_every_tick_has_no_aggregator() -> None:
    with pytest.raises(InvalidAggregation):
        aggregator_name(EURO, Direct())


# What somebody may have meant.


@pytest.mark.parametrize(
    ("written", "meant"),
    [("eurusd_otc", (EURO, POUND)), ("EURUSD", (EURO,)), ("GBPUSD-OTC", (POUND, EURO)), ("#AAPL", ())],
)
def test_symbols_like_the_one_written_are_found(written: str, meant: tuple[Symbol, ...]) -> None:
    assert similar(Symbol(written), frozenset((EURO, POUND))) == meant


# Silence.


def told(probe: Probe) -> list[tuple[type, Symbol, float]]:
    events = [event for event in probe.messages if isinstance(event, StreamStale | StreamResumed)]
    return [(type(event), event.symbol, event.silent_seconds) for event in events]


@pytest.fixture
def listener(market: Stage) -> Probe:
    return market.probe("Listener", StreamStale, StreamResumed)


def test_an_asset_without_ticks_is_stale_until_there_are_some(market: Stage, listener: Probe) -> None:
    subscribe(market)
    tick(market)
    market.advance(11.0)
    assert told(listener) == [(StreamStale, EURO, 11.0)]
    assert market.ask(NAME, GetSubscriptions()).get().stale == (EURO,)

    tick(market, seconds=12.0)
    market.advance(3.0)

    assert told(listener)[1:] == [(StreamResumed, EURO, 12.0)]
    assert market.ask(NAME, GetSubscriptions()).get().stale == ()


def test_an_asset_on_a_lost_connection_is_stale(market: Stage, listener: Probe) -> None:
    subscribe(market)
    tick(market)

    market.lose_session()
    market.advance(11.0)

    assert told(listener) == [(StreamStale, EURO, 11.0)]


def test_silence_is_measured_on_the_platforms_clock(market: Stage, listener: Probe) -> None:
    """Ours is 30 s behind, so that ticks seem to come from the future."""
    market.publish(ServerTimeMeasured(offset_seconds=7200.0, skew_seconds=30.0))
    subscribe(market)
    tick(market, seconds=30.0)

    market.advance(10.0)
    assert listener.messages == []

    market.advance(1.0)
    assert told(listener) == [(StreamStale, EURO, 11.0)]


def test_what_is_not_wanted_any_more_is_not_stale(market: Stage, listener: Probe) -> None:
    subscribe(market)
    market.advance(5.0)
    unsubscribe(market)

    market.advance(60.0)

    assert listener.messages == []


def test_nobody_looks_while_nothing_is_wanted(market: Stage) -> None:
    subscribe(market)
    unsubscribe(market)
    market.advance(2.0)
    handled = market.system.address(AddressName(NAME)).vitals.handled

    market.advance(60.0)

    assert market.system.address(AddressName(NAME)).vitals.handled == handled


def test_somebody_looks_once_a_second_however_much_is_wanted(market: Stage) -> None:
    subscribe(market)
    subscribe(market, POUND)
    handled = market.system.address(AddressName(NAME)).vitals.handled

    market.advance(60.0)

    assert market.system.address(AddressName(NAME)).vitals.handled == handled + 60


def test_silence_is_noticed_even_after_a_crash(market: Stage, listener: Probe) -> None:
    subscribe(market)
    tick(market)
    market.advance(5.0)

    market.crash(NAME)
    market.advance(6.0)

    assert told(listener) == [(StreamStale, EURO, 11.0)]


# Lines.


@pytest.fixture
def lines() -> Iterator[Stage]:
    """Two lines with room for one asset each; EURO is on line 0, POUND on line 1."""
    stage = Stage(connections=2)
    stage.probe("Connection-1")
    stage.probe(STREAM)
    stage.start(NAME, partial(SubscriptionsActor, wanted=WantedSubscriptions(), limit=1))
    for line in stage.system.lines:
        line.session = SessionView(Incarnation(1), SessionState.READY)
    subscribe(stage, EURO)
    subscribe(stage, POUND)
    yield stage
    stage.close()


def frames(stage: Stage, line: int) -> list[str | bytes]:
    """What was sent on a line."""
    return [frame.data for frame in _probe(stage, stage.system.lines[line].connection).of(SendFrame)]


def test_each_asset_is_asked_for_on_its_own_line(lines: Stage) -> None:
    assert [EURO in str(frame) for frame in frames(lines, 0)] == [True, True]
    assert [POUND in str(frame) for frame in frames(lines, 1)] == [True, True]


def test_a_line_that_is_restored_is_asked_for_its_own_assets(lines: Stage) -> None:
    lines.system.lines[1].session = SessionView(Incarnation(2), SessionState.RESTORING)

    reply = lines.ask(NAME, RestoreSession(incarnation=Incarnation(2), line=1)).get()

    assert isinstance(reply, SessionRestored)
    assert [len(frames(lines, line)) for line in (0, 1)] == [2, 4]


def test_aggregators_hear_of_the_line_of_their_asset(lines: Stage) -> None:
    subscribe(lines, EURO, Chunk(5))
    subscribe(lines, POUND, Chunk(5))

    assert [(EURO in start.name, start.line) for start in lines.supervisor.of(StartChild)] == [(True, 0), (False, 1)]


def test_an_asset_that_moves_takes_its_aggregators_with_it(lines: Stage) -> None:
    subscribe(lines, POUND, Chunk(5))
    unsubscribe(lines, EURO)
    name = aggregator_name(POUND, Chunk(5))

    lines.system.lines[1].has_given_up = True
    changed = SessionStateChanged(incarnation=Incarnation(1), before=SessionState.READY, state=SessionState.REJECTED)
    lines.tell(NAME, changed)

    *_, stopped, started = lines.supervisor.messages
    assert isinstance(stopped, StopChild)
    assert isinstance(started, StartChild)
    assert (stopped.name, started.name, started.line) == (name, name, 0)
    assert POUND in str(frames(lines, 0)[-1])


def test_a_line_that_gave_up_unnoticed_is_left_after_a_crash(lines: Stage) -> None:
    unsubscribe(lines, EURO)

    lines.crash(NAME, meanwhile=lambda: setattr(lines.system.lines[1], "has_given_up", True))

    assert POUND in str(frames(lines, 0)[-1])

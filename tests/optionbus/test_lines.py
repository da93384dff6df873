"""Covers several connections of one account: actors.line, and what the tree makes of it."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest

from actors import router
from actors.api.keep_alive import PERIOD_SECONDS
from actors.base import Actor
from actors.inlet import ConnectionInlet
from actors.rules import Rule
from messages.account import BalanceChanged, BalanceReported
from messages.base import AddressName, Event, Message
from messages.errors import ConfigInvalid, ConnectionLost, SubscriptionLimitReached
from messages.market import AssetsReported, Candle, StreamResumed, StreamStale, Symbol, Tick, TimeAligned
from messages.session import SessionLost, SessionReady, SessionState, SessionStateChanged
from messages.trading import (
    ClosedDealsReported,
    DealClosed,
    DealOpened,
    DealsSettled,
    OpenedDealsReported,
    PendingReported,
    TradeAccepted,
)
from messages.wire.commands import subscribe_for
from messages.wire.payloads import DECODERS
from optionbus.client import PocketOption
from optionbus.simulated import SimulatedTransport
from optionbus.testing import Probe, SteppedRuntime
from simulator.assets import LISTINGS
from simulator.broker import Refusal
from supervisor.settings import ReconnectSettings, Settings

CONNECTIONS, LIMIT = 3, 4
SYMBOLS = tuple(symbol for symbol in LISTINGS if symbol.endswith("_otc"))[: CONNECTIONS * LIMIT + 1]
*TWELVE, THIRTEENTH = SYMBOLS


class Lines:
    """A client with three connections and its broker, on one virtual clock, READY."""

    def __init__(self, **options: Any) -> None:
        self.runtime = SteppedRuntime(1)
        options = {"connections": CONNECTIONS, **options}
        self.client = PocketOption.simulated(seed=1, runtime=self.runtime, **options)
        simulation = self.client.simulation
        assert simulation is not None
        assert isinstance(simulation.transport, SimulatedTransport)
        self.broker, self.network = simulation.broker, simulation.transport
        self.system = self.client._edge.system
        self.sent: list[tuple[str, str | bytes]] = []
        self._note_what_is_sent()

    def begin(self) -> "Lines":
        """Start it."""
        self.client.start()
        self.client.wait_ready(timeout=10)
        self.runtime.advance(0.5)
        return self

    def listen(self, *events: type[Event], line: int = 0) -> Probe:
        """Somebody who listens on that line."""
        probe = Probe()
        self.system.routes.listen([self.system.lines[line].topic(event) for event in events], probe)
        return probe

    def stream(self) -> "dict[str, list[Tick]]":
        """Twelve assets, and what comes of them."""
        heard: dict[str, list[Tick]] = {}
        for symbol in TWELVE:
            subscription = self.client.subscribe(symbol)
            subscription.confirmed.get()
            heard[symbol] = _collect(subscription._stream)
        return heard

    def cut(self, line: int) -> None:
        """Cut this connection alone."""
        for channel in tuple(self.network._channels.values()):
            if _line_of(channel.inlet) == self.system.lines[line].connection:
                channel.end(ConnectionLost("cut"))
        self.runtime.run_until_idle()

    def on(self, line: int) -> set[str]:
        """The assets of this line."""
        return {symbol for symbol, home in self.system.routes.homes.items() if home == line}

    def states(self) -> list[SessionState]:
        return [line.session.state for line in self.system.lines]

    def _note_what_is_sent(self) -> None:
        feed = self.network.feed

        def noting(name: Any, data: str | bytes) -> None:
            channel = self.network._channels.get(name)
            if channel is not None:
                self.sent.append((_line_of(channel.inlet), data))
            feed(name, data)

        self.network.feed = noting  # type: ignore[method-assign]


def _line_of(inlet: object) -> AddressName:
    assert isinstance(inlet, ConnectionInlet)
    return inlet._connection.name


def _collect(stream: Any) -> list[Tick]:
    ticks: list[Tick] = []
    stream.tell = lambda message: ticks.extend(message.ticks)
    return ticks


@pytest.fixture
def make() -> Iterator[Callable[..., Lines]]:
    made: list[Lines] = []

    def making(**options: Any) -> Lines:
        made.append(Lines(**options))
        return made[-1]

    yield making
    for each in made:
        each.client.stop()


@pytest.fixture
def lines(make: Callable[..., Lines]) -> Lines:
    return make().begin()


# What streams where.


def test_twelve_assets_stream_on_three_connections_and_the_thirteenth_is_refused(lines: Lines) -> None:
    heard = lines.stream()
    refused = lines.client.subscribe(THIRTEENTH).confirmed
    lines.runtime.advance(20.0)

    assert all(len(ticks) > 5 for ticks in heard.values())
    assert [len(lines.on(line)) for line in range(CONNECTIONS)] == [LIMIT] * CONNECTIONS
    with pytest.raises(SubscriptionLimitReached, match="would be asset 13 of 12") as caught:
        refused.get()
    assert caught.value.limit == CONNECTIONS * LIMIT


def test_each_tick_of_the_broker_is_told_once(lines: Lines) -> None:
    heard = lines.stream()
    twice = min(lines.on(1))
    lines.client.send_raw(subscribe_for(Symbol(twice))).get()  # from now on it streams on line 0 as well
    lines.runtime.advance(20.0)

    assert len(heard[twice]) > 5
    assert all(len({tick.time for tick in ticks}) == len(ticks) for ticks in heard.values())


def test_what_is_given_up_makes_room_on_its_own_line(lines: Lines) -> None:
    lines.stream()
    given_up = next(iter(lines.on(2)))

    lines.client.unsubscribe(given_up)
    lines.client.subscribe(THIRTEENTH).confirmed.get()

    assert THIRTEENTH in lines.on(2)
    assert [data for who, data in lines.sent if "unsubfor" in str(data)] == [f'42["unsubfor","{given_up}"]']
    assert lines.sent[-1][0] == "Connection-2"


# A line is lost, and comes back.


def test_a_cut_of_one_line_leaves_the_others_untouched(lines: Lines) -> None:
    heard = lines.stream()
    lines.runtime.advance(5.0)
    told = lines.listen(SessionStateChanged, SessionLost, SessionReady)
    also = lines.listen(SessionStateChanged, SessionLost, SessionReady, line=2)
    there = lines.listen(SessionLost, SessionReady, line=1)
    lives = [line.session.incarnation for line in lines.system.lines]
    before = {symbol: len(ticks) for symbol, ticks in heard.items()}

    lines.cut(1)
    lines.runtime.advance(20.0)

    assert told.messages == also.messages == []
    assert [type(event) for event in there.messages] == [SessionLost, SessionReady]
    assert [line.session.incarnation for line in lines.system.lines] == [lives[0], lives[1] + 1, lives[2]]
    assert lines.states() == [SessionState.READY] * 3
    assert all(len(ticks) > before[symbol] + 5 for symbol, ticks in heard.items())


def test_what_streams_elsewhere_has_no_gap_and_what_was_cut_says_so(lines: Lines) -> None:
    lines.stream()
    candles: dict[str, list[Candle]] = {}
    for symbol in (*lines.on(0), *lines.on(1)):
        subscription = lines.client.subscribe(symbol, TimeAligned(5))
        candles[symbol] = _collect_candles(subscription._stream)
    lines.runtime.advance(12.0)

    lines.cut(1)
    lines.runtime.advance(20.0)

    for symbol, closed in candles.items():
        assert len(closed) >= 5
        holes = [candle for candle in closed[1:] if not candle.complete]
        assert bool(holes) == (symbol in lines.on(1))


def _collect_candles(stream: Any) -> list[Candle]:
    closed: list[Candle] = []
    stream.tell = lambda message: closed.append(message.candle)
    return closed


def test_a_line_that_is_refused_gives_its_assets_to_those_with_room(make: Callable[..., Lines]) -> None:
    lines = make().begin()
    subscriptions = [lines.client.subscribe(symbol) for symbol in TWELVE[:6]]
    for subscription in subscriptions:
        subscription.confirmed.get()
    heard = {subscription.symbol: _collect(subscription._stream) for subscription in subscriptions}
    moved = lines.on(1)

    lines.broker.refusal = Refusal.NOT_AUTHORIZED
    lines.cut(1)
    lines.runtime.advance(5.0)
    lines.broker.refusal = None
    before = {symbol: len(ticks) for symbol, ticks in heard.items()}
    lines.runtime.advance(10.0)

    assert lines.states() == [SessionState.READY, SessionState.REJECTED, SessionState.READY]
    assert lines.on(1) == set()
    assert moved <= lines.on(0) | lines.on(2)
    assert all(len(ticks) > before[symbol] for symbol, ticks in heard.items())
    assert lines.client.is_session_valid
    assert lines.client.errors == 1


def test_what_finds_no_room_waits_for_it(lines: Lines) -> None:
    heard = lines.stream()
    lost = lines.on(1)
    lines.broker.refusal = Refusal.NOT_AUTHORIZED
    lines.cut(1)
    lines.runtime.advance(30.0)
    lines.broker.refusal = None
    before = {symbol: len(ticks) for symbol, ticks in heard.items()}

    lines.client.unsubscribe(next(iter(lines.on(0))))
    lines.runtime.advance(10.0)

    housed = lost & lines.on(0)
    assert len(housed) == 1
    assert all((len(heard[symbol]) > before[symbol]) == (symbol in housed) for symbol in lost)
    with pytest.raises(SubscriptionLimitReached):
        lines.client.subscribe(THIRTEENTH).confirmed.get()


def test_a_line_that_gives_up_costs_the_line_alone(make: Callable[..., Lines]) -> None:
    lines = make(config=Settings(reconnect=ReconnectSettings(max_failures=2))).begin()
    lines.network.is_reachable = False

    lines.cut(2)
    lines.runtime.advance(30.0)

    assert lines.states() == [SessionState.READY, SessionState.READY, SessionState.CLOSED]
    assert lines.system.failed is None
    assert lines.client.errors == 1


def test_the_end_of_line_0_is_the_end_of_all(lines: Lines) -> None:
    lines.broker.refusal = Refusal.NOT_AUTHORIZED

    lines.cut(0)
    lines.runtime.advance(5.0)

    assert lines.states() == [SessionState.REJECTED, SessionState.CLOSED, SessionState.CLOSED]
    assert not lines.client.is_session_valid


# The account.


ACCOUNT = (
    *(BalanceReported, BalanceChanged, AssetsReported, TradeAccepted, DealOpened, DealsSettled, DealClosed),
    *(OpenedDealsReported, ClosedDealsReported, PendingReported),
)


def told_of_a_trade(lines: Lines) -> Counter[str]:
    """How often each event of the account is told, from the login to the end of a deal."""
    told = lines.listen(*ACCOUNT)
    lines.begin()
    lines.client.subscribe(TWELVE[0]).confirmed.get()
    deal = lines.client.buy(TWELVE[0], 10, 5).get()
    lines.client.result(deal.id).get()
    lines.runtime.advance(5.0)
    return Counter(type(event).__name__ for event in told.messages)


def test_what_concerns_the_account_is_told_as_often_as_with_one_connection(make: Callable[..., Lines]) -> None:
    several, one = told_of_a_trade(make()), told_of_a_trade(make(connections=1))

    assert several == one
    assert several["DealClosed"] == several["DealOpened"] == 1


def test_routers_that_dropped_nothing_would_be_noticed(
    make: Callable[..., Lines], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(router, "STREAMING", {"updateStream", *DECODERS})

    several, one = told_of_a_trade(make()), told_of_a_trade(make(connections=1))

    assert several != one


def test_a_rule_sees_the_events_of_the_account_once(make: Callable[..., Lines]) -> None:
    lines = make()
    seen = Probe()
    lines.system.routes.add_rule(Rule.event("updateAssets"), seen)

    lines.begin()

    assert len(seen.messages) == 1


def test_what_a_further_line_drops_is_not_even_decoded(lines: Lines) -> None:
    assert lines.system.lines[0].traffic.payloads_decoded > 0
    assert [line.traffic.payloads_decoded for line in lines.system.lines[1:]] == [0, 0]


def test_orders_go_over_line_0_only(lines: Lines) -> None:
    lines.stream()

    for symbol in TWELVE[::2]:
        lines.client.buy(symbol, 1, 60).get()

    assert Counter(who for who, data in lines.sent if "openOrder" in str(data)) == {"Connection": 6}


# Commands.


@pytest.mark.parametrize(
    ("command", "states"),
    [
        ("disconnect_and_hold", [SessionState.HELD] * CONNECTIONS),
        ("shutdown", [SessionState.CLOSED] * CONNECTIONS),
        ("reconnect", [SessionState.READY] * CONNECTIONS),
        ("disconnect", [SessionState.READY] * CONNECTIONS),
        ("connect", [SessionState.READY] * CONNECTIONS),
    ],
)
def test_a_command_reaches_all_lines(lines: Lines, command: str, states: list[SessionState]) -> None:
    lives = [line.session.incarnation for line in lines.system.lines]

    getattr(lines.client, command)().get()
    lines.runtime.advance(5.0)

    assert lines.states() == states
    gone = int(command in ("reconnect", "disconnect"))
    assert [line.session.incarnation for line in lines.system.lines] == [life + gone for life in lives]


def test_after_a_hold_everything_streams_again(lines: Lines) -> None:
    heard = lines.stream()
    lines.client.disconnect_and_hold().get()
    lines.runtime.advance(60.0)
    before = {symbol: len(ticks) for symbol, ticks in heard.items()}

    lines.client.connect().get()
    lines.runtime.advance(10.0)

    assert all(len(ticks) > before[symbol] for symbol, ticks in heard.items())


# Silence.


class SilenceWatch(Actor[StreamStale | StreamResumed]):
    """What a user writes to hear of silent streams."""

    listens: ClassVar = (StreamStale, StreamResumed)
    heard: ClassVar[list[StreamStale | StreamResumed]] = []

    def on_receive(self, message: StreamStale | StreamResumed) -> None:
        self.heard.append(message)


def test_an_actor_hears_of_the_assets_of_a_lost_line_alone(make: Callable[..., Lines]) -> None:
    SilenceWatch.heard.clear()
    lines = make(actors=[SilenceWatch]).begin()
    lines.stream()
    lines.runtime.advance(5.0)

    lines.network.is_reachable = False
    lines.cut(1)
    lines.runtime.advance(20.0)
    lines.network.is_reachable = True
    lines.runtime.advance(60.0)

    stale = [event for event in SilenceWatch.heard if isinstance(event, StreamStale)]
    resumed = [event for event in SilenceWatch.heard if isinstance(event, StreamResumed)]
    assert {event.symbol for event in stale} == {event.symbol for event in resumed} == lines.on(1)
    assert len(stale) == len(resumed) == LIMIT
    assert all(10.0 < event.silent_seconds < 12.0 for event in stale)
    assert all(20.0 < event.silent_seconds < 80.0 for event in resumed)


def test_nothing_is_stale_while_everything_streams(make: Callable[..., Lines]) -> None:
    SilenceWatch.heard.clear()
    lines = make(actors=[SilenceWatch]).begin()
    lines.stream()

    lines.runtime.advance(60.0)

    assert SilenceWatch.heard == []


# What there is.


def test_health_lists_the_actors_of_every_line(lines: Lines) -> None:
    health = {actor.name: actor.state for actor in lines.client.health()}

    further = {f"{role}-{line}" for line in (1, 2) for role in ("Router", "KeepAlive", "Session", "Connection")}
    assert further <= set(health)
    assert {state for name, state in health.items() if name in further} == {"running"}


def test_each_line_counts_for_itself(lines: Lines) -> None:
    lines.stream()
    before = [line.traffic.frames_received for line in lines.system.lines]

    lines.cut(1)
    lines.network.is_reachable = False
    lines.runtime.advance(5.0)

    more = [line.traffic.frames_received - count for line, count in zip(lines.system.lines, before, strict=True)]
    assert (more[0] > 0, more[1], more[2] > 0) == (True, 0, True)


def test_every_line_is_kept_alive(lines: Lines) -> None:
    lines.runtime.advance(2 * PERIOD_SECONDS)

    kept = Counter(who for who, data in lines.sent if data == '42["ps"]')
    assert kept["Connection"] == kept["Connection-1"] == kept["Connection-2"] > 0


def test_one_connection_is_what_there_is_unless_asked_for(make: Callable[..., Lines]) -> None:
    lines = make(connections=1).begin()

    assert len(lines.system.lines) == 1
    assert not [actor.name for actor in lines.client.health() if "-" in actor.name]


@pytest.mark.parametrize("count", [0, -1, 1.5, "many"])
def test_a_number_of_connections_that_is_none_is_refused(count: Any) -> None:
    with pytest.raises(ConfigInvalid, match=r"subscriptions\.connections"):
        PocketOption.simulated(connections=count)


@pytest.mark.sockets
def test_two_connections_carry_eight_assets_over_real_sockets() -> None:
    with PocketOption.simulated(seed=1, connections=2) as client:
        client.wait_ready(timeout=10)
        subscriptions = [client.subscribe(symbol) for symbol in TWELVE[: 2 * LIMIT]]
        for subscription in subscriptions:
            assert subscription.get(timeout=10).symbol == subscription.symbol
        assert [line.session.state for line in client._edge.system.lines] == [SessionState.READY] * 2


class _Bell:
    """Rings when it is told something."""

    def __init__(self) -> None:
        self.rung = threading.Event()

    def tell(self, _message: Message) -> None:
        self.rung.set()


@pytest.mark.sockets
def test_silence_is_measured_on_the_markets_clock() -> None:
    with PocketOption.simulated(seed=1, speed=60) as client:
        bell = _Bell()
        client._edge.system.routes.add(StreamStale, bell)
        client.wait_ready(timeout=10)
        client.subscribe(TWELVE[0]).get(timeout=10)

        client.disconnect_and_hold().get()

        assert bell.rung.wait(timeout=5)  # ten seconds of the market are a sixth of one

"""Covers actors.router."""

from decimal import Decimal

import msgspec
import pytest
from msgspec.structs import replace

from actors.middleware import Middleware
from actors.router import SAMPLE_SECONDS, RouterActor, ServerTimeSampled
from actors.rules import Rule
from actors.stepped import START
from messages.account import BalanceReported, ServerTimeMeasured
from messages.base import AddressName, Event, Incarnation
from messages.market import Symbol, Tick, TicksReceived
from messages.session import Frame, FrameBatch, FrameReceived, SessionState
from messages.supervision import ActorExited
from messages.wire.market_payloads import decode_ticks
from messages.wire.payloads import DECODERS, Decoded
from optionbus.testing import Probe
from tests.actors.stage import Stage

NAME = "Router"
EURO, POUND, YEN = Symbol("EURUSD_otc"), Symbol("GBPUSD_otc"), Symbol("USDJPY_otc")
OFFSET = 7200.0
BALANCE = b'{"isDemo":1,"balance":50000}'
STREAM = "updateStream"


def ticks(*rows: tuple[str, float, float]) -> Frame:
    """An updateStream of these symbols, server times and prices."""
    return frame(STREAM, msgspec.json.encode(rows))


def frame(event: str, payload: bytes = b"") -> Frame:
    """An event with an attachment."""
    return Frame(event=event, payload=payload, text=f'451-["{event}",{{"_placeholder":true,"num":0}}]'.encode())


class World:
    """A router, its log, and ways to bring it frames."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        stage.set_session(SessionState.READY)
        stage.start(NAME, RouterActor)
        self.traffic = stage.system.traffic
        self.routes = stage.system.routes

    def bring(self, *frames: Frame, incarnation: int = 1, received: float | None = None) -> None:
        """Let these frames come at once."""
        now = self.stage.runtime.clock.now() if received is None else received
        self.stage.tell(NAME, FrameBatch(incarnation=Incarnation(incarnation), received=now, frames=frames))

    def listener(self, *events: type[Event]) -> Probe:
        """Somebody who listens to these events."""
        return self.stage.probe(f"Listener-{self.stage.system.new_id()}", *events)

    def reader(self, *symbols: Symbol) -> Probe:
        """Somebody who wants the ticks of these assets."""
        probe = Probe()
        for symbol in symbols:
            self.routes.add_ticks(symbol, probe)
        return probe

    @property
    def has_survived(self) -> bool:
        return self.stage.supervisor.of(ActorExited) == []


@pytest.fixture
def world(stage: Stage) -> World:
    return World(stage)


# Decoding once.


@pytest.mark.parametrize("count", [11, 40])
def test_each_payload_is_decoded_once_however_many_listen(
    world: World, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    calls: list[bytes] = []
    decode = DECODERS["successupdateBalance"]

    def counting(payload: bytes, offset_seconds: float) -> Decoded:
        calls.append(payload)
        return decode(payload, offset_seconds)

    monkeypatch.setitem(DECODERS, "successupdateBalance", counting)
    listeners = [world.listener(BalanceReported) for _ in range(count)]

    for _ in range(3):
        world.bring(frame("successupdateBalance", BALANCE))

    assert len(calls) == 3
    assert world.traffic.payloads_decoded == 3
    heard = [listener.messages for listener in listeners]
    assert all(messages[2] is heard[0][2] for messages in heard)
    assert [len(messages) for messages in heard] == [3] * count


@pytest.mark.parametrize("count", [11, 40])
def test_ticks_are_decoded_once_however_many_want_them(
    world: World, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    calls: list[bytes] = []

    def counting(payload: bytes, offset_seconds: float) -> tuple[list[Tick], int]:
        calls.append(payload)
        return decode_ticks(payload, offset_seconds)

    monkeypatch.setattr("actors.router.decode_ticks", counting)
    readers = [world.reader(EURO) for _ in range(count)]

    world.bring(ticks((EURO, START + OFFSET, 1.25)))

    assert len(calls) == world.traffic.payloads_decoded == 1
    assert all(reader.messages[0] is readers[0].messages[0] for reader in readers)


def test_what_nobody_wants_is_decoded_all_the_same(world: World) -> None:
    world.bring(frame("successupdateBalance", b"{"), ticks((EURO, START + OFFSET, 1.25)))

    assert (world.traffic.payloads_decoded, world.traffic.payloads_rejected) == (2, 1)


def test_what_has_no_decoder_is_no_concern(world: World) -> None:
    world.bring(frame("price-alert/list", b"{"))

    assert (world.traffic.payloads_decoded, world.traffic.payloads_rejected) == (0, 0)


# Ticks.


def test_ticks_of_a_batch_are_gathered_per_asset_in_order(world: World) -> None:
    euro, pound, everybody = world.reader(EURO), world.reader(POUND), world.listener(TicksReceived)
    now = START + OFFSET

    world.bring(
        ticks((EURO, now + 0.1, 1.1), (POUND, now + 0.2, 2.1)),
        ticks((EURO, now + 0.3, 1.2)),
        ticks((POUND, now + 0.4, 2.2), (EURO, now + 0.5, 1.3)),
    )

    (of_euro,), (of_pound,) = euro.of(TicksReceived), pound.of(TicksReceived)
    assert [tick.price for tick in of_euro.ticks] == [1.1, 1.2, 1.3]
    assert [tick.price for tick in of_pound.ticks] == [2.1, 2.2]
    assert everybody.messages == [of_euro, of_pound]


def test_ticks_are_told_before_an_event_that_followed_them(world: World) -> None:
    probe = world.listener(TicksReceived, BalanceReported)
    now = START + OFFSET

    world.bring(
        ticks((EURO, now, 1.1)),
        ticks((EURO, now, 1.2)),
        frame("successupdateBalance", BALANCE),
        ticks((EURO, now, 1.3)),
    )

    first, balance, second = probe.messages
    assert isinstance(first, TicksReceived)
    assert isinstance(balance, BalanceReported)
    assert isinstance(second, TicksReceived)
    assert [tick.price for tick in (*first.ticks, *second.ticks)] == [1.1, 1.2, 1.3]


def test_ticks_of_an_asset_that_nobody_wants_are_told_to_nobody(world: World) -> None:
    euro = world.reader(EURO)

    world.bring(ticks((YEN, START + OFFSET, 150.0)))

    assert euro.messages == []


def test_the_very_first_tick_is_in_true_utc_though_no_offset_is_known(world: World) -> None:
    euro = world.reader(EURO)

    world.bring(ticks((EURO, START + 3 * 3600.0 - 0.2, 1.25)), received=START)

    ((tick,),) = [received.ticks for received in euro.of(TicksReceived)]
    assert tick.time == pytest.approx(START - 0.2)
    assert tick.server_time == START + 3 * 3600.0 - 0.2


def test_what_the_first_tick_told_holds_for_those_after_it(world: World) -> None:
    euro = world.reader(EURO)
    server = START + 3 * 3600.0

    world.bring(ticks((EURO, server, 1.1)), ticks((EURO, server + 0.3, 1.2)), received=START)
    world.bring(ticks((EURO, server + 0.6, 1.3)), received=START + 0.6)

    times = [tick.time for received in euro.of(TicksReceived) for tick in received.ticks]
    assert times == pytest.approx([START, START + 0.3, START + 0.6])


def test_a_measured_offset_is_the_one_that_holds(world: World) -> None:
    euro = world.reader(EURO)
    world.stage.publish(ServerTimeMeasured(offset_seconds=3600.0, skew_seconds=0.0))

    world.bring(ticks((EURO, START + 3600.0 + 12.0, 1.25)), received=START)

    assert euro.of(TicksReceived)[0].ticks[0].time == START + 12.0


def test_other_events_are_read_with_the_measured_offset(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    offsets: list[float] = []

    def recording(_payload: bytes, offset_seconds: float) -> Decoded:
        offsets.append(offset_seconds)
        return Decoded(BalanceReported(is_demo=True, amount=Decimal(1)))

    monkeypatch.setitem(DECODERS, "successupdateBalance", recording)
    world.bring(frame("successupdateBalance", BALANCE))
    world.stage.publish(ServerTimeMeasured(offset_seconds=3600.0, skew_seconds=0.0))

    world.bring(frame("successupdateBalance", BALANCE))

    assert offsets == [OFFSET, 3600.0]


def test_a_time_is_passed_on_for_measuring_once_a_second(world: World) -> None:
    samples = world.listener(ServerTimeSampled)

    for step in range(25):
        moment = START + step * 0.1
        world.bring(ticks((EURO, moment + OFFSET, 1.25)), received=moment)

    received = [sample.received for sample in samples.of(ServerTimeSampled)]
    assert received == pytest.approx([START, START + SAMPLE_SECONDS, START + 2 * SAMPLE_SECONDS])
    assert samples.of(ServerTimeSampled)[0].server_time == START + OFFSET


def test_an_empty_stream_is_no_sample(world: World) -> None:
    samples = world.listener(ServerTimeSampled)

    world.bring(ticks())

    assert samples.messages == []


# What cannot be read.


def test_a_payload_that_cannot_be_read_is_counted_and_logged_without_its_content(world: World) -> None:
    world.bring(frame("successupdateBalance", b'{"balance":"s3cr3t"}'))

    assert world.traffic.payloads_rejected == 1
    (line,) = world.stage.logged
    assert line.startswith("WARNING successupdateBalance cannot be read")
    assert "s3cr3t" not in line


@pytest.mark.parametrize("event", ["successupdateBalance", STREAM])
def test_the_log_is_not_flooded_by_what_cannot_be_read(world: World, event: str) -> None:
    for _ in range(100):
        world.bring(frame(event, b"{"))
    world.stage.advance(10.0)
    world.bring(frame(event, b"{"))

    assert world.traffic.payloads_rejected == 101
    assert len(world.stage.logged) == 2
    assert world.stage.logged[1].endswith("(and 99 more)")


def test_rows_that_cannot_be_read_do_not_take_the_others_with_them(world: World) -> None:
    euro = world.reader(EURO)
    rows = f'[["{EURO}",{START + OFFSET},1.1],["{EURO}",{START + OFFSET},-5],[]]'

    world.bring(frame(STREAM, rows.encode()))

    assert [tick.price for tick in euro.of(TicksReceived)[0].ticks] == [1.1]
    assert (world.traffic.rows_rejected, world.traffic.payloads_rejected) == (2, 0)
    assert world.stage.logged == ["WARNING rows of updateStream cannot be read"]


def test_rows_of_other_events_are_counted_the_same_way(world: World) -> None:
    world.bring(frame("updateAssets", b"[[],[]]"))

    assert world.traffic.rows_rejected == 2
    assert world.stage.logged == ["WARNING rows of updateAssets cannot be read"]


def test_what_follows_the_unreadable_is_read(world: World) -> None:
    probe = world.listener(BalanceReported)

    world.bring(frame(STREAM, b"{"), frame("successupdateBalance", b"{"), frame("successupdateBalance", BALANCE))

    assert len(probe.messages) == 1
    assert world.has_survived


# Incarnations.


@pytest.mark.parametrize("incarnation", [1, 3])
def test_frames_of_another_connection_are_dropped_and_counted(world: World, incarnation: int) -> None:
    world.stage.set_session(SessionState.READY, 2)
    probe, euro = world.listener(BalanceReported), world.reader(EURO)

    world.bring(frame("successupdateBalance", BALANCE), ticks((EURO, START + OFFSET, 1.25)), incarnation=incarnation)

    assert (probe.messages, euro.messages) == ([], [])
    assert world.traffic.frames_of_old_incarnations == 2
    assert world.traffic.payloads_decoded == 0


# Taps, rules, middleware.


def test_a_tap_sees_every_frame_in_order_and_whole(world: World) -> None:
    tap = Probe()
    world.routes.add_tap(tap)
    frames = (ticks((EURO, START + OFFSET, 1.25)), frame("successupdateBalance", b"{"), frame("price-alert/list"))

    world.bring(*frames)

    assert [received.frame for received in tap.of(FrameReceived)] == list(frames)
    assert tap.of(FrameReceived)[0].received == START
    assert tap.of(FrameReceived)[0].incarnation == 1


def test_a_rule_picks_frames_for_its_listener(world: World) -> None:
    probe, other = Probe(), Probe()
    world.routes.add_rule(Rule.event("price-alert/list"), probe)
    world.routes.add_rule(Rule.never(), other)

    world.bring(frame("price-alert/list"), frame("successupdateBalance", BALANCE))

    assert [received.frame.event for received in probe.of(FrameReceived)] == ["price-alert/list"]
    assert other.messages == []


def test_a_rule_that_raises_matches_nothing_and_harms_nobody(world: World) -> None:
    probe, other, balances = Probe(), Probe(), world.listener(BalanceReported)
    world.routes.add_rule(~Rule.custom(lambda frame: frame.payload[10_000] == 0), probe)
    world.routes.add_rule(Rule.any(), other)

    for _ in range(10):
        world.bring(frame("successupdateBalance", BALANCE))

    assert probe.messages == []
    assert len(other.messages) == len(balances.messages) == 10
    assert world.stage.logged == ["WARNING Rule.~custom(<lambda>) raised IndexError"]
    assert world.traffic.predicates_failed == 10
    assert world.has_survived


class Renaming(Middleware):
    def on_receive(self, frame: Frame) -> Frame | None:
        return replace(frame, event="successupdateBalance") if frame.event == "balance" else frame


class Dropping(Middleware):
    def on_receive(self, frame: Frame) -> Frame | None:
        return None if frame.event == STREAM else frame


class Raising(Middleware):
    def on_receive(self, frame: Frame) -> Frame | None:
        raise ValueError(frame.event)


def test_middleware_may_change_a_frame_before_anybody_sees_it(world: World) -> None:
    probe, tap = world.listener(BalanceReported), Probe()
    world.routes.add_tap(tap)
    world.stage.system.middleware.add(Renaming())

    world.bring(frame("balance", BALANCE))

    assert len(probe.messages) == 1
    assert tap.of(FrameReceived)[0].frame.event == "successupdateBalance"


def test_what_middleware_drops_nobody_sees(world: World) -> None:
    euro, tap = world.reader(EURO), Probe()
    world.routes.add_tap(tap)
    world.stage.system.middleware.add(Dropping())

    world.bring(ticks((EURO, START + OFFSET, 1.25)))

    assert (euro.messages, tap.messages) == ([], [])
    assert world.traffic.payloads_decoded == 0


def test_middleware_that_raises_is_skipped_and_reported(world: World) -> None:
    probe = world.listener(BalanceReported)
    world.stage.system.middleware.add(Raising())

    world.bring(frame("successupdateBalance", BALANCE))

    assert len(probe.messages) == 1
    assert world.stage.logged == ["ERROR Raising.on_receive raised ValueError: successupdateBalance"]
    assert world.has_survived


# A life of its own.


def test_after_a_crash_it_goes_on_with_what_waits(world: World) -> None:
    probe = world.listener(BalanceReported)

    world.stage.crash(NAME, lambda: world.bring(frame("successupdateBalance", BALANCE)))

    assert len(probe.messages) == 1


def test_after_a_crash_the_offset_is_found_anew(world: World) -> None:
    euro = world.reader(EURO)
    world.bring(ticks((EURO, START + 3600.0, 1.1)), received=START)

    world.stage.crash(NAME)
    world.bring(ticks((EURO, START + 3600.1, 1.2)), received=START + 0.1)

    times = [tick.time for received in euro.of(TicksReceived) for tick in received.ticks]
    assert times == pytest.approx([START, START + 0.1])


def test_it_hears_of_measurements_by_itself(world: World) -> None:
    assert world.routes.listeners(ServerTimeMeasured) == (world.stage.system.address(AddressName(NAME)),)


# Lines.


def test_the_time_of_each_assets_latest_tick_is_noted(world: World) -> None:
    world.bring(
        ticks((EURO, START + OFFSET, 1.1), (POUND, START + OFFSET, 1.2)), ticks((EURO, START + OFFSET + 2, 1.1))
    )

    assert world.stage.system.lines[0].latest == {EURO: START + 2, POUND: START}


def test_ticks_of_an_asset_that_lives_on_another_line_are_told_to_nobody(world: World) -> None:
    reader = world.reader(EURO, POUND)
    world.routes.homes.update({EURO: 1, POUND: 0})

    world.bring(ticks((EURO, START + OFFSET, 1.1), (POUND, START + OFFSET, 1.2)))

    assert [event.symbol for event in reader.of(TicksReceived)] == [POUND]
    assert world.stage.system.lines[0].latest == {POUND: START}


def test_nonsense_that_is_another_each_time_is_one_line(world: World) -> None:
    for spaces in range(100):
        world.bring(frame("updateAssets", b" " * spaces + b"x"))

    assert world.traffic.payloads_rejected == 100
    assert len(world.stage.logged) == 1

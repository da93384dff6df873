"""Rules and validators bring frames to a user's own actor; middleware and taps see both directions, but no login."""

from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from msgspec.structs import replace

from actors.base import Actor
from actors.middleware import Middleware
from actors.rules import Predicate, Rule
from messages.errors import RawOrderRefused, UsageError
from messages.market import TicksReceived
from messages.secret import HIDDEN
from messages.session import Frame, FrameReceived, FrameSent
from messages.supervision import LogRecorded
from messages.trading import TradeAccepted
from optionbus.client import PocketOption
from optionbus.testing import Probe, SteppedRuntime
from optionbus.validator import Validator
from tests.optionbus.stepped_client import SteppedClient

BALANCE = "successupdateBalance"


@pytest.fixture
def stepped() -> Iterator[SteppedClient]:
    stepped = SteppedClient()
    yield stepped
    stepped.client.stop()


class Watch(Actor[FrameReceived]):
    """Keeps the events of the frames it is told."""

    heard: ClassVar[list[str]]

    def on_receive(self, message: FrameReceived) -> None:
        self.heard.append(message.frame.event)


@pytest.mark.parametrize(
    "wanted",
    [
        Rule.event(BALANCE),
        Rule.contains(b'"balance"') & ~Rule.contains("Deals"),
        Validator.starts_with(f'42["{BALANCE}"'),
        Validator.all([Validator.contains("updateBalance"), Validator.ends_with("}]")]),
        Validator.regex(r'"balance":\d+') & Rule.event(BALANCE),
    ],
)
def test_an_actor_is_told_the_frames_that_its_predicate_picks(wanted: Predicate) -> None:
    class Picky(Watch):
        listens: ClassVar = (wanted,)
        heard: ClassVar[list[str]] = []

    stepped = SteppedClient(actors=[Picky])
    stepped.client.send_raw('42["getBalance"]').get()
    stepped.runtime.advance(1.0)
    stepped.client.stop()

    assert len(Picky.heard) >= 2
    assert set(Picky.heard) == {BALANCE}


@pytest.mark.parametrize("wanted", [Rule.any(), Validator()])
def test_an_actor_that_takes_no_frames_cannot_pick_any(wanted: Predicate) -> None:
    class Deaf(Actor[LogRecorded]):
        listens: ClassVar = (wanted,)

    client = PocketOption.simulated(runtime=SteppedRuntime(), actors=[Deaf])

    with pytest.raises(UsageError, match="does not take FrameReceived"):
        client.start()


def test_an_actor_cannot_overhear_what_it_does_not_take() -> None:
    class Deaf(Actor[LogRecorded]):
        overhears: ClassVar = (TradeAccepted,)

    client = PocketOption.simulated(runtime=SteppedRuntime(), actors=[Deaf])

    with pytest.raises(UsageError, match="does not take TradeAccepted"):
        client.start()


@pytest.mark.parametrize("wanted", [TicksReceived, Rule.event(BALANCE)], ids=["ticks", "frames"])
def test_an_actor_cannot_overhear_what_would_pile_up(wanted: Any) -> None:
    class Hoarder(Actor[TicksReceived | FrameReceived]):
        overhears: ClassVar = (wanted,)

    client = PocketOption.simulated(runtime=SteppedRuntime(), actors=[Hoarder])

    with pytest.raises(UsageError, match="pile up"):
        client.start()


@pytest.mark.parametrize("order", ['42["openOrder",{"amount":1}]', '42["openPendingOrder",{}]'])
def test_no_order_is_sent_raw(stepped: SteppedClient, order: str) -> None:
    with pytest.raises(RawOrderRefused):
        stepped.client.send_raw(order)

    assert stepped.client.opened_deals().get() == ()


# Middleware and taps.


class Diary(Middleware):
    """Writes down what goes by."""

    def __init__(self) -> None:
        self.sent: list[str | bytes] = []
        self.received: list[str] = []

    def on_send(self, data: str | bytes) -> str | bytes | None:
        self.sent.append(data)
        return data

    def on_receive(self, frame: Frame) -> Frame | None:
        self.received.append(frame.event)
        return frame


def test_middleware_and_taps_see_both_directions_but_never_the_login() -> None:
    runtime, diary, shown = SteppedRuntime(1), Diary(), list[FrameReceived | FrameSent]()
    client = PocketOption.simulated(seed=1, runtime=runtime)
    client.add_middleware(diary)
    client.add_tap(shown.append)
    client.start()
    client.wait_ready(timeout=10)
    client.reconnect().get()
    client.wait_ready(timeout=10)
    client.send_raw('42["anything"]').get()
    client.subscribe("EURUSD_otc").get()
    client.stop()

    sent = [str(data) for data in diary.sent]
    tapped = [frame.text for frame in shown if isinstance(frame, FrameSent)]
    assert {'42["getBalance"]', '42["anything"]', '42["subfor","EURUSD_otc"]'} <= set(sent) & set(tapped)
    assert {"successauth", BALANCE, "updateStream"} <= set(diary.received)
    assert diary.received == [frame.frame.event for frame in shown if isinstance(frame, FrameReceived)]
    assert not [text for text in sent if "auth" in text]
    assert [text for text in tapped if "auth" in text] == [f'42["auth",{HIDDEN}]'] * 2


def test_middleware_drops_what_is_sent(stepped: SteppedClient) -> None:
    class Mute(Middleware):
        def on_send(self, data: str | bytes) -> str | bytes | None:
            return None if data == '42["getBalance"]' else data

    stepped.runtime.advance(1.0)
    stepped.client.add_middleware(Mute())
    handler = stepped.client.raw_handler(Rule.event(BALANCE))

    stepped.client.send_raw('42["getBalance"]').get()
    stepped.runtime.advance(1.0)

    assert len(handler._stream) == 0


def test_middleware_changes_what_is_sent_and_what_comes(stepped: SteppedClient) -> None:
    class Translator(Middleware):
        def on_send(self, data: str | bytes) -> str | bytes | None:
            return '42["getBalance"]' if data == '42["wallet"]' else data

        def on_receive(self, frame: Frame) -> Frame | None:
            return replace(frame, event="wallet") if frame.event == BALANCE else frame

    stepped.client.add_middleware(Translator())

    answer = stepped.client.raw_order('42["wallet"]', Validator.starts_with('42["wallet"'))

    assert answer.get().json()["balance"] == 50_000


def test_middleware_drops_what_comes(stepped: SteppedClient) -> None:
    class Blind(Middleware):
        def on_receive(self, frame: Frame) -> Frame | None:
            return None if frame.event == "updateStream" else frame

    stepped.client.add_middleware(Blind())
    frames, ticks = stepped.client.raw_stream(), stepped.client.subscribe("EURUSD_otc")

    stepped.runtime.advance(5.0)

    assert "updateStream" not in {frames.get().event for _ in range(len(frames._stream))}
    assert len(ticks._stream) == 0


class Raising(Middleware):
    def on_send(self, data: str | bytes) -> str | bytes | None:
        raise ValueError(data)

    def on_receive(self, frame: Frame) -> Frame | None:
        raise ValueError(frame.event)


def test_middleware_and_taps_that_raise_are_logged_now_and_then(stepped: SteppedClient) -> None:
    records, seen = Probe(), list[object]()

    def fail(frame: object) -> None:
        seen.append(frame)
        raise ValueError(len(seen))

    stepped.client._edge.system.directory.enter(stepped.client.address("Log").name, records)
    stepped.client.add_middleware(Raising())
    stepped.client.add_tap(fail)
    stepped.client.subscribe("EURUSD_otc")
    stepped.runtime.advance(9.0)

    texts = [record.text for record in records.of(LogRecorded) if record.level == "ERROR"]
    assert len(seen) > 10
    assert [text.partition(":")[0] for text in sorted(texts)] == [
        "Raising.on_receive raised ValueError",
        "Raising.on_send raised ValueError",
        "fail raised ValueError",
    ]
    assert stepped.client.is_connected
    stepped.runtime.advance(9.0)
    assert any(text.endswith("more)") for text in [record.text for record in records.of(LogRecorded)])

"""Covers actors.api.raw."""

from functools import partial

import pytest

from actors.api.raw import RawActor, RawMemory
from actors.router import RouterActor
from actors.rules import Rule
from messages.base import AddressName, Done, Incarnation
from messages.errors import NotConnected, RawOrderRefused, UnknownAddress
from messages.raw import AddRawHandler, RemoveRawHandler, SendRaw
from messages.session import Frame, FrameBatch, FrameReceived, SessionRestored, SessionState
from tests.actors.stage import Probe, Stage

NAME = "Raw"
STREAM = AddressName("Stream-1")
SIGNALS = Rule.event("signals/load")


@pytest.fixture
def raw(stage: Stage) -> Stage:
    stage.start("Router", RouterActor)
    stage.start(NAME, partial(RawActor, memory=RawMemory()))
    stage.make_ready()
    return stage


@pytest.fixture
def stream(raw: Stage) -> Probe:
    return raw.probe(STREAM)


def handler(rule: Rule = SIGNALS, keep_alive: str | None = None, name: AddressName = STREAM) -> AddRawHandler:
    return AddRawHandler(name=name, matches=rule.matches, keep_alive=keep_alive)


def receive(stage: Stage, *events: str) -> None:
    """Let frames of these events come in."""
    frames = tuple(Frame(event, b"{}", f'42["{event}",{{}}]'.encode()) for event in events)
    incarnation = stage.system.session.incarnation
    stage.tell("Router", FrameBatch(incarnation=incarnation, received=0.0, frames=frames))


def heard(probe: Probe) -> list[str]:
    return [received.frame.event for received in probe.of(FrameReceived)]


@pytest.mark.parametrize("data", ['42["signals/subscribe"]', b"\x00\xff"])
def test_raw_data_is_sent_as_it_is(raw: Stage, data: str | bytes) -> None:
    answer = raw.ask(NAME, SendRaw(data=data))

    assert raw.sent == [data]
    assert isinstance(answer.get(), Done)


def test_without_a_session_nothing_is_sent(raw: Stage) -> None:
    raw.set_session(SessionState.HELD)

    answer = raw.ask(NAME, SendRaw(data="42[]"))

    assert raw.sent == []
    with pytest.raises(NotConnected, match="held"):
        answer.get()


ORDERS = ['42["openOrder",{"amount":1}]', '42["openPendingOrder",{}]']


@pytest.mark.parametrize("order", ORDERS)
def test_an_order_is_not_sent_here(raw: Stage, order: str) -> None:
    answer = raw.ask(NAME, SendRaw(data=order))

    assert raw.sent == []
    with pytest.raises(RawOrderRefused, match=r"Use buy\(\)"):
        answer.get()


@pytest.mark.parametrize("order", ORDERS)
def test_a_keep_alive_is_no_order(raw: Stage, stream: Probe, order: str) -> None:
    answer = raw.ask(NAME, handler(keep_alive=order))
    raw.restore(NAME, 2)
    receive(raw, "signals/load")

    assert raw.sent == []
    assert heard(stream) == []
    with pytest.raises(RawOrderRefused):
        answer.get()


def test_what_an_actor_listens_to_outlives_its_handler(raw: Stage, stream: Probe) -> None:
    raw.system.routes.add_rule(Rule.event("updateNothing"), stream)
    raw.ask(NAME, handler())

    raw.ask(NAME, RemoveRawHandler(name=STREAM))
    receive(raw, "signals/load", "updateNothing")

    assert heard(stream) == ["updateNothing"]


def test_a_handler_that_is_replaced_keeps_no_keep_alive(raw: Stage, stream: Probe) -> None:
    raw.ask(NAME, handler(keep_alive="42[1]"))
    raw.ask(NAME, handler())

    raw.restore(NAME, 2)

    assert raw.sent == []
    assert heard(stream) == []


def test_a_handler_gets_the_frames_that_match(raw: Stage, stream: Probe) -> None:
    answer = raw.ask(NAME, handler())

    receive(raw, "signals/load", "updateNothing", "signals/load")

    assert isinstance(answer.get(), Done)
    assert heard(stream) == ["signals/load", "signals/load"]


def test_several_handlers_get_what_matches_each(raw: Stage, stream: Probe) -> None:
    everything = raw.probe("Stream-2")
    raw.ask(NAME, handler())
    raw.ask(NAME, handler(Rule.any(), name=AddressName("Stream-2")))

    receive(raw, "signals/load", "updateNothing")

    assert (len(heard(stream)), len(heard(everything))) == (1, 2)


def test_a_handler_that_is_removed_gets_nothing_more(raw: Stage, stream: Probe) -> None:
    raw.ask(NAME, handler())

    answer = raw.ask(NAME, RemoveRawHandler(name=STREAM))
    receive(raw, "signals/load")

    assert isinstance(answer.get(), Done)
    assert heard(stream) == []


def test_a_handler_can_be_removed_after_its_name_is_gone(raw: Stage, stream: Probe) -> None:
    raw.ask(NAME, handler())
    raw.system.directory.leave(STREAM)

    raw.ask(NAME, RemoveRawHandler(name=STREAM))
    receive(raw, "signals/load")

    assert heard(stream) == []
    assert raw.system.routes.rules == ()


def test_removing_a_handler_that_is_not_there_is_no_error(raw: Stage) -> None:
    assert isinstance(raw.ask(NAME, RemoveRawHandler(name=STREAM)).get(), Done)


def test_a_second_handler_of_a_name_replaces_the_first(raw: Stage, stream: Probe) -> None:
    raw.ask(NAME, handler())
    raw.ask(NAME, handler(Rule.event("updateNothing")))

    receive(raw, "signals/load", "updateNothing")

    assert heard(stream) == ["updateNothing"]


def test_a_handler_for_nobody_is_refused(raw: Stage) -> None:
    answer = raw.ask(NAME, handler(name=AddressName("Nobody")))

    with pytest.raises(UnknownAddress, match="Nobody"):
        answer.get()


@pytest.mark.usefixtures("stream")
def test_keep_alives_are_sent_on_every_new_connection(raw: Stage) -> None:
    raw.probe("Stream-2")
    raw.ask(NAME, handler(keep_alive="42[1]"))
    raw.ask(NAME, handler(name=AddressName("Stream-2")))

    restored = raw.restore(NAME, 2)

    assert raw.sent == ["42[1]"]
    assert restored.get() == SessionRestored(request_id=restored.get().request_id, incarnation=Incarnation(2))


@pytest.mark.usefixtures("stream")
def test_a_keep_alive_is_not_sent_when_the_handler_is_made(raw: Stage) -> None:
    raw.ask(NAME, handler(keep_alive="42[1]"))

    assert raw.sent == []


@pytest.mark.usefixtures("stream")
def test_the_keep_alive_of_a_removed_handler_is_sent_no_more(raw: Stage) -> None:
    raw.ask(NAME, handler(keep_alive="42[1]"))
    raw.ask(NAME, RemoveRawHandler(name=STREAM))

    raw.restore(NAME, 2)

    assert raw.sent == []


def test_handlers_and_their_keep_alives_survive_a_crash(raw: Stage, stream: Probe) -> None:
    raw.ask(NAME, handler(keep_alive="42[1]"))

    raw.crash(NAME)
    raw.restore(NAME, 2)
    receive(raw, "signals/load")

    assert raw.sent == ["42[1]"]
    assert heard(stream) == ["signals/load"]


def test_a_handler_that_waited_behind_a_crash_is_made(raw: Stage, stream: Probe) -> None:
    raw.crash(NAME, lambda: raw.tell(NAME, handler()))

    receive(raw, "signals/load")

    assert heard(stream) == ["signals/load"]


def test_a_predicate_that_raises_is_reported_by_its_handlers_name(raw: Stage, stream: Probe) -> None:
    def fail(_frame: Frame) -> bool:
        raise ZeroDivisionError

    raw.ask(NAME, AddRawHandler(name=STREAM, matches=fail))
    receive(raw, "signals/load")

    assert heard(stream) == []
    assert any(STREAM in line and "ZeroDivisionError" in line for line in raw.logged)

"""Covers actors.middleware."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from actors.middleware import Middleware, MiddlewareStack
from messages.errors import BusError, ConnectionLost
from messages.session import Frame

FRAME = Frame(event="ps", payload=b"", text=b'42["ps"]')


class _Diary(Middleware):
    """Writes down what it sees, and changes it as it is told."""

    def __init__(
        self,
        diary: list[str],
        name: str,
        *,
        outbound: Callable[[str | bytes], str | bytes | None] = lambda data: data,
        inbound: Callable[[Frame], Frame | None] = lambda frame: frame,
    ) -> None:
        self._diary, self._name = diary, name
        self._outbound, self._inbound = outbound, inbound

    def on_connection_attempt(self, url: str) -> None:
        self._diary.append(f"{self._name} attempt {url}")

    def on_connect(self) -> None:
        self._diary.append(f"{self._name} connect")

    def on_connection_failure(self, error: BusError) -> None:
        self._diary.append(f"{self._name} failure {error}")

    def on_disconnect(self, error: BusError | None) -> None:
        self._diary.append(f"{self._name} disconnect {error}")

    def on_send(self, data: str | bytes) -> str | bytes | None:
        self._diary.append(f"{self._name} send {data!r}")
        return self._outbound(data)

    def on_receive(self, frame: Frame) -> Frame | None:
        self._diary.append(f"{self._name} receive {frame.event}")
        return self._inbound(frame)


class _Raising(Middleware):
    def on_connect(self) -> None:
        raise ValueError("connect")

    def on_send(self, data: str | bytes) -> str | bytes | None:
        raise ValueError(data)

    def on_receive(self, frame: Frame) -> Frame | None:
        raise ValueError(frame)


class _Mistaken(Middleware):
    """Returns what is none of the things it may return."""

    def on_send(self, data: str | bytes) -> str | bytes | None:
        return len(data)  # type: ignore[return-value]

    def on_receive(self, frame: Frame) -> Frame | None:
        return frame.event  # type: ignore[return-value]


@pytest.fixture
def diary() -> list[str]:
    return []


@pytest.fixture
def stack(diary: list[str]) -> MiddlewareStack:
    return MiddlewareStack(lambda hook, error: diary.append(f"! {hook}: {type(error).__name__}"))


def test_without_middleware_everything_passes(stack: MiddlewareStack) -> None:
    stack.tell(lambda each: each.on_connect())

    assert stack.outbound("42") == "42"
    assert stack.inbound(FRAME) is FRAME


def test_middleware_that_overrides_nothing_changes_nothing(stack: MiddlewareStack) -> None:
    stack.add(Middleware())

    stack.tell(lambda each: each.on_connection_attempt("wss://host"))
    stack.tell(lambda each: each.on_connect())
    stack.tell(lambda each: each.on_connection_failure(ConnectionLost("cut")))
    stack.tell(lambda each: each.on_disconnect(None))

    assert stack.outbound(b"42") == b"42"
    assert stack.inbound(FRAME) is FRAME


def test_observing_hooks_are_called_in_order_of_registration(stack: MiddlewareStack, diary: list[str]) -> None:
    stack.add(_Diary(diary, "one"))
    stack.add(_Diary(diary, "two"))

    stack.tell(lambda each: each.on_connection_attempt("wss://host"))
    stack.tell(lambda each: each.on_connection_failure(ConnectionLost("cut")))

    assert diary == [
        "one attempt wss://host",
        "two attempt wss://host",
        "one failure Network: cut",
        "two failure Network: cut",
    ]


def test_each_sees_what_the_one_before_it_made_of_an_outbound_message(stack: MiddlewareStack, diary: list[str]) -> None:
    stack.add(_Diary(diary, "one", outbound=lambda _data: "43"))
    stack.add(_Diary(diary, "two", outbound=lambda _data: b"44"))

    assert stack.outbound("42") == b"44"
    assert diary == ["one send '42'", "two send '43'"]


def test_each_sees_what_the_one_before_it_made_of_an_inbound_frame(stack: MiddlewareStack, diary: list[str]) -> None:
    stack.add(_Diary(diary, "one", inbound=lambda frame: replace(frame, event="other")))
    stack.add(_Diary(diary, "two"))

    left = stack.inbound(FRAME)

    assert left is not None
    assert left.event == "other"
    assert diary == ["one receive ps", "two receive other"]


def test_what_one_drops_the_next_does_not_see(stack: MiddlewareStack, diary: list[str]) -> None:
    stack.add(_Diary(diary, "one", outbound=lambda _data: None, inbound=lambda _frame: None))
    stack.add(_Diary(diary, "two"))

    assert stack.outbound("42") is None
    assert stack.inbound(FRAME) is None
    assert diary == ["one send '42'", "one receive ps"]


def test_one_that_raises_is_reported_and_skipped(stack: MiddlewareStack, diary: list[str]) -> None:
    stack.add(_Raising())
    stack.add(_Diary(diary, "two"))

    stack.tell(lambda each: each.on_connect())
    sent, received = stack.outbound("42"), stack.inbound(FRAME)

    assert (sent, received) == ("42", FRAME)
    assert diary == [
        "! _Raising: ValueError",
        "two connect",
        "! _Raising.on_send: ValueError",
        "two send '42'",
        "! _Raising.on_receive: ValueError",
        "two receive ps",
    ]


def test_one_that_returns_what_it_may_not_is_reported_and_skipped(stack: MiddlewareStack, diary: list[str]) -> None:
    stack.add(_Mistaken())

    assert stack.outbound("42") == "42"
    assert stack.inbound(FRAME) is FRAME
    assert diary == ["! _Mistaken.on_send: TypeError", "! _Mistaken.on_receive: TypeError"]

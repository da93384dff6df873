"""What is fuzzed, and what has to hold of each: nothing but the library's own errors comes out, and what was read says
the same when it is written and read again.

A target is a function of an input that raises where something does not hold. ``PLANTED`` are the controls: one wrong
line in each, which has to be found.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, Final
from unittest import mock

import msgspec
from msgspec import Struct
from websocket import WebSocketException

from actors.websocket_link import Link
from actors.websocket_stream import MAX_MESSAGE_BYTES, Batch, MessageStream
from messages.errors import InvalidSsid, WireError
from messages.secret import Secret
from messages.session import Frame
from messages.wire import framing, reading, ssid_text
from messages.wire.framing import Control, FrameDecoder, Malformed, PacketKind, decode_open, encode_event, event_of
from messages.wire.payloads import DECODERS, decode_ticks
from messages.wire.ssid import Ssid
from tests.fuzz.corpus import FRAMES, PACKETS, PAYLOADS, SEPARATOR, SSIDS
from tests.fuzz.mutator import FRAME_TOKENS, INTERESTING, Mutator, tokens_of

AHEAD_SECONDS: Final = 7_200.0
_EVENTS: Final = tuple(PAYLOADS)


class Target(Struct, frozen=True):
    """One reader: how it is tried, and what it is tried with."""

    run: Callable[[bytes], None]
    corpus: tuple[tuple[bytes, ...], ...]
    interesting: tuple[bytes, ...] = INTERESTING

    def mutator(self, seed: int) -> Mutator:
        """Where inputs come from."""
        return Mutator(self.corpus, self.interesting, seed)


def run_framing(data: bytes) -> None:
    """The messages of a connection, one decoder for all of them."""
    decoder = FrameDecoder()
    for message in data.split(SEPARATOR):
        is_text = not message.startswith(b"\x00")
        part = decoder.feed(message if is_text else message[1:], is_text)
        if isinstance(part, Frame):
            _check_frame(part, message, is_text=is_text)
        elif isinstance(part, Control) and part.kind is PacketKind.OPEN:
            _expect(WireError, partial(decode_open, part.data))
        else:
            assert part is None or isinstance(part, Control | Malformed)


def _check_frame(frame: Frame, message: bytes, *, is_text: bool) -> None:
    if not is_text:
        assert frame.attachments
        return
    assert event_of(message.decode()) == frame.event
    again = FrameDecoder().feed(encode_event(frame.event, frame.payload or None).encode(), True)
    assert isinstance(again, Frame)
    assert (again.event, again.payload) == (frame.event, frame.payload)


def run_payloads(data: bytes) -> None:
    """The payload of the event that the first byte stands for."""
    event, payload = _EVENTS[data[0] % len(_EVENTS)] if data else _EVENTS[0], data[1:]
    if event == "updateStream":
        ticks, rejected = _expect(WireError, lambda: decode_ticks(payload, AHEAD_SECONDS)) or ([], 0)
        assert all(math.isfinite(tick.price) and math.isfinite(tick.time) for tick in ticks)
        assert rejected >= 0
        return
    decoded = _expect(WireError, lambda: DECODERS[event](payload, AHEAD_SECONDS))
    if decoded is not None:
        assert decoded.rejected >= 0
        written = msgspec.json.encode(decoded.event)
        assert len(written) < 64 * len(payload) + 4_096  # a number of a billion digits


def run_ssid(data: bytes) -> None:
    """What somebody has pasted."""
    text = data.decode(errors="surrogateescape")
    ssid = _expect(InvalidSsid, lambda: Ssid.parse(Secret(text)))
    if ssid is None:
        return
    sent = ssid.auth_frame()
    again = Ssid.parse(sent)
    assert (again.auth_frame(), again.is_demo, again.uid) == (sent, ssid.is_demo, ssid.uid)
    assert ssid.user_agent is None or ssid.user_agent.isprintable()


class _Chunks(Link):
    """Gives bytes in pieces of one size, and then an end."""

    def __init__(self, data: bytes, size: int) -> None:
        super().__init__()
        self._pieces = [data[at : at + size] for at in range(0, len(data), size)][::-1]

    def receive(self, until: float | None = None, size: int = 0) -> bytes:  # noqa: ARG002
        if not self._pieces:
            raise ConnectionResetError
        return self._pieces.pop()

    def receive_now(self, size: int = 0) -> bytes:  # noqa: ARG002
        return self._pieces.pop() if self._pieces else b""

    def send(self, data: bytes, until: float) -> None:
        pass


def run_frames(data: bytes) -> None:
    """The bytes of a WebSocket: whatever pieces they come in, they are the same messages and the same end."""
    whole = tuple(_read_frames(data, max(1, len(data))))
    assert whole == tuple(_read_frames(data, 1 + data[0] % 23 if data else 1))
    assert all(len(message) <= MAX_MESSAGE_BYTES for _, message in whole[:-1])


def _read_frames(data: bytes, size: int) -> Iterator[tuple[Any, Any]]:
    stream = MessageStream(_Chunks(data, size), 1.0)
    while True:
        batch: Batch = []
        try:
            stream.gather(batch)
        except (OSError, WebSocketException) as error:
            yield from batch
            yield type(error), str(error)
            return
        yield from batch


def _expect(error: type[Exception], reading: Callable[[], Any]) -> Any:
    try:
        return reading()
    except error:
        return None


TARGETS: Final = {
    "framing": Target(run_framing, PACKETS),
    "payloads": Target(
        run_payloads,
        tuple(
            (bytes([index]), *tokens_of(payload)) for index, event in enumerate(PAYLOADS) for payload in PAYLOADS[event]
        ),
    ),
    "ssid": Target(run_ssid, SSIDS),
    "frames": Target(run_frames, FRAMES, FRAME_TOKENS),
}


def _unchecked_num(payload: bytes, _count: int) -> int | None:
    placeholder = framing._placeholder.decode(payload) if payload.startswith(b"{") else None
    return placeholder.num if placeholder and placeholder.is_placeholder is True else None  # type: ignore[return-value]


def _forgetful_await(stream: MessageStream, end: int) -> None:
    stream._missing = end - len(stream._data)
    stream._data, stream._at = b"", 0


PLANTED: Final[dict[str, Callable[[], AbstractContextManager[Any]]]] = {
    "framing": partial(mock.patch.object, framing, "_placeholder_num", _unchecked_num),
    "payloads": partial(mock.patch.object, reading, "UNREADABLE", (msgspec.ValidationError,)),
    "ssid": partial(mock.patch.object, ssid_text, "_decode_string", partial(msgspec.json.decode, type=str)),
    "frames": partial(mock.patch.object, MessageStream, "_await", _forgetful_await),
}

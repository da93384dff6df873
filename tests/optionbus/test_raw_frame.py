"""Covers optionbus.raw_frame."""

import pytest

from messages.base import Incarnation
from messages.errors import WireError
from messages.session import Frame, FrameReceived
from messages.wire.framing import FrameDecoder, encode_binary_event, encode_event
from optionbus.raw_frame import RawFrame, text_of, unpack


def read(*messages: str | bytes) -> Frame:
    """The frame that these WebSocket messages make."""
    decoder, frame = FrameDecoder(), None
    for data in messages:
        frame = decoder.feed(data.encode() if isinstance(data, str) else data, isinstance(data, str))
    assert isinstance(frame, Frame)
    return frame


PAYLOADS = [b'{"n":1}', b"[]", b'"\xc3\xa9"', b"null"]


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("event", ["echo", 'quo"te'])
def test_a_payload_that_was_attached_reads_as_if_it_had_not_been(event: str, payload: bytes) -> None:
    inline, attached = read(encode_event(event, payload)), read(*encode_binary_event(event, payload))

    assert text_of(attached) == text_of(inline) == encode_event(event, payload)


@pytest.mark.parametrize("message", ['42["ps"]', '42/demo,7["echo",1, 2]', '42["echo", {"n": 1}]'])
def test_what_came_as_one_message_is_that_message(message: str) -> None:
    assert text_of(read(message)) == message


def test_an_attachment_that_is_no_payload_leaves_the_inline_one() -> None:
    frame = read('451-["echo",5,{"_placeholder":true,"num":0}]', b"x")

    assert text_of(frame) == '42["echo",5]'


def test_an_attachment_that_is_empty_is_no_payload() -> None:
    assert text_of(read(*encode_binary_event("echo", b""))) == '42["echo"]'


def test_what_is_not_utf_8_is_shown_all_the_same() -> None:
    assert text_of(read(*encode_binary_event("echo", b"\xff"))) == '42["echo",\ufffd]'


def test_a_raw_frame_has_event_data_and_text() -> None:
    received = FrameReceived(incarnation=Incarnation(1), received=5.0, frame=read('42["echo",{"n":1}]'))

    (raw,) = unpack(received)

    assert (raw.event, raw.data, raw.text, raw.received) == ("echo", b'{"n":1}', '42["echo",{"n":1}]', 5.0)
    assert raw.json() == {"n": 1}


def test_no_payload_decodes_as_nothing() -> None:
    assert RawFrame(read('42["ps"]'), 0.0).json() is None


@pytest.mark.parametrize("payload", [b"{", b"\xff", b"[" * 100_000])
def test_a_payload_that_is_no_json_is_a_wire_error(payload: bytes) -> None:
    raw = RawFrame(read(*encode_binary_event("echo", payload)), 0.0)

    with pytest.raises(WireError, match="echo"):
        raw.json()

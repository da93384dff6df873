import json
from typing import Any

import pytest
from websocket import ABNF

from actors.websocket_link import Link
from actors.websocket_stream import Batch, MessageStream
from benchmarks import frames
from messages.session import Frame
from messages.wire.framing import FrameDecoder

SIZES = (0, 1, 125, 126, 127, 65_535, 65_536)


class Recorded(Link):
    def __init__(self, data: bytes) -> None:
        super().__init__()
        self._data = [data]

    def receive(self, until: float | None = None, size: int = 0) -> bytes:
        del until, size
        return self._data.pop()

    def receive_now(self, size: int = 0) -> bytes:
        del size
        return b""


def read_by_the_client(data: bytes) -> Batch:
    batch: Batch = []
    MessageStream(Recorded(data), 1.0).gather(batch)
    return batch


def event_of(data: bytes) -> Frame:
    decoder = FrameDecoder()
    (frame,) = (part for is_text, message in read_by_the_client(data) if (part := decoder.feed(message, is_text)))
    assert isinstance(frame, Frame)
    return frame


def from_a_client(data: bytes) -> bytes:
    frame: Any = ABNF.create_frame(data, ABNF.OPCODE_TEXT)
    return bytes(frame.format())


@pytest.mark.parametrize("size", SIZES)
def test_the_client_reads_what_is_framed(size: int) -> None:
    assert read_by_the_client(frames.frame(frames.BINARY, b"x" * size)) == [(False, b"x" * size)]


@pytest.mark.parametrize("size", SIZES)
def test_what_the_client_frames_is_read(size: int) -> None:
    received = bytearray(from_a_client(b"x" * size) + from_a_client(b"next"))

    assert list(frames.cut(received)) == [b"x" * size, b"next"]
    assert received == b""


@pytest.mark.parametrize("size", SIZES)
def test_half_a_message_stays_until_it_is_whole(size: int) -> None:
    message = from_a_client(b"x" * size)
    received = bytearray()

    for byte in message[:-1]:
        received.append(byte)
        if len(received) < 20:
            assert list(frames.cut(received)) == []
    received += message[-1:]

    assert list(frames.cut(received)) == [b"x" * size]


def test_a_tick_is_an_event_with_one_row() -> None:
    frame = event_of(frames.tick("EURUSD_otc", 1_700_000_000.25, 1.5))

    assert frame.event == "updateStream"
    assert json.loads(frame.payload) == [["EURUSD_otc", 1_700_000_000.25, 1.5]]


def test_an_accepted_order_has_its_own_request_id() -> None:
    order: dict[str, object] = {"asset": "A", "amount": 2, "action": "put", "requestId": "mine", "time": 60}

    deal = json.loads(event_of(frames.accepted(order, 7, 1_700_000_000.0)).payload)

    assert (deal["requestId"], deal["asset"], deal["amount"], deal["command"]) == ("mine", "A", 2, 1)
    assert deal["closeTimestamp"] - deal["openTimestamp"] == 60


def test_a_stamp_survives_the_wire_to_the_microsecond() -> None:
    stamp = frames.stamp()

    price = json.loads(event_of(frames.tick("A", 1.0, stamp)).payload)[0][2]

    assert price == pytest.approx(stamp, abs=1e-6)


def asked(**fields: object) -> dict[str, object]:
    return {"asset": "EURUSD_otc", "index": 7, "time": 12_345, "offset": 9_000, "period": 60} | fields


@pytest.mark.parametrize(("period", "times"), [(60, range(3_300, 12_300, 60)), (0, range(12_195, 12_345))])
def test_a_page_ends_where_it_was_asked_to(period: int, times: range) -> None:
    body = json.loads(event_of(frames.page(asked(period=period), 1e6)).payload)

    assert (body["index"], body["period"]) == (7, period)
    assert [row["time"] for row in body["data"]] == list(times)


def test_a_page_shows_nothing_of_the_future_and_no_more_than_was_asked_for() -> None:
    body = json.loads(event_of(frames.page(asked(period=0, offset=2), 10_000.5)).payload)

    assert [row["time"] for row in body["data"]] == [9_998, 9_999]


def test_what_is_no_question_is_not_answered() -> None:
    assert frames.page(asked(period="60"), 1e6) == b""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websocket import ABNF, WebSocketException

from actors.websocket_link import Link
from actors.websocket_stream import (
    MAX_BATCH_BYTES,
    MAX_BATCH_MESSAGES,
    MAX_FRAGMENTS,
    MAX_MESSAGE_BYTES,
    Batch,
    MessageStream,
)
from tests.actors.raw_server import frame

TEXT, BINARY, CONTINUATION = ABNF.OPCODE_TEXT, ABNF.OPCODE_BINARY, ABNF.OPCODE_CONT
PING, PONG, CLOSE = ABNF.OPCODE_PING, ABNF.OPCODE_PONG, ABNF.OPCODE_CLOSE

MIXED = b"".join(
    [
        frame(b"2"),
        frame(b"\x00\xff", BINARY),
        frame(b""),
        frame(b"m" * 125),
        frame(b"p", PING),
        frame(b"m" * 126),
        frame(b"m" * 70_000, BINARY),
        frame(b"one ", is_final=False),
        frame(b"", PONG),
        frame(b"two ", CONTINUATION, is_final=False),
        frame(b"", CONTINUATION),
        ABNF(1, 0, 0, 0, TEXT, 1, b"masked").format(),
    ]
)
MIXED_MESSAGES = [
    (True, b"2"),
    (False, b"\x00\xff"),
    (True, b""),
    (True, b"m" * 125),
    (True, b"m" * 126),
    (False, b"m" * 70_000),
    (True, b"one two "),
    (True, b"masked"),
]


class FakeLink(Link):
    """Gives chunks; each one but the first is there only once it is waited for. Keeps what is sent."""

    def __init__(self, *chunks: bytes) -> None:
        super().__init__()
        self.chunks = list(chunks)
        self.sent: list[bytes] = []

    def receive(self, until: float | None = None, size: int = 0) -> bytes:  # noqa: ARG002
        if not self.chunks:
            raise ConnectionResetError
        return self.chunks.pop(0)

    def receive_now(self, size: int = 0) -> bytes:  # noqa: ARG002
        return b""

    def send(self, data: bytes, until: float) -> None:  # noqa: ARG002
        self.sent.append(data)


class ReadyLink(FakeLink):
    """All chunks are there at once."""

    def receive_now(self, size: int = 0) -> bytes:  # noqa: ARG002
        return self.chunks.pop(0) if self.chunks else b""


def batches_of(link: Link) -> list[Batch]:
    """The batches up to the end of the link."""
    stream = MessageStream(link, 1.0)
    batches: list[Batch] = []
    while True:
        batch: Batch = []
        try:
            stream.gather(batch)
        except ConnectionResetError:
            return [*batches, batch] if batch else batches
        batches.append(batch)


def messages_of(link: Link) -> Batch:
    return [message for batch in batches_of(link) for message in batch]


def test_every_kind_of_frame_becomes_its_message() -> None:
    assert messages_of(FakeLink(MIXED)) == MIXED_MESSAGES


@given(cuts=st.lists(st.integers(0, len(MIXED)), max_size=12))
def test_however_bytes_are_cut_the_messages_are_the_same(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(MIXED)]
    chunks = [MIXED[start:end] for start, end in pairwise(places) if start < end]

    assert messages_of(FakeLink(*chunks)) == MIXED_MESSAGES


def test_single_bytes_become_messages() -> None:
    data = frame(b"a" * 200) + frame(b"b", BINARY)

    assert messages_of(FakeLink(*(data[at : at + 1] for at in range(len(data))))) == [
        (True, b"a" * 200),
        (False, b"b"),
    ]


def test_complete_messages_do_not_wait_for_an_incomplete_one() -> None:
    link = FakeLink(frame(b"1") + frame(b"2") + frame(b"3")[:2], frame(b"3")[2:])

    assert batches_of(link) == [[(True, b"1"), (True, b"2")], [(True, b"3")]]


def test_messages_of_several_reads_share_a_batch() -> None:
    link = ReadyLink(frame(b"1"), frame(b"2"), frame(b"3"))

    assert batches_of(link) == [[(True, b"1"), (True, b"2"), (True, b"3")]]


def test_a_batch_is_bounded_and_the_rest_follows() -> None:
    link = FakeLink(frame(b"1") * (MAX_BATCH_MESSAGES + 1))

    assert [len(batch) for batch in batches_of(link)] == [MAX_BATCH_MESSAGES, 1]


def test_messages_are_handed_over_before_a_ping_is_answered() -> None:
    link = FakeLink(frame(b"1") + frame(b"p", PING))
    batch: Batch = []

    MessageStream(link, 1.0).gather(batch)

    assert batch == [(True, b"1")]
    assert link.sent == []


def test_a_ping_is_answered_with_its_own_content() -> None:
    link = FakeLink(frame(b"abc", PING))

    messages_of(link)

    (pong,) = link.sent
    assert pong[0] == 0x80 | PONG
    assert ABNF.mask(pong[2:6], pong[6:]) == b"abc"


def test_a_close_is_answered_and_says_why() -> None:
    link = FakeLink(frame(b"\x03\xf3go away", CLOSE))

    with pytest.raises(WebSocketException, match="code 1011 go away"):
        messages_of(link)

    assert link.sent[0][0] == 0x80 | CLOSE


def test_messages_in_front_of_an_error_are_kept() -> None:
    stream = MessageStream(FakeLink(frame(b"1") + frame(b"x", CONTINUATION)), 1.0)
    batch: Batch = []
    stream.gather(batch)

    with pytest.raises(WebSocketException):
        stream.gather([])

    assert batch == [(True, b"1")]


HOSTILE = {
    "continues nothing": frame(b"x", CONTINUATION),
    "begins within a message": frame(b"x", is_final=False) + frame(b"y"),
    "reserved opcode": b"\x83\x00",
    "reserved bit": b"\xc1\x00",
    "ping in fragments": b"\x09\x00",
    "long ping": b"\x89\x7e\x00\x7e" + b"p" * 126,
    "close of one byte": b"\x88\x01x",
    "close code that is none": b"\x88\x02\x03\xee",
    "endless length": b"\x82\x7f" + b"\xff" * 8,
    "one byte too many": b"\x82\x7f" + (MAX_MESSAGE_BYTES + 1).to_bytes(8),
    "too many fragments": frame(b"", is_final=False) + frame(b"", CONTINUATION, is_final=False) * MAX_FRAGMENTS,
    "fragments that are too much": frame(b"x" * MAX_MESSAGE_BYTES, is_final=False)
    + frame(b"x", CONTINUATION, is_final=False),
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_breaks_the_protocol_or_a_limit_ends_it(data: bytes) -> None:
    with pytest.raises(WebSocketException):
        messages_of(FakeLink(data))


ALLOWED = {
    "largest message": frame(b"x" * MAX_MESSAGE_BYTES, BINARY),
    "largest message in fragments": frame(b"x" * (MAX_MESSAGE_BYTES // 2), BINARY, is_final=False)
    + frame(b"p" * 125, PING)
    + frame(b"x" * (MAX_MESSAGE_BYTES // 2), CONTINUATION),
    "most fragments": frame(b"x" * (MAX_MESSAGE_BYTES - MAX_FRAGMENTS + 1), BINARY, is_final=False)
    + frame(b"x", CONTINUATION, is_final=False) * (MAX_FRAGMENTS - 2)
    + frame(b"x", CONTINUATION),
}


@pytest.mark.parametrize("data", ALLOWED.values(), ids=ALLOWED.keys())
def test_what_is_just_within_the_limits_is_received(data: bytes) -> None:
    assert messages_of(FakeLink(data)) == [(False, b"x" * MAX_MESSAGE_BYTES)]


def test_what_is_sent_is_one_masked_frame() -> None:
    link = FakeLink()

    MessageStream(link, 1.0).send(b"hello", TEXT)

    (sent,) = link.sent
    assert sent[:2] == bytes([0x80 | TEXT, 0x80 | 5])
    assert ABNF.mask(sent[2:6], sent[6:]) == b"hello"


def test_a_batch_is_handed_over_before_it_is_a_heap() -> None:
    class FastLink(FakeLink):
        def receive_now(self, size: int = 0) -> bytes:
            return self.receive(None, size) if self.chunks else b""

    messages = frame(b"m" * 60_000) * 100
    stream = MessageStream(FastLink(*(messages[at : at + 65_536] for at in range(0, len(messages), 65_536))), 1.0)
    sizes: list[int] = []
    while sum(sizes) < 100:
        batch: Batch = []
        stream.gather(batch)
        sizes.append(len(batch))

    assert max(sizes) * 60_000 < MAX_BATCH_BYTES + 2 * 65_536

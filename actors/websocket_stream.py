"""The messages of one WebSocket: websocket-client's low layer, fed from a buffer.

Theory of operation. One read brings many frames, so what was read is kept and frames are cut from it where they lie.
A whole message in one unmasked frame, which is nearly every one, is a slice. Every other frame (fragments, ping, close)
goes through websocket-client's own ``recv_data_frame``, which checks and answers it; it is called only once the
frame is complete, and so never waits. Messages that are there are handed over before such a frame is looked at.

Decides what is a message and how large one may be. Does not know threads, nor how bytes come and go.
"""

import time
from collections.abc import Callable
from typing import Final

from websocket import (
    ABNF,
    WebSocket,
    WebSocketConnectionClosedException,
    WebSocketException,
    WebSocketPayloadException,
)

from actors.ports import Endpoint
from actors.websocket_headers import HeaderLink
from actors.websocket_link import Link

MAX_MESSAGE_BYTES: Final = 1024 * 1024
MAX_FRAGMENTS: Final = 64
MAX_BATCH_BYTES: Final = 512 * 1024
"""So much is read before what is there is handed over, however fast more comes."""
MAX_BATCH_MESSAGES: Final = 4096
"""Large enough that a burst over 150 assets still brings several ticks of each at once, which then travel as one."""

_WHOLE_TEXT: Final = 0x80 | ABNF.OPCODE_TEXT
_WHOLE: Final = frozenset({_WHOLE_TEXT, 0x80 | ABNF.OPCODE_BINARY})
_MASKED: Final = 0x80
_LENGTH_16: Final = 126
_TOO_LARGE: Final = "a message is larger than accepted"

Batch = list[tuple[bool, bytes]]


class MessageStream(WebSocket):
    """Gathers incoming messages, sends outgoing ones. Receiving is for one thread, sending for any."""

    def __init__(self, link: Link, send_timeout_seconds: float, ponged: Callable[[], None] = lambda: None) -> None:
        # Each frame is given out as it comes (fire_cont_frame), so that fragments can be counted and never waited for.
        super().__init__(skip_utf8_validation=True, fire_cont_frame=True, enable_multithread=False)
        self._link = link
        self._send_timeout_seconds = send_timeout_seconds
        self._ponged = ponged
        self._data = b""
        self._at = 0
        self._chunks: list[bytes] = []  # what follows _data, until it completes a frame
        self._missing = 0
        self._fragments: list[bytes] = []
        self._is_text = False

    def upgrade(self, endpoint: Endpoint, until: float) -> None:
        """Make a WebSocket of the connection. Raises WebSocketException and OSError."""
        answer = HeaderLink(self._link, until)
        header = {"User-Agent": endpoint.user_agent} if endpoint.user_agent else None
        try:
            self.connect(  # type: ignore[no-untyped-call]  # websocket-client leaves it untyped
                endpoint.url, socket=answer, origin=endpoint.origin, header=header, redirect_limit=0
            )
        except WebSocketException as error:
            if not answer.is_complete:
                raise
            raise WebSocketException(f"no WebSocket; the answer was: {answer.status}") from error
        if answer.rest:
            self._feed(answer.rest)

    def gather(self, batch: Batch) -> None:
        """Wait for a message; put it and those behind it that are there into ``batch``.

        What an error leaves in the batch came before it.
        """
        taken = 0
        while self._take(batch):
            if batch and taken >= MAX_BATCH_BYTES:
                return
            data = self._link.receive_now() if batch else self._link.receive()
            if not data:
                return
            self._feed(data)
            taken += len(data)

    def send_frame(self, frame: ABNF) -> int:
        """Send a frame, as everything is sent here: websocket-client's own would trace its content."""
        data = frame.format()
        self._link.send(data, time.monotonic() + self._send_timeout_seconds)
        return len(data)

    def _feed(self, data: bytes) -> None:
        self._chunks.append(data)
        self._missing -= len(data)
        if self._missing <= 0:
            self._data, self._at = b"".join(self._chunks), 0
            self._chunks.clear()

    def _take(self, batch: Batch) -> bool:
        """Move complete messages to the batch; whether it takes more bytes to go on."""
        if self._missing > 0:
            return True
        data = self._data
        while len(batch) < MAX_BATCH_MESSAGES:
            start, end = _extent(data, self._at)
            if end - start > MAX_MESSAGE_BYTES:
                raise WebSocketPayloadException(_TOO_LARGE)
            if end > len(data):
                self._await(end)
                return True
            first = data[self._at]
            if first in _WHOLE and data[self._at + 1] < _MASKED and not self._fragments:
                batch.append((first == _WHOLE_TEXT, data[start:end]))
                self._at = end
            elif batch:
                break
            else:
                self._take_other(batch)
        return False

    def _await(self, end: int) -> None:
        self._missing = end - len(self._data)
        if self._at < len(self._data):
            self._chunks.append(self._data[self._at :])
        self._data, self._at = b"", 0

    def _take_other(self, batch: Batch) -> None:
        opcode, frame = self.recv_data_frame(control_frame=True)
        if opcode == ABNF.OPCODE_CLOSE:
            raise WebSocketConnectionClosedException(_farewell(frame.data))
        if opcode == ABNF.OPCODE_PONG:
            self._ponged()
        if opcode in (ABNF.OPCODE_PING, ABNF.OPCODE_PONG):
            return
        if opcode != ABNF.OPCODE_CONT:
            self._is_text = opcode == ABNF.OPCODE_TEXT
        self._fragments.append(frame.data)
        if len(self._fragments) > MAX_FRAGMENTS or sum(map(len, self._fragments)) > MAX_MESSAGE_BYTES:
            raise WebSocketPayloadException(_TOO_LARGE)
        if frame.fin:
            batch.append((self._is_text, b"".join(self._fragments)))
            self._fragments.clear()

    def _recv(self, bufsize: int) -> bytes:
        """Give websocket-client what it asks for; the frame it reads is complete."""
        start = self._at
        self._at += bufsize
        return self._data[start : self._at]


def _extent(data: bytes, at: int) -> tuple[int, int]:
    """Where the payload of the frame at ``at`` starts and ends; beyond the data as long as they do not tell."""
    size = len(data)
    start = at + 2
    if size < start:
        return start, start
    length = data[at + 1] & 0x7F
    if length >= _LENGTH_16:
        start += 2 if length == _LENGTH_16 else 8
        if size < start:
            return start, start
        length = int.from_bytes(data[at + 2 : start])
    if data[at + 1] & _MASKED:
        start += 4
    return start, start + length


def _farewell(data: bytes) -> str:
    code = f" with code {int.from_bytes(data[:2])}" if data else ""
    return f"the server closed the WebSocket{code} {data[2:].decode(errors='replace')}".rstrip()

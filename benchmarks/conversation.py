"""What the load server says to one client: the upgrade, the login, the answers.

Decides what a message is answered with, at once and without looking at anything but the message. Pure: bytes in, bytes
out. Does not know sockets, nor when a load is due (``benchmarks.load``).
"""

import base64
import hashlib
import json
import re
import time
from typing import Any, Final

from benchmarks import frames
from benchmarks.load import Plan
from messages.wire.framing import encode_connect, encode_open

_ACCEPT_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_END_OF_HEAD: Final = b"\r\n\r\n"
_KEY: Final = re.compile(rb"^sec-websocket-key:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)
_QUIET_MS: Final = 3_600_000

_OPEN: Final = frames.text(encode_open("load", _QUIET_MS, _QUIET_MS))
_CONNECTED: Final = frames.text(encode_connect("load"))
_LOGGED_IN: Final = (
    frames.event("successauth", b'{"id":"load"}')
    + frames.assets()
    + frames.event("successupdateBalance", b'{"isDemo":1,"balance":50000}')
    + frames.event("updateOpenedDeals", b"[]")
    + frames.event("updateClosedDeals", b"[]")
)


class Conversation:
    """One client's. ``plan`` is what it asked for, once it is known."""

    def __init__(self) -> None:
        self.plan: Plan | None = None
        self._received = bytearray()
        self._orders = 0

    def receive(self, data: bytes) -> bytes:
        """Take in what came; gives what to send."""
        self._received += data
        if self.plan is None:
            return self._upgrade()
        return b"".join(self._answer(message) for message in frames.cut(self._received))

    def _upgrade(self) -> bytes:
        head, end, rest = bytes(self._received).partition(_END_OF_HEAD)
        key = _KEY.search(head)
        if not end or key is None:
            return b""
        self._received = bytearray(rest)
        self.plan = Plan.of(head.split()[1].decode())
        accept = base64.b64encode(hashlib.sha1(key[1] + _ACCEPT_GUID).digest())  # noqa: S324 - the protocol's
        status = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        return status + b"Sec-WebSocket-Accept: " + accept + _END_OF_HEAD + _OPEN

    def _answer(self, message: bytes) -> bytes:
        if message.startswith(b"40"):
            return _CONNECTED
        if not message.startswith(b"42["):
            return b""
        name, *arguments = json.loads(message[2:])
        return self._answer_event(name, arguments[0] if arguments else None)

    def _answer_event(self, name: str, asked: Any) -> bytes:  # noqa: ANN401 - any JSON
        match name:
            case "auth":
                return _LOGGED_IN
            case "changeSymbol":
                return frames.history(asked["asset"], asked["period"])
            case "loadHistoryPeriod":
                return frames.page(asked, time.time() + frames.AHEAD_SECONDS)
            case "openOrder":
                self._orders += 1
                return frames.accepted(asked, self._orders, time.time() + frames.AHEAD_SECONDS)
        return b""

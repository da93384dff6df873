"""Engine.IO 4 and Socket.IO 5 packets, read and written; the client and the simulator use the same code.

Theory of operation. One WebSocket message is one packet. A text message begins with its Engine.IO type;
type ``4`` carries a Socket.IO packet. ``45n-`` and ``46n-`` are headers: the next n binary messages belong
to them. Two rules:

1. Whatever begins with ``4`` ends the wait for attachments of an earlier header, readable or not: otherwise
   the attachment of one event would be delivered as the payload of another. Engine.IO's own packets (a ping)
   may come in between and change nothing.
2. What cannot be read becomes a ``Malformed``, which has no content in it. Decoding never raises.

Does not know what an event means, what is inside a payload, or whether a packet is due now; has no sockets
and no clock. One decoder serves one connection and dies with it, pending header included.
"""

import re
from codecs import getincrementaldecoder
from enum import Enum, StrEnum
from functools import lru_cache
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Raw, Struct

from messages.errors import WireError
from messages.session import Frame

PING: Final = "2"
PONG: Final = "3"
CLOSE: Final = "1"
DISCONNECT: Final = "41"

MAX_ATTACHMENTS: Final = 10

_CACHED_HEADERS: Final = 256
_CACHED_HEADER_BYTES: Final = 128
_PIECE_BYTES: Final = 65_536
_LONGEST_INTERVAL_MS: Final = 3_600_000


class PacketKind(Enum):
    """What a packet is for, if it is no event."""

    OPEN = "open"
    CLOSE = "close"
    PING = "ping"
    PONG = "pong"
    NOOP = "noop"
    CONNECT = "connect"
    DISCONNECT = "disconnect"
    ACK = "ack"
    CONNECT_ERROR = "connect error"


class Control(Struct, frozen=True):
    """A packet that carries no event.

    ``data`` is what followed the type (UTF-8): JSON in a Socket.IO packet, anything in an Engine.IO one.
    Attachments of an ack are awaited and dropped.
    """

    kind: PacketKind
    data: bytes = b""
    namespace: str = "/"
    id: int | None = None


class Malformed(Struct, frozen=True):
    """A message that cannot be read: why, and its size in bytes; never what was in it."""

    reason: str
    size: int


class OpenPacket(Struct, frozen=True):
    """The server's first packet; both intervals in milliseconds."""

    sid: Annotated[str, Meta(min_length=1, max_length=256)]
    pingInterval: Annotated[int, Meta(ge=1, le=_LONGEST_INTERVAL_MS)]  # noqa: N815 -- the wire's names
    pingTimeout: Annotated[int, Meta(ge=1, le=_LONGEST_INTERVAL_MS)]  # noqa: N815


class _Placeholder(Struct, frozen=True):
    """Stands in a header where attachment ``num`` belongs; the types are checked after it is known to be one."""

    is_placeholder: object = msgspec.field(name="_placeholder", default=False)
    num: object = None


class _Header(Struct, frozen=True, gc=False):
    """A packet that awaits ``count`` attachments before it becomes ``result``.

    ``num`` is the attachment that is the payload, None if the payload is inline.
    """

    result: Frame | Control
    count: int
    num: int | None


class _Arguments(Struct, frozen=True, array_like=True):
    """What is used of a list of arguments. The others are checked and skipped: there may be half a million."""

    name: Raw = Raw()
    payload: Raw = Raw()


class _Fault(StrEnum):
    UNKNOWN_PACKET = "a packet of unknown type"
    UNKNOWN_MESSAGE = "a message of unknown type"
    UNANNOUNCED = "an attachment that no header announced"
    COUNT = "attachments counted where there are none, or not counted where there are"
    TOO_MANY = "too many attachments"
    NO_NAME = "an event without a name"
    PLACEHOLDER = "a placeholder for an attachment that is not announced"
    NOT_UTF8 = "not UTF-8"
    TOO_DEEP = "nested too deeply"
    NOT_JSON = "not the JSON of its type of packet"


class _UnreadableError(Exception):
    def __init__(self, fault: _Fault) -> None:
        self.fault = fault


_ENGINE: Final = {
    b"0": PacketKind.OPEN,
    b"1": PacketKind.CLOSE,
    b"2": PacketKind.PING,
    b"3": PacketKind.PONG,
    b"6": PacketKind.NOOP,
}
_MESSAGE: Final = b"4"
_EVENTS: Final = (b"2", b"5")
_BINARY: Final = (b"5", b"6")
_SOCKET: Final = {
    b"0": PacketKind.CONNECT,
    b"1": PacketKind.DISCONNECT,
    b"3": PacketKind.ACK,
    b"4": PacketKind.CONNECT_ERROR,
    b"6": PacketKind.ACK,
}
# Attachments, namespace and id are optional; the bounds keep int() away from numbers of a million digits.
_PACKET: Final = re.compile(
    rb"4(?P<type>[0-6])(?:(?P<count>\d{1,9})-)?(?:(?P<namespace>/[^,]*),?)?(?P<id>\d{0,18})(?!\d)(?P<body>.*)",
    re.DOTALL,
)

_arguments = msgspec.json.Decoder(_Arguments)
_name = msgspec.json.Decoder(str)
_placeholder = msgspec.json.Decoder(_Placeholder)
_json = msgspec.json.Decoder(Raw)
_open = msgspec.json.Decoder(OpenPacket)


class FrameDecoder:
    """Turns the messages of one connection into frames and controls.

    Attributes:
        abandoned: headers whose attachments never came, because another packet took their place.
        unknown: packets of a type that neither protocol has.
    """

    def __init__(self) -> None:
        self.abandoned = 0
        self.unknown = 0
        self._pending: _Header | None = None
        self._attachments: tuple[bytes, ...] = ()
        # Nearly all traffic is a handful of headers, repeated: each is parsed once.
        self._headers: dict[bytes, _Header] = {}

    def feed(self, data: bytes, is_text: bool) -> Frame | Control | Malformed | None:  # noqa: FBT001 -- hot path
        """Read one WebSocket message; None while attachments are awaited. Never raises."""
        if not is_text:
            return self._attach(data)
        header = self._headers.get(data) if len(data) <= _CACHED_HEADER_BYTES else None
        if header is None:
            return self._read(data)
        if self._pending is not None:
            self._abandon()
        self._pending = header
        return None

    def _attach(self, data: bytes) -> Frame | Control | Malformed | None:
        header = self._pending
        if header is None:
            return Malformed(_Fault.UNANNOUNCED.value, len(data))
        attachments = (*self._attachments, data) if self._attachments else (data,)
        if len(attachments) < header.count:
            self._attachments = attachments
            return None
        self._pending, self._attachments = None, ()
        result = header.result
        if isinstance(result, Control):
            return result
        payload = result.payload if header.num is None else attachments[header.num]
        return Frame(result.event, payload, result.text, attachments)

    def _abandon(self) -> None:
        self._pending, self._attachments = None, ()
        self.abandoned += 1

    def _read(self, data: bytes) -> Frame | Control | Malformed | None:
        try:
            if not data.startswith(_MESSAGE):
                return self._read_engine(data)
            if self._pending is not None:
                self._abandon()
            return self._read_message(data)
        except _UnreadableError as error:
            return Malformed(error.fault.value, len(data))
        except UnicodeDecodeError:
            return Malformed(_Fault.NOT_UTF8.value, len(data))
        except RecursionError:
            return Malformed(_Fault.TOO_DEEP.value, len(data))
        except msgspec.MsgspecError:
            return Malformed(_Fault.NOT_JSON.value, len(data))

    def _read_engine(self, data: bytes) -> Control:
        _check_utf8(data)
        kind = _ENGINE.get(data[:1])
        if kind is None:
            self.unknown += 1
            raise _UnreadableError(_Fault.UNKNOWN_PACKET)
        return Control(kind, data[1:])

    def _read_message(self, data: bytes) -> Frame | Control | None:
        _check_utf8(data)
        packet = _PACKET.fullmatch(data)
        if packet is None:
            self.unknown += 1
            raise _UnreadableError(_Fault.UNKNOWN_MESSAGE)
        header = _parse(packet)
        if header.count == 0:
            return header.result
        self._pending = header
        self._remember(data, header)
        return None

    def _remember(self, data: bytes, header: _Header) -> None:
        if len(data) > _CACHED_HEADER_BYTES:
            return
        if len(self._headers) >= _CACHED_HEADERS:
            self._headers.clear()
        self._headers[data] = header


def _check_utf8(data: bytes) -> None:
    # In pieces, because one character beyond the basic plane makes of a text four times its bytes.
    if len(data) <= _PIECE_BYTES:
        data.decode()
        return
    decoder = getincrementaldecoder("utf-8")()
    for start in range(0, len(data), _PIECE_BYTES):
        decoder.decode(data[start : start + _PIECE_BYTES])
    decoder.decode(b"", final=True)


def _parse(packet: re.Match[bytes]) -> _Header:
    count = _count_attachments(packet)
    if packet["type"] in _EVENTS:
        return _parse_event(packet, count)
    return _Header(_parse_control(packet), count, None)


def _count_attachments(packet: re.Match[bytes]) -> int:
    announced = packet["count"]
    if (announced is not None) != (packet["type"] in _BINARY):
        raise _UnreadableError(_Fault.COUNT)
    count = int(announced or 0)
    if count > MAX_ATTACHMENTS:
        raise _UnreadableError(_Fault.TOO_MANY)
    return count


def _parse_event(packet: re.Match[bytes], count: int) -> _Header:
    arguments = _arguments.decode(packet["body"])
    if not bytes(arguments.name):
        raise _UnreadableError(_Fault.NO_NAME)
    name = _name.decode(arguments.name)
    payload = bytes(arguments.payload)
    num = _placeholder_num(payload, count) if packet["type"] in _BINARY else None
    return _Header(Frame(name, payload, packet.string), count, num)


def _placeholder_num(payload: bytes, count: int) -> int | None:
    if not payload.startswith(b"{"):
        return None
    placeholder = _placeholder.decode(payload)
    if placeholder.is_placeholder is not True:
        return None
    num = placeholder.num
    if type(num) is not int or not 0 <= num < count:
        raise _UnreadableError(_Fault.PLACEHOLDER)
    return num


def _parse_control(packet: re.Match[bytes]) -> Control:
    kind, body = _SOCKET[packet["type"]], packet["body"]
    if kind is PacketKind.ACK:
        _arguments.decode(body)
    elif body:
        _json.decode(body)
    namespace = (packet["namespace"] or b"/").decode()
    return Control(kind, body, namespace, int(packet["id"]) if packet["id"] else None)


def event_of(message: str) -> str | None:
    """The event that a text message carries or announces; None where it is no readable event."""
    try:
        packet = _PACKET.fullmatch(message.encode())
        if packet is None or packet["type"] not in _EVENTS:
            return None
        arguments = _arguments.decode(packet["body"])
        return _name.decode(arguments.name) if bytes(arguments.name) else None
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None


def encode_event(event: str, argument: bytes | None = None) -> str:
    """An event as text; ``argument`` is its one argument as JSON (UTF-8)."""
    name = _text(event)
    return f"42[{name}]" if argument is None else f"42[{name},{argument.decode()}]"


def encode_binary_event(event: str, payload: bytes) -> tuple[str, bytes]:
    """An event as a header and the binary message to send behind it."""
    return _binary_header(event), payload


@lru_cache(_CACHED_HEADERS)
def _binary_header(event: str) -> str:
    return f'451-[{_text(event)},{{"_placeholder":true,"num":0}}]'


def encode_open(sid: str, ping_interval_ms: int, ping_timeout_ms: int, max_payload: int | None = None) -> str:
    """The server's first packet; ``max_payload`` in bytes."""
    body: dict[str, object] = {
        "sid": sid,
        "upgrades": [],
        "pingInterval": ping_interval_ms,
        "pingTimeout": ping_timeout_ms,
    }
    if max_payload is not None:
        body["maxPayload"] = max_payload
    return "0" + _text(body)


def encode_connect(sid: str | None = None) -> str:
    """The request to connect, or with ``sid`` the server's consent."""
    return "40" if sid is None else "40" + _text({"sid": sid})


def decode_open(data: bytes) -> OpenPacket:
    """Read the ``data`` of an OPEN packet.

    Raises:
        WireError: it is not what a server opens with, or its intervals are not between 1 ms and an hour.
    """
    what = "the open packet"
    try:
        return _open.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise WireError(what, str(error)) from None


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()

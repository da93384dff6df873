"""What a hostile server says, and what has to come of it: a table.

An attack is an answer to the request for a WebSocket, or frames that are none, or frames whose content is none.
``burst`` is what offends; ``more`` is repeated behind it until the client ends the connection. Where the session goes
on, a sentinel and a ping follow, whose arrival shows that all in front of them has been dealt with.
Does not know how it is sent (``villain``), nor what it costs (``victim``).
"""

import zlib
from collections.abc import Callable, Iterable
from enum import Enum
from typing import Final

from msgspec import Struct
from websocket import ABNF

from messages.wire.framing import encode_binary_event, encode_event
from tests.actors.raw_server import frame

MEBIBYTE: Final = 1024 * 1024
FLOOD: Final = 20_000
DEPTH: Final = 100_000
SENTINEL: Final = "sentinel"


class Kind(Enum):
    """When it is said."""

    ANSWER = "instead of an answer to the request"
    UPGRADE = "behind an answer that announces compression"
    FRAMES = "in the middle of a session"


class Attack(Struct, frozen=True, kw_only=True):
    """One attack.

    ``refusals`` is how many packets, payloads or rows the client has to count as unreadable; ``offences`` of how many
    frames or messages a flood is.
    """

    kind: Kind
    burst: Callable[[], bytes]
    more: bytes = b""
    ends: bool = True
    refusals: int = 0
    offences: int = 1


def texts(*packets: str | bytes) -> bytes:
    """Text frames."""
    return b"".join(frame(packet.encode() if isinstance(packet, str) else packet) for packet in packets)


def event(name: str, payload: bytes) -> bytes:
    """A binary event as the platform sends it."""
    header, attachment = encode_binary_event(name, payload)
    return frame(header.encode()) + frame(attachment, ABNF.OPCODE_BINARY)


def events(name: str, payloads: Iterable[bytes]) -> bytes:
    """The same event with each of the payloads."""
    return b"".join(event(name, payload) for payload in payloads)


def farewell() -> bytes:
    """What follows an attack that the session survives."""
    return texts(encode_event(SENTINEL, b"1"), "2")


def _answer(data: bytes, more: bytes) -> Attack:
    return Attack(kind=Kind.ANSWER, burst=lambda: data, more=more)


def _frames(burst: Callable[[], bytes], more: bytes = b"") -> Attack:
    return Attack(kind=Kind.FRAMES, burst=burst, more=more)


def _content(refusals: int, burst: Callable[[], bytes]) -> Attack:
    return Attack(kind=Kind.FRAMES, burst=burst, ends=False, refusals=refusals)


def _flood(offences: int, burst: Callable[[], bytes], *, is_refused: bool = True) -> Attack:
    refusals = offences if is_refused else 0
    return Attack(kind=Kind.FRAMES, burst=burst, ends=False, refusals=refusals, offences=offences)


def _bomb() -> bytes:
    """64 MiB of zeros in 64 KiB, in a frame that says that it is compressed."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    payload = squeeze.compress(bytes(64 * MEBIBYTE)) + squeeze.flush(zlib.Z_SYNC_FLUSH)
    return ABNF(1, 1, 0, 0, ABNF.OPCODE_TEXT, 0, payload[:-4]).format()


def _length(size: int) -> bytes:
    return b"\x82\x7f" + size.to_bytes(8)


def _fragment(size: int) -> bytes:
    return frame(bytes(size), ABNF.OPCODE_CONT, is_final=False)


def _fragments(size: int, following: int) -> bytes:
    return frame(bytes(size), is_final=False) + _fragment(size) * following


NEST: Final = b"[" * DEPTH + b"]" * DEPTH
_LINE: Final = b"A: " + b"b" * 8_000 + b"\r\n"
_TEXT: Final = b"a" * (MEBIBYTE - 64) + "\N{SNAKE}".encode()
_MAPS: Final = b'{"a":' * DEPTH + b"1" + b"}" * DEPTH

WRONG_COUNTS: Final = (
    '4511-["x",{"_placeholder":true,"num":0}]',
    '45999999999-["x",{"_placeholder":true,"num":0}]',
    '4599999999999999999999-["x"]',
    '451-["x",{"_placeholder":true,"num":1}]',
    '451-["x",{"_placeholder":true,"num":-1}]',
    '451-["x",{"_placeholder":true,"num":1e99}]',
    '45["x",{"_placeholder":true,"num":0}]',
    '421-["x"]',
    '45-1-["x"]',
)
UNKNOWN: Final = ("7", "8", "9" * 300, "48[]", '49["x"]', "4x", "", "x", "5upgrade")
NOT_UTF8: Final = (b'42["x","\xff"]', b"\xff\xfe", b'42["\xc3"]', b"4\x80", b'451-["\xed\xa0\x80",0]')
NUMBERS: Final = (b"1e999", b"-1e999", b"1e999999999", b"NaN", b"Infinity", b"-Infinity", b"1" + b"0" * 5_000)

ATTACKS: Final[dict[str, Attack]] = {
    "line of an answer without an end": _answer(b"HTTP/1.1 101 " + b"x" * 16_384, b"x" * 65_536),
    "answer without an end": _answer(b"HTTP/1.1 101 X\r\n" + b"A: b\r\n" * 11_000, b"A: b\r\n" * 10_000),
    "long lines without an end": _answer(b"HTTP/1.1 101 X\r\n" + _LINE * 9, _LINE * 8),
    "compression unasked": Attack(kind=Kind.UPGRADE, burst=_bomb, more=_bomb()),
    "compressed frames": _frames(_bomb, _bomb()),
    "length of 2 to the 63": _frames(lambda: _length(2**63 - 1), bytes(MEBIBYTE)),
    "length above 2 to the 63": _frames(lambda: _length(2**64 - 1), bytes(MEBIBYTE)),
    "length above the limit": _frames(lambda: _length(MEBIBYTE + 1), bytes(MEBIBYTE)),
    "empty fragments without an end": _frames(lambda: _fragments(0, 64), _fragment(0) * 1_000),
    "fragments without an end": _frames(lambda: _fragments(65_536, 16), _fragment(65_536)),
    "ping of a mebibyte": _frames(lambda: b"\x89\x7f" + MEBIBYTE.to_bytes(8) + bytes(MEBIBYTE), bytes(MEBIBYTE)),
    "nested text": _content(2, lambda: texts(b'42["x",' + NEST + b"]", b'42["x",' + _MAPS + b"]")),
    "nested payloads": _content(
        4,
        lambda: events("updateStream", [NEST, _MAPS]) + event("updateAssets", NEST) + event("successopenOrder", _MAPS),
    ),
    "nested handshake": _content(2, lambda: texts(b"40" + NEST, b"430" + NEST)),
    "wrong counts of attachments": _content(len(WRONG_COUNTS), lambda: texts(*WRONG_COUNTS)),
    "unknown packets": _content(len(UNKNOWN), lambda: texts(*UNKNOWN)),
    "not UTF-8": _content(
        len(NOT_UTF8) + 2,
        lambda: texts(*NOT_UTF8) + event("updateAssets", b'[["\xff"]]') + event("successupdateBalance", b"\xff"),
    ),
    "numbers beyond all bounds": _content(
        2 * len(NUMBERS),
        lambda: (
            events("successupdateBalance", (b'{"balance":' + number + b"}" for number in NUMBERS))
            + events("updateStream", (b'[["EURUSD_otc",' + number + b",1]]" for number in NUMBERS))
        ),
    ),
    "largest message": _content(1, lambda: frame(b'42["x","' + _TEXT)),
    "largest payload": _content(1, lambda: event("updateAssets", b'[["' + _TEXT)),
    "largest list": _content(1, lambda: event("updateStream", b"[" + b"0," * (MEBIBYTE // 2 - 64) + b"0]")),
    "most arguments": _content(0, lambda: texts(b'42["x"' + b",0" * (MEBIBYTE // 2 - 64) + b"]")),
    "most ticks": _content(1, lambda: event("updateStream", b"[" + b'["a",1,1],' * (MEBIBYTE // 11) + b'["a",1,1]]')),
    "as many ticks as taken": _content(
        0, lambda: event("updateStream", b"[" + b'["EURUSD_otc",1,1],' * 13_000 + b'["a",1,1]]')
    ),
    "flood of large events": _flood(64, lambda: event("x", bytes(MEBIBYTE)) * 64, is_refused=False),
    "flood of large payloads": _flood(64, lambda: event("updateAssets", b'["' + b"a" * (MEBIBYTE - 64) + b'"]') * 64),
    "flood of ticks": _flood(5 * FLOOD, lambda: event("updateStream", b'[["a",1,1]]') * (5 * FLOOD), is_refused=False),
    "flood of pings": _flood(5 * FLOOD, lambda: texts("2") * (5 * FLOOD), is_refused=False),
    "flood of WebSocket pings": _flood(FLOOD, lambda: frame(b"", ABNF.OPCODE_PING) * FLOOD, is_refused=False),
    "flood of attachments": _flood(FLOOD, lambda: frame(b"x", ABNF.OPCODE_BINARY) * FLOOD),
    "flood of nonsense": _flood(FLOOD, lambda: texts("42[") * FLOOD),
    "flood of nonsense payloads": _flood(
        FLOOD, lambda: events("updateAssets", (b" " * (n % 1_500) + b"x" for n in range(FLOOD)))
    ),
    "flood of packets out of turn": _flood(FLOOD, lambda: texts('40{"sid":"x"}') * FLOOD),
    "flood of bad greetings": _flood(FLOOD, lambda: texts('0{"sid":1}') * FLOOD),
}

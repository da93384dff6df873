"""The bytes that the load server sends, and how it cuts what it gets.

Decides the shapes: a text header and a binary payload for each event, as the platform sends nearly everything. Does not
know sockets, nor when anything is sent.
"""

import json
import time
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from messages.wire.framing import encode_binary_event

TEXT: Final = 0x81
BINARY: Final = 0x82

AHEAD_SECONDS: Final = 7200
"""How far the platform's clock is ahead of UTC."""

SYMBOLS: Final = ("EURUSD_otc", *(f"BENCH{number:03d}_otc" for number in range(1, 150)))
"""The assets that the load server lists: as many as the platform has."""

PAGE_ROWS: Final = 150
"""How many candles or ticks one answer about the past has at most."""

_SIXTEEN_BITS: Final = 126
_SIXTYFOUR_BITS: Final = 127
_LENGTH_BITS: Final = 0x7F
_STAMP_BASE: Final = 100_000.0
_STAMP_RANGE: Final = 800_000.0


def stamp() -> float:
    """The monotonic clock as a price: every process of this machine reads the same, to the microsecond."""
    return _STAMP_BASE + time.monotonic() % _STAMP_RANGE


def frame(first: int, data: bytes) -> bytes:
    """One whole, unmasked WebSocket message; ``first`` is its first byte."""
    size = len(data)
    if size < _SIXTEEN_BITS:
        return bytes((first, size)) + data
    if size < 1 << 16:
        return bytes((first, _SIXTEEN_BITS)) + size.to_bytes(2) + data
    return bytes((first, _SIXTYFOUR_BITS)) + size.to_bytes(8) + data


def text(content: str) -> bytes:
    """A text message."""
    return frame(TEXT, content.encode())


def event(name: str, payload: bytes) -> bytes:
    """An event: its header, and its payload behind it."""
    header, attachment = encode_binary_event(name, payload)
    return text(header) + frame(BINARY, attachment)


_TICK_HEADER: Final = event("updateStream", b"")[:-2]


def tick(symbol: str, server_time: float, price: float) -> bytes:
    """One price of one asset."""
    return _TICK_HEADER + frame(BINARY, f'[["{symbol}",{server_time:.6f},{price:.6f}]]'.encode())


def assets() -> bytes:
    """The list of assets."""
    rows = [
        [number, symbol, symbol, "currency", 5, 92, 60, 5, 1, 1, 0, 0, [], 0, True, [{"time": 60}], 0, 5, 0]
        for number, symbol in enumerate(SYMBOLS, 1)
    ]
    return event("updateAssets", json.dumps(rows).encode())


def history(symbol: str, period_seconds: int) -> bytes:
    """The answer to a change of symbol; there was nothing before."""
    body = {"asset": symbol, "period": period_seconds, "history": [], "candles": []}
    return event("updateHistoryNewFast", json.dumps(body).encode())


def page(asked: dict[str, object], server_now: float) -> bytes:
    """The answer to ``loadHistoryPeriod``: candles, or ticks where the period is 0; the archive has no beginning.

    There is a tick in every second, and what is shown was over before the time asked for.
    """
    symbol, period, end, count = (asked[name] for name in ("asset", "period", "time", "offset"))
    if not (isinstance(symbol, str) and isinstance(period, int) and isinstance(end, int) and isinstance(count, int)):
        return b""
    step = period or 1
    stop = min(end, int(server_now)) // step * step
    rows = (_row(symbol, period, at) for at in range(stop - min(count, PAGE_ROWS) * step, stop, step))
    head = json.dumps({"asset": symbol, "index": asked["index"], "period": period}).encode()[:-1]
    return event("loadHistoryPeriodFast", head + b',"data":[' + b",".join(rows) + b"]}")


@lru_cache(maxsize=10_000)
def _row(symbol: str, period: int, at: int) -> bytes:
    """A candle or a tick, made once: whoever asks for it again waits for the socket alone."""
    return json.dumps(_candle(symbol, at) if period else _past_tick(symbol, at)).encode()


def _past_tick(symbol: str, at: int) -> dict[str, object]:
    return {"asset": symbol, "time": at, "price": _past_price(at)}


def _candle(symbol: str, at: int) -> dict[str, object]:
    price = _past_price(at)
    prices = {"open": price, "close": price, "high": price, "low": price}
    return {"symbol_id": 1, "time": at, **prices, "asset": symbol}


def _past_price(at: int) -> float:
    return round(1.1 + at % 1000 * 1e-5, 5)


def accepted(order: dict[str, object], number: int, server_time: float) -> bytes:
    """The answer to ``openOrder``: the deal, with the order's own ``requestId``."""
    duration = order["time"]
    closes = int(server_time) + (duration if isinstance(duration, int) else 0)
    deal = {
        "id": f"00000000-0000-4000-8000-{number:012d}",
        "openTime": "2026-01-01 00:00:00",
        "closeTime": "2026-01-01 00:01:00",
        "openTimestamp": int(server_time),
        "closeTimestamp": closes,
        "uid": 1,
        "isDemo": 1,
        "amount": order["amount"],
        "profit": 0.92,
        "percentProfit": 92,
        "percentLoss": 100,
        "openPrice": 1.1,
        "closePrice": 0,
        "command": 0 if order["action"] == "call" else 1,
        "asset": order["asset"],
        "copyTicket": "",
        "openMs": 0,
        "optionType": 100,
        "isCopySignal": False,
        "currency": "USD",
        "requestId": order["requestId"],
    }
    return event("successopenOrder", json.dumps(deal).encode())


def cut(received: bytearray) -> Iterator[bytes]:
    """Take the complete messages of a client out of what was received; clients mask theirs."""
    while (end := _end(received)) is not None:
        start, stop = end
        mask, masked = received[start - 4 : start], received[start:stop]
        yield _unmasked(bytes(masked), bytes(mask))
        del received[:stop]


def _end(received: bytearray) -> tuple[int, int] | None:
    if len(received) < 2:  # noqa: PLR2004 - the shortest head of a frame
        return None
    size, head = received[1] & _LENGTH_BITS, 2
    if size >= _SIXTEEN_BITS:
        head += 2 if size == _SIXTEEN_BITS else 8
        size = int.from_bytes(received[2:head]) if len(received) >= head else 1 << 63
    start = head + 4
    return (start, start + size) if len(received) >= start + size else None


def _unmasked(data: bytes, mask: bytes) -> bytes:
    size = len(data)
    key = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(data) ^ int.from_bytes(key)).to_bytes(size)

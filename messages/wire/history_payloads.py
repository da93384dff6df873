"""What the platform says about the past: recent ticks and candles of an asset, and pages of older ones.

Decides how the JSON of ``updateHistory…`` and ``loadHistoryPeriod…`` becomes the vocabulary's, oldest first.
Candles stand as open, close, high, low on the wire, in a history the newest before the others.
Does not know who asked, nor whether a page's last candle is over by now.
"""

from contextlib import suppress
from operator import attrgetter
from typing import Final, TypeVar

import msgspec
from msgspec import Raw, Struct
from msgspec.json import Decoder

from messages.errors import WireError
from messages.market import Candle, HistoryReported, PeriodReported, Symbol, Tick
from messages.wire.reading import (
    LATEST_SECONDS,
    UNREADABLE,
    Decoded,
    Implausible,
    Integer,
    Moment,
    Name,
    Price,
    Rows,
    Seconds,
    Volume,
    read,
    salvage,
    server_seconds,
)

Timed = TypeVar("Timed", Tick, Candle)

_HISTORY: Final = "updateHistory"
_PERIOD: Final = "loadHistoryPeriod"


class _TickRow(Struct, frozen=True, array_like=True, gc=False):
    time: Moment
    price: Price


class _CandleRow(Struct, frozen=True, array_like=True, gc=False):
    time: Moment
    open: Price
    close: Price
    high: Price
    low: Price
    volume: Volume = None


class _PeriodRow(Struct, frozen=True, gc=False):
    """A tick where it has a price, else a candle."""

    time: Moment
    price: Price | None = None
    open: Price | None = None
    close: Price | None = None
    high: Price | None = None
    low: Price | None = None
    volume: Volume = None


class _History(Struct, frozen=True):
    asset: Name
    period: Seconds
    history: Raw = Raw(b"[]")
    candles: Raw = Raw()


class _Period(Struct, frozen=True):
    asset: Name
    index: Integer
    data: Raw = Raw(b"[]")
    period: Seconds | None = None


class _Columns(
    Struct, frozen=True, rename={"time": "t", "open": "o", "close": "c", "high": "h", "low": "l", "volume": "v"}
):
    """Candles again, one list for each column."""

    time: list[object] = []
    open: list[object] = []
    close: list[object] = []
    high: list[object] = []
    low: list[object] = []
    volume: list[object] | None = None

    def rows(self) -> list[tuple[object, ...]]:
        volume = self.volume or [None] * len(self.time)
        columns = (self.time, self.open, self.close, self.high, self.low, volume)
        if len({len(column) for column in columns}) > 1:
            raise WireError(_HISTORY, "columns of different lengths")
        return list(zip(*columns, strict=True))


_decode_pairs: Final = Decoder(list[tuple[Moment, Price]], strict=False).decode
_TICK_ROWS: Final = Rows(_TickRow)
_CANDLE_ROWS: Final = Rows(_CandleRow)
_PERIOD_ROWS: Final = Rows(_PeriodRow)
_HISTORY_BODY: Final = Decoder(_History, strict=False)
_PERIOD_BODY: Final = Decoder(_Period, strict=False)
_COLUMNS: Final = Decoder(_Columns)


def history_reported(payload: bytes, offset_seconds: float) -> Decoded:
    """From ``updateHistoryNewFast`` and its older names; the last candle is marked as not closed."""
    body = read(_HISTORY, _HISTORY_BODY, payload)
    ticks, bad_ticks = _history_ticks(body, offset_seconds)
    candles, bad_candles = _history_candles(body, payload, offset_seconds)
    event = HistoryReported(
        symbol=body.asset,
        period_seconds=body.period,
        ticks=ticks,
        candles=_last_forming(_ascending(candles)),
    )
    return Decoded(event, bad_ticks + bad_candles)


def period_reported(payload: bytes, offset_seconds: float) -> Decoded:
    """From ``loadHistoryPeriodFast`` and its older name; a candle's period is 0 where the platform leaves it out."""
    body = read(_PERIOD, _PERIOD_BODY, payload)
    rows, rejected = _PERIOD_ROWS.read(
        _PERIOD, _listed(body.data), lambda row: _tick_or_candle(row, body, offset_seconds)
    )
    event = PeriodReported(
        symbol=body.asset,
        index=body.index,
        ticks=_ascending([row for row in rows if isinstance(row, Tick)]),
        candles=_ascending([row for row in rows if isinstance(row, Candle)]),
    )
    return Decoded(event, rejected)


def _history_ticks(body: _History, offset_seconds: float) -> tuple[tuple[Tick, ...], int]:
    """They come by the thousand, for each asset at each reconnect: nearly always pairs, all of them sound."""
    rows, symbol = _listed(body.history), body.asset
    with suppress(*UNREADABLE):
        pairs = _decode_pairs(rows)
        ticks = _ascending([Tick(symbol, moment - offset_seconds, price, moment) for moment, price in pairs])
        if not ticks or ticks[-1].server_time <= LATEST_SECONDS:
            return ticks, 0
    found, bad = _TICK_ROWS.read(_HISTORY, rows, lambda row: _tick(symbol, row.time, row.price, offset_seconds))
    return _ascending(found), bad


def _history_candles(body: _History, payload: bytes, offset_seconds: float) -> tuple[list[Candle], int]:
    def convert(row: _CandleRow) -> Candle:
        return _candle(row, body.asset, body.period, offset_seconds)

    # Columns come in place of the list of candles, or of the field itself.
    source = _listed(body.candles or payload)
    if not source.lstrip().startswith(b"{"):
        return _CANDLE_ROWS.read(_HISTORY, source, convert)
    columns = read(_HISTORY, _COLUMNS, source)
    return salvage(columns.rows(), lambda row: convert(msgspec.convert(row, _CandleRow, strict=False)))


def _listed(field: bytes) -> bytes:
    """A history that has nothing of a kind says so with null as well."""
    return b"[]" if bytes(field) == b"null" else bytes(field)


def _tick_or_candle(row: _PeriodRow, body: _Period, offset_seconds: float) -> Tick | Candle:
    if row.price is not None:
        return _tick(body.asset, row.time, row.price, offset_seconds)
    if row.open is None or row.close is None or row.high is None or row.low is None:
        message = "neither a tick nor a candle"
        raise Implausible(message)
    candle = _CandleRow(row.time, row.open, row.close, row.high, row.low, row.volume)
    return _candle(candle, body.asset, body.period or 0, offset_seconds)


def _tick(symbol: Symbol, moment: float, price: float, offset_seconds: float) -> Tick:
    server_time = server_seconds(moment)
    return Tick(symbol, server_time - offset_seconds, price, server_time)


def _candle(row: _CandleRow, symbol: Symbol, period_seconds: int, offset_seconds: float) -> Candle:
    return Candle(
        symbol=symbol,
        time=server_seconds(row.time) - offset_seconds,
        period_seconds=period_seconds,
        open=row.open,
        high=row.high,
        low=row.low,
        close=row.close,
        volume=row.volume,
    )


def _ascending(items: list[Timed]) -> tuple[Timed, ...]:
    return tuple(sorted(items, key=attrgetter("time")))


def _last_forming(candles: tuple[Candle, ...]) -> tuple[Candle, ...]:
    return (*candles[:-1], msgspec.structs.replace(candles[-1], closed=False)) if candles else ()

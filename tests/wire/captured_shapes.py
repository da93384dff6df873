"""What may be wrong with each field of each captured payload, and what then becomes of its row.

A table and nothing else. A field is of a *kind*, and the kind says which ways of being broken its row survives, and
how. Whatever a kind does not name costs the row, which is counted; a payload of one row cannot be read then.
"""

from enum import Enum
from typing import Any, Final

from msgspec import Struct


class Fate(Enum):
    """What becomes of a row."""

    SAME = "arrives as if nothing had happened"
    BLANK = "arrives, and what the field feeds is empty"
    OTHER = "arrives, and what the field feeds may be another"
    LOST = "is counted"


MUTATIONS: Final[dict[str, bytes]] = {
    "null": b"null",
    "NaN": b"NaN",
    "NaN in quotes": b'"NaN"',
    "infinite": b"-Infinity",
    "1e999": b"1e999",
    "1e30": b"1e30",
    "a huge int": b"1" + b"0" * 400,
    "a negative number": b"-1000000000000000",
    "a boolean": b"true",
    "an object": b'{"s3cret":[1]}',
    "a list": b"[]",
    "a text": b'"s3cret"',
    "an empty text": b'""',
    "not UTF-8": b'"\xff\xfe"',
}
"""The JSON that comes in a field's place."""

CHANGES: Final = (*MUTATIONS, "missing", "extra", "stringified")
"""Every way of being broken."""

Kind = dict[str, Fate]


def _all(fate: Fate, *changes: str) -> Kind:
    return dict.fromkeys(changes, fate)


NEEDED: Final[Kind] = _all(Fate.SAME, "extra", "stringified")
# NaN and Infinity without quotes are no JSON: they count as null.
OPTIONAL: Final[Kind] = NEEDED | _all(Fate.BLANK, "missing", "null", "NaN", "infinite")
TEXT: Final[Kind] = NEEDED | _all(Fate.OTHER, "a text", "NaN in quotes")
ID: Final[Kind] = TEXT | _all(Fate.OTHER, "a negative number")
FLAG: Final[Kind] = OPTIONAL | _all(Fate.OTHER, "a boolean")
DATE: Final[Kind] = NEEDED | _all(Fate.BLANK, "null", "NaN", "infinite")
HINT: Final[Kind] = _all(Fate.BLANK, *CHANGES) | _all(Fate.SAME, "extra", "stringified")
ANYTHING: Final[Kind] = _all(Fate.SAME, *CHANGES)
CONTAINER: Final[Kind] = OPTIONAL | _all(Fate.BLANK, "a list")


class Field(Struct, frozen=True):
    """One field or column: its kind, and the attributes of the item that it feeds."""

    kind: Kind
    feeds: tuple[str, ...] = ()

    def fate(self, change: str) -> Fate:
        """What becomes of a row when this happens to the field."""
        return self.kind.get(change, Fate.LOST)


Fields = dict[Any, Field]
"""By name, or by the number of the column."""


class Shape(Struct, frozen=True):
    """The rows of one captured payload.

    ``path`` leads to them, ``items`` names the attribute of the event that holds what they become: None where the event
    is what they become. ``order`` is the column or field by which the items are sorted, None where they are not.
    """

    file: str
    event: str
    fields: Fields
    path: tuple[str, ...] = ()
    items: str | None = None
    order: str | int | None = None


def _field(kind: Kind, *feeds: str) -> Field:
    return Field(kind, feeds)


def _columns(*fields: Field) -> Fields:
    """By position: a column that is missing moves those behind it, so that only the last may be."""
    shifted = [Field(field.kind | _all(Fate.LOST, "missing"), field.feeds) for field in fields[:-1]]
    return dict(enumerate([*shifted, fields[-1]]))


UNUSED: Final = _field(ANYTHING)

DEAL: Final[Fields] = {
    "id": _field(ID, "id"),
    "asset": _field(TEXT, "symbol"),
    "command": _field(NEEDED, "direction"),
    "amount": _field(NEEDED, "stake"),
    "profit": _field(NEEDED, "profit"),
    "percentProfit": _field(NEEDED, "payout_percent"),
    "openPrice": _field(NEEDED, "open_price"),
    "closePrice": _field(OPTIONAL, "close_price"),
    "openTimestamp": _field(NEEDED, "open_time", "server_open_time"),
    "closeTimestamp": _field(NEEDED, "close_time", "server_close_time"),
    "isDemo": _field(FLAG, "is_demo"),
    "requestId": _field(OPTIONAL | ID | _all(Fate.BLANK, "missing"), "order_id"),
    "currency": _field(OPTIONAL | TEXT | _all(Fate.OTHER, "an empty text"), "currency"),
} | dict.fromkeys(
    [
        *("openTime", "closeTime", "refundTime", "refundTimestamp", "uid", "percentLoss", "copyTicket", "openMs"),
        *("closeMs", "optionType", "isRollover", "isCopySignal", "isAI", "amountUsd", "amountUSD"),
    ],
    UNUSED,
)
CLOSED_DEAL: Final = DEAL | {"closePrice": _field(NEEDED, "close_price")}

PENDING: Final[Fields] = {
    "ticket": _field(ID, "ticket"),
    "openType": _field(NEEDED, "trigger"),
    "amount": _field(NEEDED, "stake"),
    "symbol": _field(TEXT, "symbol"),
    "openTime": _field(DATE, "open_time"),
    "openPrice": _field(OPTIONAL, "open_price"),
    "timeframe": _field(NEEDED, "duration_seconds"),
    "minPayout": _field(NEEDED, "min_payout_percent"),
    "command": _field(NEEDED, "direction"),
    "dateCreated": Field(HINT, ("created",)),
} | dict.fromkeys(["uid", "isDemo", "id"], UNUSED)

# Of a refused order no more is used than what tells it from others.
REFUSED: Final[Fields] = dict.fromkeys(PENDING, UNUSED) | {
    "symbol": _field(OPTIONAL | TEXT, "symbol"),
    "ticket": _field(OPTIONAL | ID | _all(Fate.BLANK, "missing"), "ticket"),
}
REASON: Final[Fields] = {
    "error": _field(
        TEXT | _all(Fate.OTHER, "missing", "null", "NaN", "infinite", "an empty text", "a negative number"), "reason"
    )
}

ASSET: Final = _columns(
    _field(NEEDED | _all(Fate.OTHER, "a negative number"), "id"),
    _field(TEXT, "symbol"),
    _field(TEXT | _all(Fate.OTHER, "an empty text"), "name"),
    _field(_all(Fate.OTHER, *CHANGES) | NEEDED | _all(Fate.LOST, "1e999", "not UTF-8"), "kind"),
    _field(NEEDED, "digits"),
    _field(NEEDED, "payout_percent"),
    _field(NEEDED, "default_duration_seconds"),
    _field(NEEDED, "min_duration_seconds"),
    _field(NEEDED, "duration_step_seconds"),
    _field(FLAG, "is_otc"),
    *([UNUSED] * 4),
    _field(FLAG, "is_active"),
    _field(CONTAINER, "timeframes_seconds"),
    UNUSED,
    _field(NEEDED | _all(Fate.OTHER, "null", "NaN", "infinite"), "min_duration_seconds"),
    UNUSED,
)

TICK: Final = _columns(_field(NEEDED, "time", "server_time"), _field(NEEDED, "price"))
PERIOD_CANDLE: Final[Fields] = {
    **{name: _field(NEEDED, name) for name in ("time", "open", "close", "high", "low")},
    "volume": _field(OPTIONAL, "volume"),
    **dict.fromkeys(["symbol_id", "asset"], UNUSED),
}
# A column after the last of those captured is the volume.
CANDLE: Final = _columns(
    *(_field(NEEDED | _all(Fate.LOST, "extra"), name) for name in ("time", "open", "close", "high", "low")),
    _field(OPTIONAL | _all(Fate.LOST, "extra"), "volume"),
)

HISTORY: Final[Fields] = {
    "asset": _field(NEEDED | _all(Fate.OTHER, "a text", "NaN in quotes"), "symbol", "ticks", "candles"),
    "period": _field(NEEDED, "period_seconds", "candles"),
    "history": _field(CONTAINER, "ticks"),
    "candles": _field(CONTAINER | _all(Fate.BLANK, "an object"), "candles"),
}
PERIOD: Final[Fields] = {
    "asset": _field(NEEDED | _all(Fate.OTHER, "a text", "NaN in quotes"), "symbol", "candles"),
    "index": _field(NEEDED | _all(Fate.OTHER, "a negative number"), "index"),
    "data": _field(CONTAINER, "candles"),
    "period": _field(NEEDED | _all(Fate.OTHER, "missing", "null", "NaN", "infinite"), "candles"),
}

SHAPES: Final[dict[str, Shape]] = {
    "opened deals": Shape("updateOpenedDeals", "updateOpenedDeals", DEAL, items="deals"),
    "closed deals": Shape("closed_deals_win_and_draw", "updateClosedDeals", CLOSED_DEAL, items="deals"),
    "an accepted order": Shape("successopenOrder", "successopenOrder", DEAL, items="deal"),
    "pending orders": Shape("successupdatePending", "successupdatePending", PENDING, items="orders"),
    "a pending order": Shape("successopenPendingOrder", "successopenPendingOrder", PENDING, ("data",), "order"),
    "a refused order": Shape("failopenPendingOrder", "failopenPendingOrder", REFUSED, ("data", "data")),
    "a refusal": Shape("failopenPendingOrder", "failopenPendingOrder", REASON, ("data",)),
    "assets": Shape("updateAssets", "updateAssets", ASSET, items="assets"),
    "a history": Shape("updateHistoryNew", "updateHistoryNew", HISTORY),
    "its ticks": Shape("updateHistoryNew", "updateHistoryNewFast", TICK, ("history",), "ticks", 0),
    "its candles": Shape("updateHistoryNew", "updateHistory", CANDLE, ("candles",), "candles", 0),
    "a page": Shape("loadHistoryPeriodFast_candles", "loadHistoryPeriodFast", PERIOD),
    "its rows": Shape(
        "loadHistoryPeriodFast_candles", "loadHistoryPeriod", PERIOD_CANDLE, ("data",), "candles", "time"
    ),
}

STREAM: Final = Shape("", "updateStream", _columns(_field(TEXT, "symbol"), *TICK.values()), items="ticks")

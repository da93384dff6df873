"""How else the platform says what it says: every form that is known of it, to be chosen by name.

Over the years, and from one server to the next, the same event has come under other names, with other columns, wrapped
and bare. The broker says everything in one form; one table tells what a variant makes of which events. A few are not
about the form of an event and are carried out where they belong: those have no change in the table.

Decides what each variant looks like. Does not know when an event is said.
"""

from collections.abc import Callable, Collection
from decimal import Decimal
from enum import Enum
from typing import Any, Final

import msgspec
from msgspec import Struct

from messages.wire.framing import encode_binary_event, encode_event

Body = dict[str, Any]

_CHARTS: Final = ("updateHistoryNewFast",)
_PAGES: Final = ("loadHistoryPeriodFast",)
_DEALS: Final = ("updateOpenedDeals", "updateClosedDeals", "successcloseOrder")
_BARE_PENDING: Final = (
    *("successcancelPendingOrder", "successcancelPendingOrders", "successupdatePending"),
    *("failcancelPendingOrder", "failcancelPendingOrders"),
)
_FLAGS: Final = frozenset({"isDemo", "isRollover", "isCopySignal", "isAI"})
_INVENTED_VOLUME: Final = 42


class Variant(Enum):
    """A form of what is said, by its name on the command line."""

    VOLUME = "volume"
    NULL_COLUMN = "null-column"
    NO_CANDLES = "no-candles"
    EMPTY_CANDLES = "empty-candles"
    COLUMNS = "columns"
    BARE_COLUMNS = "bare-columns"
    HISTORY_NEW = "history-new"
    HISTORY_OLD = "history-old"
    PAGE_OLD = "page-old"
    NO_ROW_ASSET = "no-row-asset"
    NO_PERIOD = "no-period"
    OFFSET_SECONDS = "offset-seconds"
    UNSOLICITED = "unsolicited"
    LISTED_REQUEST_ID = "listed-request-id"
    NULL_REQUEST_ID = "null-request-id"
    NULL_FLAGS = "null-flags"
    PENDING_FLAT = "pending-flat"
    PENDING_NESTED = "pending-nested"
    BATCHES = "batches"
    STRINGS = "strings"
    INLINE = "inline"


class Change(Struct, frozen=True, kw_only=True):
    """What a variant is, and what it makes of an event."""

    says: str
    events: tuple[str, ...] = ()
    """Those that it changes; with a ``rewrite`` and none named, all of them."""
    rewrite: Callable[[Any], Any] | None = None
    name: str = ""
    """What the event is called then."""


class Dialect:
    """The form in which everything is said."""

    def __init__(self, variants: Collection[Variant]) -> None:
        self._is_inline = Variant.INLINE in variants
        chosen = (CHANGES[variant] for variant in Variant if variant in variants)
        self._changes = [change for change in chosen if change.rewrite or change.name]

    def say(self, event: str, argument: object, *, inline: bool = False) -> tuple[str | bytes, ...]:
        """The messages of an event, to be sent one after the other."""
        name = event
        for change in self._changes:
            if event in change.events or not change.events:
                name = change.name or name
                argument = change.rewrite(argument) if change.rewrite else argument
        payload = _encode(argument)
        return (encode_event(name, payload),) if inline or self._is_inline else encode_binary_event(name, payload)


_encode: Final = msgspec.json.Encoder(decimal_format="number").encode


def _with_volume(body: Body) -> Body:
    """The candles of a chart have a sixth column, those of a page a sixth field."""
    if "candles" in body:
        return body | {"candles": [[*candle, _INVENTED_VOLUME] for candle in body["candles"]]}
    is_of_ticks = body["period"] == 0
    return body if is_of_ticks else body | {"data": [row | {"volume": _INVENTED_VOLUME} for row in body["data"]]}


def _with_null_column(body: Body) -> Body:
    return body | {"history": [[*tick, None] for tick in body["history"]]}


def _without(*keys: str) -> Callable[[Body], Body]:
    return lambda body: {key: value for key, value in body.items() if key not in keys}


def _with_empty_candles(body: Body) -> Body:
    return body | {"candles": []}


def _columns(body: Body) -> Body:
    rows: Any = body.get("candles", [])
    if isinstance(rows, dict):
        return rows
    return {name: [row[place] for row in rows if place < len(row)] for place, name in enumerate("tochlv")}


def _with_columns(body: Body) -> Body:
    return body | {"candles": _columns(body)}


def _with_bare_columns(body: Body) -> Body:
    return _without("candles")(body) | _columns(body)


def _without_row_asset(body: Body) -> Body:
    return body | {"data": [_without("asset")(row) for row in body["data"]]}


def _with_null_request_id(argument: Any) -> Any:  # noqa: ANN401 - a list of deals, or an object with one
    if isinstance(argument, dict):
        return argument | {"deals": _with_null_request_id(argument["deals"])}
    return [deal | {"requestId": None} for deal in argument]


def _flat(body: Body) -> Body:
    """The order without its wrapping, beside it what was wrong with it."""
    data: Body = body["data"]
    return data["data"] | {"error": data["error"]} if "error" in data else data


def _nested(argument: object) -> Body:
    return {"data": argument}


def _with_null_flags(value: Any) -> Any:  # noqa: ANN401 - JSON
    match value:
        case dict():
            return {key: None if key in _FLAGS else _with_null_flags(item) for key, item in value.items()}
        case [dict() | list(), *_]:  # a list of numbers, of which a chart has thousands, has no flags in it
            return [_with_null_flags(item) for item in value]
    return value


def _as_strings(value: Any) -> Any:  # noqa: ANN401 - JSON
    match value:
        case dict():
            return {key: _as_strings(item) for key, item in value.items()}
        case list():
            return [_as_strings(item) for item in value]
        case int() | float() | Decimal() if not isinstance(value, bool):
            return str(value)
    return value


CHANGES: Final = {
    Variant.VOLUME: Change(says="candles have a volume", events=_CHARTS + _PAGES, rewrite=_with_volume),
    Variant.NULL_COLUMN: Change(
        says="ticks of a chart have a third column, null", events=_CHARTS, rewrite=_with_null_column
    ),
    Variant.NO_CANDLES: Change(says="charts have no `candles`", events=_CHARTS, rewrite=_without("candles")),
    Variant.EMPTY_CANDLES: Change(says="`candles` of charts is empty", events=_CHARTS, rewrite=_with_empty_candles),
    Variant.COLUMNS: Change(
        says="`candles` of charts is an object of the columns `t o c h l v`", events=_CHARTS, rewrite=_with_columns
    ),
    Variant.BARE_COLUMNS: Change(
        says="charts have these columns in place of `candles`", events=_CHARTS, rewrite=_with_bare_columns
    ),
    Variant.HISTORY_NEW: Change(says="charts come as `updateHistoryNew`", events=_CHARTS, name="updateHistoryNew"),
    Variant.HISTORY_OLD: Change(says="charts come as `updateHistory`", events=_CHARTS, name="updateHistory"),
    Variant.PAGE_OLD: Change(says="pages come as `loadHistoryPeriod`", events=_PAGES, name="loadHistoryPeriod"),
    Variant.NO_ROW_ASSET: Change(
        says="rows of a page do not name their asset", events=_PAGES, rewrite=_without_row_asset
    ),
    Variant.NO_PERIOD: Change(says="pages do not name their period", events=_PAGES, rewrite=_without("period")),
    Variant.OFFSET_SECONDS: Change(says="`offset` of `loadHistoryPeriod` is taken for seconds, not for candles"),
    Variant.UNSOLICITED: Change(says="before each page comes an empty one that nobody asked for"),
    Variant.LISTED_REQUEST_ID: Change(says="lists of deals name the `requestId` of each, as it was sent"),
    Variant.NULL_REQUEST_ID: Change(
        says="`requestId` is null in lists of deals, not missing", events=_DEALS, rewrite=_with_null_request_id
    ),
    Variant.NULL_FLAGS: Change(says="booleans of accounts and deals are null", rewrite=_with_null_flags),
    Variant.PENDING_FLAT: Change(
        says="what is said of one pending order is not wrapped in `data`",
        events=("successopenPendingOrder", "failopenPendingOrder"),
        rewrite=_flat,
    ),
    Variant.PENDING_NESTED: Change(
        says="the list of pending orders and what is said of cancelling are wrapped in `data`",
        events=_BARE_PENDING,
        rewrite=_nested,
    ),
    Variant.BATCHES: Change(says="three ticks of an asset come in one `updateStream`"),
    Variant.STRINGS: Change(says="numbers are strings", rewrite=_as_strings),
    Variant.INLINE: Change(says='events come as `42["event",payload]`, not as attachments'),
}
"""Every variant; where several are chosen they are applied in the order of their names above."""

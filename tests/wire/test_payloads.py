"""Covers messages.wire.payloads: the table, and that no bytes whatever raise anything but WireError."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages.account import BalanceReported
from messages.base import Event
from messages.errors import WireError
from messages.market import AssetsReported, HistoryReported, PeriodReported
from messages.trading import (
    ClosedDealsReported,
    DealsSettled,
    OpenedDealsReported,
    PendingAccepted,
    PendingCancelled,
    PendingCancelRefused,
    PendingRefused,
    PendingReported,
    TradeAccepted,
    TradeRefused,
)
from messages.wire.payloads import DECODERS, Decoded, decode_ticks
from tests.wire import test_account_payloads, test_history_payloads, test_market_payloads, test_pending_payloads
from tests.wire.breakage import BROKEN, encoded

ASSETS = [test_market_payloads.APPLE, test_market_payloads.APPLE_OTC]
OPEN, CLOSED, ORDER = test_account_payloads.OPEN, test_account_payloads.CLOSED, test_pending_payloads.ORDER
TICKS = test_history_payloads.TICKS
HISTORY = {"asset": "AEDCNY_otc", "period": 3600, "history": TICKS, "candles": [test_history_payloads.NEWEST]}
COLUMNS = {"asset": "AEDCNY_otc", "period": 60, **{name: [1.5, 2.5] for name in "tochlv"}}
PERIOD = {"asset": "#AXP_otc", "index": 7, "data": test_history_payloads.PERIOD_ROWS, "period": 3600}
CANCELLED = {"data": {"tickets": ["a", "b"], "ticket": "c", "error": "NotFound"}}
NESTED_REFUSAL = {"data": {"data": ORDER, "error": "OPEN_TIME"}}

TABLE: dict[str, tuple[type[Event], Any]] = {
    "updateAssets": (AssetsReported, ASSETS),
    "updateHistoryNewFast": (HistoryReported, HISTORY),
    "updateHistoryNew": (HistoryReported, HISTORY),
    "updateHistory": (HistoryReported, COLUMNS),
    "loadHistoryPeriodFast": (PeriodReported, PERIOD),
    "loadHistoryPeriod": (PeriodReported, PERIOD),
    "successupdateBalance": (BalanceReported, {"isDemo": 1, "balance": 50_000.1}),
    "successopenOrder": (TradeAccepted, OPEN),
    "failopenOrder": (TradeRefused, {"error": "MaxDemoTrades", "amount": 10, "asset": "EURUSD_otc"}),
    "updateOpenedDeals": (OpenedDealsReported, [OPEN, OPEN]),
    "updateClosedDeals": (ClosedDealsReported, [CLOSED, CLOSED]),
    "successcloseOrder": (DealsSettled, {"profit": 1.92, "deals": [CLOSED, CLOSED]}),
    "successopenPendingOrder": (PendingAccepted, {"data": ORDER}),
    "failopenPendingOrder": (PendingRefused, NESTED_REFUSAL),
    "successcancelPendingOrder": (PendingCancelled, {"ticket": "a"}),
    "successcancelPendingOrders": (PendingCancelled, CANCELLED),
    "failcancelPendingOrder": (PendingCancelRefused, {"ticket": "a", "error": "NotFound"}),
    "failcancelPendingOrders": (PendingCancelRefused, CANCELLED),
    "successupdatePending": (PendingReported, [ORDER, ORDER]),
}

CONTENT = "s3cret"

EVENTS = st.sampled_from(sorted(TABLE))
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.sampled_from([*BROKEN.values()])
)
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12)


def _decodes_or_refuses(event: str, payload: bytes) -> None:
    refusal = None
    try:
        decoded = DECODERS[event](payload, 7200.0)
        assert isinstance(decoded, Decoded)
        assert isinstance(decoded.event, TABLE[event][0])
    except WireError as error:
        refusal = error
    assert refusal is None or _tells_nothing(refusal)


def _tells_nothing(error: WireError) -> bool:
    return CONTENT not in str(error) and error.__context__ is None


def _paths(value: Any) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [(), *((key, *path) for key, inner in items for path in _paths(inner))]


def _replaced(value: Any, path: tuple[Any, ...], replacement: Any) -> Any:
    if not path:
        return replacement
    changed = value.copy()
    changed[path[0]] = _replaced(value[path[0]], path[1:], replacement)
    return changed


def test_the_table_has_every_event_but_the_stream() -> None:
    assert DECODERS.keys() == TABLE.keys()


@pytest.mark.parametrize("event", TABLE)
def test_every_event_becomes_its_word(event: str) -> None:
    expected, payload = TABLE[event]

    decoded = DECODERS[event](encoded(payload), 7200.0)

    assert type(decoded.event) is expected
    assert decoded.rejected == 0


@pytest.mark.parametrize("event", TABLE)
@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b" ",
        b"null",
        b"\xff",
        b"\xef\xbb\xbf{}",
        b"NaN",
        b"tru",
        b"[" * 100_000,
        b'{"data":' * 100_000,
        b'"\\ud800"',
        b"1" * 9999,
    ],
    ids=lambda payload: repr(payload[:9]),
)
def test_what_cannot_be_read_raises_a_wire_error(event: str, payload: bytes) -> None:
    with pytest.raises(WireError):
        DECODERS[event](payload, 7200.0)


@given(EVENTS, st.binary())
def test_no_bytes_raise_anything_but_a_wire_error(event: str, payload: bytes) -> None:
    _decodes_or_refuses(event, payload)


@given(EVENTS, JSON)
def test_no_json_raises_anything_but_a_wire_error(event: str, value: Any) -> None:
    _decodes_or_refuses(event, encoded(value))


@given(EVENTS, st.data(), SCALARS | st.just({CONTENT: [CONTENT]}) | st.just(CONTENT) | JSON)
def test_no_broken_value_raises_anything_but_a_wire_error(event: str, data: st.DataObject, value: Any) -> None:
    good = TABLE[event][1]
    path = data.draw(st.sampled_from(_paths(good)))

    _decodes_or_refuses(event, encoded(_replaced(good, path, value)))


@given(EVENTS, st.data(), st.binary(max_size=3))
def test_no_broken_byte_raises_anything_but_a_wire_error(event: str, data: st.DataObject, noise: bytes) -> None:
    good = encoded(TABLE[event][1])
    start = data.draw(st.integers(0, len(good)))
    length = data.draw(st.integers(0, 3))

    _decodes_or_refuses(event, good[:start] + noise + good[start + length :])


@given(st.binary() | JSON.map(encoded) | st.lists(st.lists(SCALARS, max_size=4)).map(encoded))
def test_no_stream_raises_anything_but_a_wire_error(payload: bytes) -> None:
    refusal = None
    try:
        ticks, _ = decode_ticks(payload, 7200.0)
        assert all(0 < tick.server_time <= 1e11 and 0 < tick.price < 1e12 for tick in ticks)
    except WireError as error:
        refusal = error
    assert refusal is None or _tells_nothing(refusal)

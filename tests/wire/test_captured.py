"""Everything that was captured from the platform is read, and all of it."""

from collections.abc import Callable

import pytest
from msgspec import json

from messages.market import AssetKind, AssetsReported, HistoryReported, PeriodReported
from messages.trading import ClosedDealsReported, PendingRefused, PendingReported, TradeAccepted
from messages.wire.payloads import DECODERS, Decoded
from tests.conftest import CAPTURED_FOLDER

Captured = Callable[[str], bytes]

EVENTS = {
    "closed_deals_win_and_draw": "updateClosedDeals",
    "failopenPendingOrder": "failopenPendingOrder",
    "loadHistoryPeriodFast_candles": "loadHistoryPeriodFast",
    "successopenOrder": "successopenOrder",
    "successopenPendingOrder": "successopenPendingOrder",
    "successupdatePending": "successupdatePending",
    "updateAssets": "updateAssets",
    "updateHistoryNew": "updateHistoryNew",
    "updateOpenedDeals": "updateOpenedDeals",
}


@pytest.fixture
def decoded(captured: Captured) -> Callable[[str], Decoded]:
    return lambda name: DECODERS[EVENTS[name]](captured(name), 7200.0)


@pytest.mark.usefixtures("captured")
def test_every_captured_payload_has_its_event() -> None:
    assert {path.stem for path in CAPTURED_FOLDER.iterdir()} == EVENTS.keys()


@pytest.mark.parametrize("name", EVENTS)
def test_nothing_of_a_captured_payload_is_rejected(decoded: Callable[[str], Decoded], name: str) -> None:
    assert decoded(name).rejected == 0


def test_all_captured_assets_are_there(decoded: Callable[[str], Decoded], captured: Captured) -> None:
    event = decoded("updateAssets").event

    assert isinstance(event, AssetsReported)
    assert [asset.symbol for asset in event.assets] == [row[1] for row in json.decode(captured("updateAssets"))]
    assert {asset.kind for asset in event.assets} == set(AssetKind) - {AssetKind.OTHER}
    assert all(asset.timeframes_seconds for asset in event.assets)


def test_a_captured_history_ascends_to_its_forming_candle(decoded: Callable[[str], Decoded]) -> None:
    event = decoded("updateHistoryNew").event

    assert isinstance(event, HistoryReported)
    assert (len(event.ticks), len(event.candles)) == (1157, 100)
    assert {later.time - earlier.time for earlier, later in zip(event.candles, event.candles[1:], strict=False)} == {
        3600
    }
    assert [candle.closed for candle in event.candles] == [True] * 99 + [False]
    assert event.candles[-1].time <= event.ticks[-1].time < event.candles[-1].time + 3600


def test_captured_candles_span_their_prices(decoded: Callable[[str], Decoded]) -> None:
    history, page = decoded("updateHistoryNew").event, decoded("loadHistoryPeriodFast_candles").event

    assert isinstance(history, HistoryReported)
    assert isinstance(page, PeriodReported)
    for candle in history.candles + page.candles:
        assert candle.low <= min(candle.open, candle.close) <= max(candle.open, candle.close) <= candle.high


def test_a_captured_page_is_full(decoded: Callable[[str], Decoded]) -> None:
    event = decoded("loadHistoryPeriodFast_candles").event

    assert isinstance(event, PeriodReported)
    assert (event.symbol, event.index, len(event.candles)) == ("#AXP_otc", 173_369_878_255, 150)


def test_captured_deals_were_a_win_and_a_draw(decoded: Callable[[str], Decoded]) -> None:
    event = decoded("closed_deals_win_and_draw").event

    assert isinstance(event, ClosedDealsReported)
    assert [str(deal.profit) for deal in event.deals] == ["0.92", "0"]
    assert [deal.close_price == deal.open_price for deal in event.deals] == [False, True]


def test_a_captured_order_was_echoed_and_is_open(decoded: Callable[[str], Decoded]) -> None:
    event = decoded("successopenOrder").event

    assert isinstance(event, TradeAccepted)
    assert (event.deal.order_id, event.deal.close_price) == ("19656019", None)


def test_captured_pending_orders_wait_for_both_things(decoded: Callable[[str], Decoded]) -> None:
    event = decoded("successupdatePending").event

    assert isinstance(event, PendingReported)
    assert [order.open_time is None for order in event.orders] == [True, False, False, False]


def test_a_captured_pending_refusal_says_why(decoded: Callable[[str], Decoded]) -> None:
    event = decoded("failopenPendingOrder").event

    assert isinstance(event, PendingRefused)
    assert (event.symbol, event.reason) == ("EURUSD_otc", "OPEN_TIME")

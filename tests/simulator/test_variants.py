"""Covers simulator.variants: what each makes of an event, and that the client reads them all."""

import json
from typing import Any

import pytest

from messages.market import HistoryReported, PeriodReported
from messages.session import Frame
from messages.trading import ClosedDealsReported, PendingAccepted, PendingCancelled, PendingRefused, PendingReported
from messages.wire.framing import FrameDecoder
from messages.wire.payloads import DECODERS, decode_ticks
from simulator.broker import Broker
from simulator.variants import CHANGES, Variant
from tests.simulator.test_pending import BY_TIME
from tests.simulator.world import AHEAD, ASSET, START, Client, World

CANDLES = {"asset": ASSET, "index": 7, "time": START + AHEAD, "offset": 150, "period": 60}
TICKS = CANDLES | {"index": 8, "offset": 30, "period": 0}


def busy(*variants: Variant) -> Client:
    """A client that has seen a little of everything, a few seconds after its login."""
    world = World(Broker(seed=1, variants=variants))
    client = world.log_in()
    client.say("subfor", ASSET)
    client.say("changeSymbol", {"asset": ASSET, "period": 60})
    client.say("loadHistoryPeriod", CANDLES)
    client.say("loadHistoryPeriod", TICKS)
    client.order()
    client.say("openPendingOrder", BY_TIME)
    client.say("openPendingOrder", BY_TIME | {"openTime": "2000-01-01 00:00:00"})
    client.say("successupdatePending")
    accepted = client.heard("successopenPendingOrder")[0]
    client.say("cancelPendingOrders", {"tickets": [accepted.get("data", accepted)["ticket"], "none"]})
    world.let_pass(6)
    return client


def only(client: Client, event: str) -> Any:
    return client.heard(event)[-1]


def page(client: Client, event: str = "loadHistoryPeriodFast") -> Any:
    """The page of candles."""
    return next(reply for reply in client.heard(event) if reply["index"] == CANDLES["index"])


def readings(client: Client) -> dict[str, list[Any]]:
    """All that the client's decoders make of what was heard, by its class."""
    decoder, found = FrameDecoder(), dict[str, list[Any]]()
    for raw in client.raw:
        frame = decoder.feed(raw.encode() if isinstance(raw, str) else raw, isinstance(raw, str))
        if isinstance(frame, Frame) and frame.event == "updateStream":
            ticks, rejected = decode_ticks(frame.payload, AHEAD)
            found.setdefault("Tick", []).extend(ticks)
            assert rejected == 0
        elif isinstance(frame, Frame) and frame.event in DECODERS:
            decoded = DECODERS[frame.event](frame.payload, AHEAD)
            found.setdefault(type(decoded.event).__name__, []).append(decoded.event)
            assert decoded.rejected == 0
    return found


PLAIN = readings(busy())


def test_every_variant_is_in_the_table() -> None:
    assert set(CHANGES) == set(Variant)


@pytest.mark.parametrize("variant", Variant)
def test_every_variant_changes_what_is_said(variant: Variant) -> None:
    changed = busy(variant).raw
    if variant is Variant.OFFSET_SECONDS:
        assert len(page(busy(variant))["data"]) == 2
    assert changed != busy().raw


@pytest.mark.parametrize("variant", Variant)
def test_the_client_reads_every_variant_to_the_last_row(variant: Variant) -> None:
    assert set(readings(busy(variant))) == set(PLAIN)


LOSSLESS = [
    *(Variant.NULL_COLUMN, Variant.COLUMNS, Variant.BARE_COLUMNS, Variant.HISTORY_NEW, Variant.HISTORY_OLD),
    *(Variant.PAGE_OLD, Variant.NO_ROW_ASSET, Variant.NULL_REQUEST_ID, Variant.PENDING_FLAT, Variant.PENDING_NESTED),
    *(Variant.STRINGS, Variant.INLINE),
]


@pytest.mark.parametrize("variant", LOSSLESS)
def test_another_form_says_the_same(variant: Variant) -> None:
    assert readings(busy(variant)) == PLAIN


def test_forms_can_be_combined() -> None:
    assert readings(busy(*LOSSLESS)) == PLAIN


def test_ticks_in_batches_are_the_same_ticks() -> None:
    client = busy(Variant.BATCHES)
    assert {len(rows) for rows in client.heard("updateStream")} == {3}
    ticks = readings(client)["Tick"]
    assert ticks == PLAIN["Tick"][: len(ticks)]


@pytest.mark.parametrize(
    ("variant", "event"),
    [
        (Variant.HISTORY_NEW, "updateHistoryNew"),
        (Variant.HISTORY_OLD, "updateHistory"),
        (Variant.PAGE_OLD, "loadHistoryPeriod"),
    ],
)
def test_events_come_under_their_older_names(variant: Variant, event: str) -> None:
    client = busy(variant)
    assert client.heard(event)
    assert not client.heard(event + ("Fast" if event != "updateHistory" else "NewFast"))


def test_charts_come_without_candles_and_with_none() -> None:
    assert "candles" not in only(busy(Variant.NO_CANDLES), "updateHistoryNewFast")
    assert only(busy(Variant.EMPTY_CANDLES), "updateHistoryNewFast")["candles"] == []


def test_candles_come_in_columns() -> None:
    rows = only(busy(), "updateHistoryNewFast")["candles"]
    columns = only(busy(Variant.COLUMNS), "updateHistoryNewFast")["candles"]
    bare = only(busy(Variant.BARE_COLUMNS), "updateHistoryNewFast")
    assert [columns[name] for name in "tochl"] == [list(column) for column in zip(*rows, strict=True)]
    assert "candles" not in bare
    assert {name: bare[name] for name in "tochl"} == {name: columns[name] for name in "tochl"}


def test_candles_have_a_volume() -> None:
    client = busy(Variant.VOLUME)
    assert {len(candle) for candle in only(client, "updateHistoryNewFast")["candles"]} == {6}
    assert all(row["volume"] for row in page(client)["data"])
    assert only(busy(Variant.VOLUME, Variant.COLUMNS), "updateHistoryNewFast")["candles"]["v"]


def test_ticks_of_a_chart_have_a_null_column() -> None:
    history = only(busy(Variant.NULL_COLUMN), "updateHistoryNewFast")["history"]
    assert {(len(tick), tick[2]) for tick in history} == {(3, None)}


def test_pages_come_without_period_and_asset() -> None:
    assert "period" not in page(busy(Variant.NO_PERIOD))
    assert not any("asset" in row for row in page(busy(Variant.NO_ROW_ASSET))["data"])


def test_an_offset_in_seconds_gives_that_many_seconds() -> None:
    assert len(page(busy())["data"]) == 150
    assert len(page(busy(Variant.OFFSET_SECONDS))["data"]) == CANDLES["offset"] // CANDLES["period"]  # type: ignore[operator]


def test_a_page_comes_that_nobody_asked_for() -> None:
    indexes = [reply["index"] for reply in busy(Variant.UNSOLICITED).heard("loadHistoryPeriodFast")]
    assert indexes == [~7, 7, ~8, 8]


def test_lists_of_deals_have_a_null_request_id() -> None:
    client = busy(Variant.NULL_REQUEST_ID)
    assert [deal["requestId"] for deal in only(client, "updateClosedDeals")] == [None]
    assert [deal["requestId"] for deal in only(client, "successcloseOrder")["deals"]] == [None]
    assert only(client, "successopenOrder")["requestId"] == 77


def test_booleans_come_as_null() -> None:
    client = busy(Variant.NULL_FLAGS)
    assert only(client, "successupdateBalance")["isDemo"] is None
    assert only(client, "updateClosedDeals")[0]["isRollover"] is None


def test_pending_orders_come_flat_and_nested() -> None:
    flat, nested = busy(Variant.PENDING_FLAT), busy(Variant.PENDING_NESTED)
    assert only(flat, "successopenPendingOrder")["symbol"] == ASSET
    assert only(flat, "failopenPendingOrder")["error"] == "OPEN_TIME"
    assert len(only(nested, "successupdatePending")["data"]) == 1
    assert only(nested, "failcancelPendingOrders")["data"]["tickets"] == ["none"]


def test_numbers_come_as_strings() -> None:
    def numbers(value: Any) -> list[Any]:
        match value:
            case dict() | list():
                return [
                    found for item in (value.values() if isinstance(value, dict) else value) for found in numbers(item)
                ]
            case bool():
                return []
            case int() | float():
                return [value]
        return []

    client = busy(Variant.STRINGS)
    assert {name for name, argument in client.events if numbers(argument)} == set()


def test_events_come_inline() -> None:
    texts = [raw for raw in busy(Variant.INLINE).raw if isinstance(raw, str)]
    assert texts == busy(Variant.INLINE).raw
    assert json.loads(next(text for text in texts if "updateStream" in text)[2:])[0] == "updateStream"


def test_the_readings_have_everything_in_them() -> None:
    kinds = (HistoryReported, PeriodReported, PendingAccepted, PendingRefused, PendingReported, PendingCancelled)
    assert {kind.__name__ for kind in (*kinds, ClosedDealsReported)} | {"Tick"} <= set(PLAIN)

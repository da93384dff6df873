"""What the simulator says, the client's decoders read to the last row."""

from typing import Any

import pytest

from messages.account import BalanceReported
from messages.market import AssetsReported, HistoryReported, PeriodReported
from messages.session import Frame
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
from messages.wire.framing import FrameDecoder
from messages.wire.payloads import DECODERS, decode_ticks
from simulator.assets import LISTINGS
from tests.simulator.test_pending import BY_TIME
from tests.simulator.world import AHEAD, ASSET, START, World


@pytest.fixture(scope="module")
def frames() -> list[Frame]:
    """Everything that a busy client hears."""
    world = World()
    client = world.log_in()
    client.say("subfor", ASSET)
    client.say("changeSymbol", {"asset": ASSET, "period": 60})
    for period in (0, 60):
        request = {"asset": ASSET, "index": 1, "time": START + AHEAD, "offset": 100, "period": period}
        client.say("loadHistoryPeriod", request)
    client.order()
    client.order(amount=0)
    client.say("openPendingOrder", BY_TIME)
    client.say("openPendingOrder", BY_TIME | {"openTime": "2000-01-01 00:00:00"})
    client.say("successupdatePending")
    tickets = [client.heard("successopenPendingOrder")[0]["data"]["ticket"]]
    client.say("cancelPendingOrders", {"tickets": tickets})
    client.say("cancelPendingOrder", {"ticket": tickets[0]})
    world.let_pass(6)
    decoder = FrameDecoder()
    packets = [decoder.feed(raw.encode() if isinstance(raw, str) else raw, isinstance(raw, str)) for raw in client.raw]
    return [packet for packet in packets if isinstance(packet, Frame)]


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ("updateAssets", AssetsReported),
        ("updateHistoryNewFast", HistoryReported),
        ("loadHistoryPeriodFast", PeriodReported),
        ("successupdateBalance", BalanceReported),
        ("successopenOrder", TradeAccepted),
        ("failopenOrder", TradeRefused),
        ("updateOpenedDeals", OpenedDealsReported),
        ("updateClosedDeals", ClosedDealsReported),
        ("successcloseOrder", DealsSettled),
        ("successopenPendingOrder", PendingAccepted),
        ("failopenPendingOrder", PendingRefused),
        ("successcancelPendingOrders", PendingCancelled),
        ("failcancelPendingOrder", PendingCancelRefused),
        ("successupdatePending", PendingReported),
    ],
)
def test_every_event_is_read_whole(event: str, message: type, frames: list[Frame]) -> None:
    payloads = [frame.payload for frame in frames if frame.event == event]
    assert payloads
    for decoded in (DECODERS[event](payload, AHEAD) for payload in payloads):
        assert isinstance(decoded.event, message)
        assert decoded.rejected == 0


def one(frames: list[Frame], event: str) -> Any:
    return DECODERS[event](next(frame.payload for frame in frames if frame.event == event), AHEAD).event


def test_assets_are_what_is_listed(frames: list[Frame]) -> None:
    assets = one(frames, "updateAssets").assets
    assert [(asset.symbol, asset.payout_percent, asset.is_otc, asset.is_active) for asset in assets] == [
        (listing.symbol, listing.payout_percent, listing.is_otc, listing.is_active) for listing in LISTINGS.values()
    ]


def test_ticks_and_deals_are_in_true_time(frames: list[Frame]) -> None:
    ticks = [
        tick for frame in frames if frame.event == "updateStream" for tick in decode_ticks(frame.payload, AHEAD)[0]
    ]
    assert ticks
    deal = one(frames, "successopenOrder").deal
    assert int(deal.open_time) == int(START)
    assert deal.close_time == int(START) + 5

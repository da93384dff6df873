"""What several tests of this folder let the platform say."""

from decimal import Decimal

from messages.market import Asset, AssetKind, AssetsChanged, Symbol
from messages.trading import Deal, DealId, Direction

NOW = 1_700_000_000.0
EURO = Symbol("EURUSD_otc")
POUND = Symbol("GBPUSD_otc")
YEN = Symbol("USDJPY_otc")

DEAL = Deal(
    id=DealId("d-1"),
    symbol=EURO,
    direction=Direction.CALL,
    stake=Decimal("1.00"),
    profit=Decimal("0.92"),
    payout_percent=92,
    open_price=1.1,
    close_price=None,
    open_time=NOW,
    close_time=NOW + 60,
    server_open_time=NOW + 7200,
    server_close_time=NOW + 7260,
    is_demo=True,
)
"""Open, and named by no order."""


def listed(*symbols: Symbol) -> AssetsChanged:
    """These are the assets there are."""
    return AssetsChanged(assets=tuple(_asset(symbol) for symbol in symbols))


def _asset(symbol: Symbol) -> Asset:
    return Asset(
        id=1,
        symbol=symbol,
        name=symbol,
        kind=AssetKind.CURRENCY,
        digits=5,
        payout_percent=92,
        is_otc=True,
        is_active=True,
        default_duration_seconds=60,
        min_duration_seconds=5,
        duration_step_seconds=3,
        timeframes_seconds=(60, 300),
    )

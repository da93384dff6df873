"""What the platform says about the market as it is: its assets, and every new price.

Decides how the JSON of ``updateAssets`` and ``updateStream`` becomes the vocabulary's.
Does not know what was before (``history_payloads``), nor whether anybody wants an asset.
"""

from typing import Annotated, Final

from msgspec import Meta, Raw, Struct
from msgspec.json import Decoder

from messages.market import Asset, AssetKind, AssetsReported, Tick
from messages.wire.reading import (
    LATEST_SECONDS,
    UNREADABLE,
    Decoded,
    Integer,
    Moment,
    Name,
    Percent,
    Price,
    Rows,
    Seconds,
    mended,
    refuse_heaps,
    server_seconds,
)

_KINDS: Final = {kind.value: kind for kind in AssetKind}


class _TickRow(Struct, frozen=True, array_like=True, gc=False):
    symbol: Name
    moment: Moment
    price: Price


class _Timeframe(Struct, frozen=True):
    time: Seconds


class _AssetRow(Struct, frozen=True, array_like=True):
    """The columns by position; those of type Raw are not looked at."""

    id: Integer
    symbol: Name
    label: str
    type: object
    digits: Annotated[int, Meta(ge=0, le=20)]
    payout: Percent
    default_expiration: Seconds
    min_expiration: Seconds
    expiration_step: Seconds
    is_otc: bool | None
    otc_id: Raw
    real_id: Raw
    signals: Raw
    exp_time: Raw
    active: bool | None
    timeframes: tuple[_Timeframe, ...] | None = None
    scheduled_until: Raw = Raw()
    min_quick_timeframe: Seconds | None = None


_ASSETS: Final = Rows(_AssetRow)
_TICKS: Final = Rows(_TickRow)
_decode_ticks: Final = Decoder(list[_TickRow], strict=False).decode


def decode_ticks(payload: bytes, offset_seconds: float) -> tuple[list[Tick], int]:
    """The ticks of an ``updateStream``, and how many of its rows were dropped.

    Args:
        payload: ``[[symbol, server time, price], …]``.
        offset_seconds: Server time minus UTC.

    Raises:
        WireError: It is no list, or one of too many items.
    """
    refuse_heaps("updateStream", payload)
    # Every price of every asset comes through here: no call that could be spared.
    ticks = []
    try:
        for row in _decode_ticks(payload):
            server_time = row.moment
            if server_time > LATEST_SECONDS:
                server_time = server_seconds(server_time)
            ticks.append(Tick(row.symbol, server_time - offset_seconds, row.price, server_time))
    except UNREADABLE:
        pass
    else:
        return ticks, 0
    return mended(lambda rows: _TICKS.read("updateStream", rows, lambda row: _tick(row, offset_seconds)), payload)


def assets_reported(payload: bytes, _offset_seconds: float) -> Decoded:
    """From ``updateAssets``: a list of rows of 19 columns, the last ones optional."""
    assets, rejected = _ASSETS.read("updateAssets", payload, _asset)
    return Decoded(AssetsReported(assets=tuple(assets)), rejected)


def _tick(row: _TickRow, offset_seconds: float) -> Tick:
    server_time = server_seconds(row.moment)
    return Tick(row.symbol, server_time - offset_seconds, row.price, server_time)


def _asset(row: _AssetRow) -> Asset:
    return Asset(
        id=row.id,
        symbol=row.symbol,
        name=row.label,
        kind=_KINDS.get(row.type, AssetKind.OTHER) if isinstance(row.type, str) else AssetKind.OTHER,
        digits=row.digits,
        payout_percent=int(row.payout),
        is_otc=bool(row.is_otc),
        is_active=bool(row.active),
        default_duration_seconds=row.default_expiration,
        # Quick trades may be shorter than the others; 0 and null mean that there are none.
        min_duration_seconds=min(row.min_expiration, row.min_quick_timeframe or row.min_expiration),
        duration_step_seconds=row.expiration_step,
        timeframes_seconds=tuple([timeframe.time for timeframe in row.timeframes or ()]),
    )

"""Which decoder reads which event of the platform.

Decides that alone; one name stands for one shape, several names for the same shape (it was renamed over the
years). ``updateStream`` has a way of its own, ``decode_ticks``: it is a thousand times as frequent.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

from messages.wire.account_payloads import (
    balance_reported,
    closed_deals_reported,
    deals_settled,
    opened_deals_reported,
    trade_accepted,
    trade_refused,
)
from messages.wire.history_payloads import history_reported, period_reported
from messages.wire.market_payloads import assets_reported, decode_ticks
from messages.wire.pending_payloads import (
    pending_accepted,
    pending_cancel_refused,
    pending_cancelled,
    pending_refused,
    pending_reported,
)
from messages.wire.reading import Decoded, mended

__all__ = ["DECODERS", "Decoded", "decode_ticks"]

Decoder = Callable[[bytes, float], Decoded]

_STRICT: Final[dict[str, Decoder]] = {
    "updateAssets": assets_reported,
    "updateHistoryNewFast": history_reported,
    "updateHistoryNew": history_reported,
    "updateHistory": history_reported,
    "loadHistoryPeriodFast": period_reported,
    "loadHistoryPeriod": period_reported,
    "successupdateBalance": balance_reported,
    "successopenOrder": trade_accepted,
    "failopenOrder": trade_refused,
    "updateOpenedDeals": opened_deals_reported,
    "updateClosedDeals": closed_deals_reported,
    "successcloseOrder": deals_settled,
    "successopenPendingOrder": pending_accepted,
    "failopenPendingOrder": pending_refused,
    "successcancelPendingOrder": pending_cancelled,
    "successcancelPendingOrders": pending_cancelled,
    "failcancelPendingOrder": pending_cancel_refused,
    "failcancelPendingOrders": pending_cancel_refused,
    "successupdatePending": pending_reported,
}


def _decode(decoder: Decoder, payload: bytes, offset_seconds: float) -> Decoded:
    return mended(lambda better: decoder(better, offset_seconds), payload)


DECODERS: Final[dict[str, Decoder]] = {event: partial(_decode, decoder) for event, decoder in _STRICT.items()}
"""Called with the event's JSON and the server's offset (server time minus UTC, seconds); raise WireError alone."""

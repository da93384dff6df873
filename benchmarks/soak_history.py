"""The past of an account that trades for long: as many closed orders in its journal as a client keeps in memory.

Decides what they look like: each has an id, a deal and strings of its own, as if it had been read from the platform.
Without them a client fills up for as long as the first thousand orders take, hours, which nobody can tell from a leak.
"""

import uuid
from contextlib import closing
from decimal import Decimal

from actors.orders.journal import SqliteJournal
from actors.orders.ledger import KEPT_FINAL
from messages.market import Symbol
from messages.orders import OrderRecord, OrderState
from messages.secret import Secret
from messages.trading import Deal, DealId, Direction, OrderId
from messages.wire.ssid import Ssid
from optionbus.account_folder import folder_of
from supervisor.settings import Settings

GAP_SECONDS = 60.0


def write_past(ssid: Secret, settings: Settings, symbol: str, now: float, count: int = KEPT_FINAL) -> None:
    """Write down so many orders, a minute apart, the last one a minute before ``now``."""
    with closing(SqliteJournal(folder_of(Ssid.parse(ssid), settings))) as journal:
        for number in range(count, 0, -1):
            journal.note(_closed(Symbol(symbol), now - number * GAP_SECONDS))


def _closed(symbol: Symbol, opened: float, lasted: int = 5) -> OrderRecord:
    order_id = OrderId(str(uuid.uuid4()))
    deal = Deal(
        id=DealId(str(uuid.uuid4())),
        symbol=symbol,
        direction=Direction.CALL,
        stake=Decimal(10),
        profit=Decimal("9.20"),
        payout_percent=92,
        open_price=1.1,
        close_price=1.2,
        open_time=opened,
        close_time=opened + lasted,
        server_open_time=opened,
        server_close_time=opened + lasted,
        is_demo=True,
        order_id=order_id,
        currency="USD",
    )
    return OrderRecord(
        order_id=order_id,
        symbol=symbol,
        direction=deal.direction,
        stake=deal.stake,
        duration_seconds=lasted,
        created=opened,
        updated=deal.close_time,
        state=OrderState.CLOSED,
        deal=deal,
    )

"""Orders, deals and journals that several tests of this folder begin with."""

from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from actors.orders.memory_journal import MemoryJournal
from actors.ports import Journal
from messages.order_errors import JournalUnavailable
from messages.orders import OrderRecord, OrderState
from messages.trading import Deal, DealId, Direction, OrderId
from tests.actors.api.samples import DEAL, EURO, NOW

ORDER = OrderRecord(
    order_id=OrderId("o-1"),
    symbol=EURO,
    direction=Direction.CALL,
    stake=Decimal(1),
    duration_seconds=60,
    created=NOW,
    equity=Decimal(100),
)
"""As it is made: not yet written down."""

CLOSED_DEAL = replace(DEAL, close_price=1.2)


def order(number: int = 1, state: OrderState = OrderState.CREATED, **changes: Any) -> OrderRecord:
    """One of several orders, alike but for what is changed."""
    return replace(ORDER, order_id=OrderId(f"o-{number}"), state=state, **changes)


def deal(number: int = 1, **changes: Any) -> Deal:
    """One of several deals, alike but for what is changed."""
    return replace(DEAL, id=DealId(f"d-{number}"), **changes)


class FailingJournal(MemoryJournal):
    """Cannot write while it is ``broken``, and keeps the order in which it was written."""

    def __init__(self) -> None:
        super().__init__()
        self.is_broken = False
        self.breaks_after: int | None = None
        """After so many more writes."""
        self.written: list[tuple[str, OrderState]] = []

    def note(self, order: OrderRecord) -> None:
        self._fail()
        super().note(order)
        self.written.append((order.order_id, order.state))

    def close(self) -> None:
        """Nothing is forgotten: the next one who opens it finds all."""

    def opened(self) -> Journal:
        """As whoever opens it is given it."""
        self._fail()
        return self

    def _fail(self) -> None:
        if self.breaks_after is not None:
            self.is_broken = self.breaks_after == 0
            self.breaks_after = None if self.is_broken else self.breaks_after - 1
        if self.is_broken:
            raise JournalUnavailable("journal", "disk full")

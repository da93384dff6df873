"""The register: the ledger in memory and the journal on disk, kept in step by one writer.

Theory of operation. The intent is on disk before an order may go out; without it there is no order. What becomes of it
later is written when it is known; what cannot be written then is kept and tried again before the next order, which
has to wait for it: the disk is never further behind than its fault lasts.

Decides what is written when, and what follows where it cannot be. Knows no clock and no actor.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from msgspec.structs import replace

from actors.orders.ledger import Ledger, OrderEvent, advance, recovered
from actors.ports import Journal
from messages.order_errors import JournalUnavailable
from messages.orders import OrderRecord, TradingMode
from messages.trading import DealId, OrderId


class Register:
    """All orders of an account. ``open_journal`` is tried until it gives one."""

    def __init__(self, open_journal: Callable[[], Journal]) -> None:
        self.ledger = Ledger()
        self.pending = Ledger()
        """Of the orders that wait at the platform; another actor moves them, and has them noted here."""
        self._mode = TradingMode.ACTIVE
        self._is_mode_written = True
        self._open_journal = open_journal
        self._journal: Journal | None = None
        self._unwritten: dict[OrderId, OrderRecord] = {}

    def catch_up(self, now: float) -> str | None:
        """Open the journal, if it is not, and write what waits; why that cannot be, None once it is done."""
        try:
            self._opened(now)
            self._write()
        except JournalUnavailable as error:
            return error.reason
        return None

    def flush(self) -> None:
        """Write what has become of orders, as far as that can be: what waits for them is told first."""
        if self._unwritten:
            with suppress(JournalUnavailable):
                self._write()

    def intend(self, order: OrderRecord, now: float) -> OrderRecord:
        """Enter a new order; it is durable when this returns.

        Raises:
            JournalUnavailable: it could not be written, and is not in the ledger.
        """
        intended = replace(order, state=advance(order.state, OrderEvent.JOURNAL), updated=now)
        self._opened(now).intend(intended)
        self._side(order).enter(intended)
        return intended

    def move(self, order_id: OrderId, event: OrderEvent, now: float, **changes: Any) -> OrderRecord:  # noqa: ANN401
        """Let the event happen to an order. Raises IllegalOrderMove, and nothing has changed."""
        moved = self.ledger.move(order_id, event, now, **changes)
        if event is not OrderEvent.SEND:  # after a restart that is no more than the intent
            self._unwritten[order_id] = moved
        return moved

    def adopt(self, order: OrderRecord) -> None:
        """Enter an order that was placed elsewhere."""
        self.ledger.enter(order)
        self._unwritten[order.order_id] = order

    def note(self, order: OrderRecord) -> None:
        """Enter what has become of a pending order."""
        self.pending.enter(order)
        self._unwritten[order.order_id] = order

    def set_mode(self, mode: TradingMode) -> None:
        """Move the kill switch; it holds even where it cannot be written down."""
        self._mode, self._is_mode_written = mode, False
        if self._journal is not None:
            with suppress(JournalUnavailable):
                self._write_mode(self._journal)

    @property
    def mode(self) -> TradingMode:
        """Where the kill switch stands; another process may have moved it in the journal."""
        if self._journal is not None and self._is_mode_written:
            with suppress(JournalUnavailable):
                self._mode = self._journal.mode
        return self._mode

    def order(self, order_id: OrderId) -> OrderRecord | None:
        """The order of that id, however old."""
        known = self.known(order_id)
        return known or (self._journal.order(order_id) if self._journal is not None else None)

    def known(self, order_id: OrderId) -> OrderRecord | None:
        """The order of that id, as far as it is in memory."""
        return self.ledger.get(order_id) or self.pending.get(order_id)

    def order_of_deal(self, deal_id: DealId) -> OrderRecord | None:
        """The order whose deal it is, however old."""
        known = self.ledger.of_deal(deal_id)
        return known or (self._journal.order_of_deal(deal_id) if self._journal is not None else None)

    def close(self) -> None:
        """Let others have the journal."""
        if self._journal is not None:
            self._journal.close()
            self._journal = None

    def _side(self, order: OrderRecord) -> Ledger:
        return self.ledger if order.pending is None else self.pending

    def _write(self) -> None:
        journal = self._journal
        if journal is None:
            return
        if not self._is_mode_written:
            self._write_mode(journal)
        for order in tuple(self._unwritten.values()):
            journal.note(order)
            del self._unwritten[order.order_id]

    def _write_mode(self, journal: Journal) -> None:
        journal.mode = self._mode
        self._is_mode_written = True

    def _opened(self, now: float) -> Journal:
        if self._journal is None:
            journal = self._open_journal()
            try:
                # Without a journal there were no orders of ours: what was adopted meanwhile will be told of again.
                self.ledger, self.pending = recovered(journal.recent(), now)
                self._mode = journal.mode if self._is_mode_written else self._mode
            except JournalUnavailable:
                journal.close()
                raise
            found = (*self.ledger.unresolved, *self.pending.unresolved)
            self._unwritten = {order.order_id: order for order in found}
            self._journal = journal
        return self._journal

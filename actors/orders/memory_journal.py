"""A journal that is gone with its process: for accounts that are gone with it too, and for tests.

Decides nothing. Keeps the promises of ``actors.orders.journal``, but for the disk.
"""

from actors.orders.ledger import KEPT_FINAL, worth_keeping
from messages.orders import OrderRecord, TradingMode
from messages.trading import DealId, OrderId


class MemoryJournal:
    """The orders of one account, as long as somebody holds it."""

    def __init__(self) -> None:
        self.mode = TradingMode.ACTIVE
        self._orders: dict[OrderId, OrderRecord] = {}
        self._of_deal: dict[DealId, OrderId] = {}
        self._room = 2 * KEPT_FINAL

    def intend(self, order: OrderRecord) -> None:
        """Write down an order that is to go out."""
        self.note(order)

    def note(self, order: OrderRecord) -> None:
        """Write down what has become of an order."""
        self._orders[order.order_id] = order
        if order.deal is not None:
            self._of_deal[order.deal.id] = order.order_id
        if len(self._orders) > self._room:
            self._shed()

    def recent(self) -> tuple[OrderRecord, ...]:
        """All orders without an end and the last ones with one, oldest first."""
        return worth_keeping(self._orders)

    def order(self, order_id: OrderId) -> OrderRecord | None:
        """The order of that id."""
        return self._orders.get(order_id)

    def order_of_deal(self, deal_id: DealId) -> OrderRecord | None:
        """The order whose deal it is."""
        return self._orders.get(self._of_deal.get(deal_id, OrderId("")))

    def _shed(self) -> None:
        self._orders = {order.order_id: order for order in self.recent()}
        self._of_deal = {order.deal.id: order.order_id for order in self._orders.values() if order.deal is not None}
        self._room = len(self._orders) + KEPT_FINAL

    def close(self) -> None:
        """Nobody else could have it."""

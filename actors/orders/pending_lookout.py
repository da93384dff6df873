"""When the platform is asked for its list of pending orders: while one of ours is in doubt, on a schedule.

Decides when to ask. Does not know what the list means (``actors.orders.pending_reconciliation``).
"""

from actors.context import Context
from actors.orders.evidence import next_look
from actors.orders.ledger import Ledger
from actors.ports import Timer
from messages.base import Message
from messages.orders import OrderState
from messages.wire.commands import PENDING_QUERY


class PendingLookDue(Message, frozen=True, kw_only=True):
    """Time to ask for the list again."""


class PendingLookout:
    """Keeps watch for one actor, whose context it speaks through."""

    def __init__(self, context: Context, ledger: Ledger) -> None:
        self._context = context
        self._ledger = ledger
        self._timer: Timer | None = None
        self.connected_since: float | None = None
        """When the session became READY (UTC); None while it is not."""

    def ready(self) -> None:
        """The session is READY."""
        self.connected_since = self._context.clock.now()
        self.plan()

    def lose(self) -> None:
        """The session is gone."""
        self.connected_since = None

    def ask(self) -> None:
        """Ask for the list, where there is somebody to ask."""
        self._context.send(PENDING_QUERY)

    def look(self) -> None:
        """Ask for the list, where an order is in doubt; and plan to do it again."""
        if self._ledger.exposure.unacknowledged.total():
            self.ask()
        self.plan()

    def plan(self) -> None:
        """Look again when the next of all orders that are in doubt is due for it."""
        if self._timer is not None:
            self._timer.cancel()
        since, now = self.connected_since, self._context.clock.now()
        doubted = [order for order in self._ledger.unresolved if order.state is OrderState.UNKNOWN]
        looks = [] if since is None else [next_look(order, now, since) for order in doubted]
        moment = min((look for look in looks if look is not None), default=None)
        self._timer = None if moment is None else self._context.at(moment, PendingLookDue())

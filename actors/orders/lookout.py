"""The lookout: when the platform is asked for its lists, and whether enough was told to trade on.

Theory of operation. On a new connection the platform tells its lists unasked, or is asked for them. Where an order of
the register has no end yet, the session is not restored before they have come, nor longer than a deadline; if they have
not come by then it goes on, and the gate stays shut until they do. Where every order has its end, nothing needs to be
waited for. Orders that nobody has a word of are asked for again on a schedule.

Decides when to ask, and whether the account is reconciled. Does not know what the lists mean.
"""

from math import inf

from actors.context import Context
from actors.orders.evidence import due, next_look
from actors.orders.reconciliation import Reconciliation
from actors.orders.register import Register
from actors.ports import Timer
from messages.base import Message
from messages.orders import OrderRecord, OrderState
from messages.session import RestoreSession, SessionRestored
from messages.wire.commands import ACCOUNT_QUERIES

_SOUGHT = (OrderState.UNKNOWN, OrderState.OPEN)

LISTS_SECONDS = 9.0
"""How long the lists are waited for: a little less than a reconnect callback may take."""


class LookDue(Message, frozen=True, kw_only=True):
    """Time to ask for the lists again."""


class ListsOverdue(Message, frozen=True, kw_only=True):
    """The lists have not come in time."""

    command: RestoreSession


class Lookout:
    """Keeps watch for one actor, whose context it speaks through."""

    def __init__(self, context: Context, register: Register, reconciliation: Reconciliation) -> None:
        self._context = context
        self._register = register
        self._reconciliation = reconciliation
        self._restoring: RestoreSession | None = None
        self._timer: Timer | None = None
        self._next = inf
        self.connected_since: float | None = None
        """When the session became READY (UTC); None while it is not."""
        self.is_reconciled = False
        """Whether the platform has told all that mattered when the connection began, or nothing did."""

    def restore(self, command: RestoreSession) -> None:
        """A new connection is logged in."""
        self._restoring = command
        self._begin()
        if not self.is_reconciled:
            self._context.after(LISTS_SECONDS, ListsOverdue(command=command))

    def recall(self) -> None:
        """The register has been read: what was told before was not held against it."""
        if self._register.ledger.unresolved:
            self._reconciliation.recall()
        self._begin()
        self.plan()

    def note_word(self) -> None:
        """The platform has said something."""
        self.is_reconciled = self.is_reconciled or self._reconciliation.told.is_complete
        if self.is_reconciled and self._restoring is not None:
            self._restored(self._restoring)

    def _begin(self) -> None:
        self.is_reconciled = not self._register.ledger.unresolved
        self.note_word()
        if not self.is_reconciled:
            self.ask()

    def give_up(self, overdue: ListsOverdue) -> None:
        """Go on without the lists."""
        if self._restoring is overdue.command:
            self._context.log("ERROR", "the platform has not told its deals: no order is placed until it does")
            self._restored(overdue.command)

    def ready(self) -> None:
        """The session is READY."""
        self.connected_since = self._context.clock.now()
        self.plan()

    def lose(self) -> None:
        """The session is gone."""
        self.connected_since = self._restoring = None
        self.is_reconciled = False
        self._reconciliation.begin_anew()

    def ask(self) -> None:
        """Ask for the lists, where there is somebody to ask."""
        for query in ACCOUNT_QUERIES:
            self._context.send(query)

    def plan(self) -> None:
        """Look again when the next of all orders is due for it."""
        self._next = inf
        for order in self._register.ledger.unresolved:
            self.watch(order)

    def watch(self, order: OrderRecord) -> None:
        """Look again no later than this order is due for it."""
        if self.connected_since is None or order.state not in _SOUGHT:
            return
        if order.state is OrderState.OPEN and self._next <= due(order):  # before which there is nothing to look for
            return
        moment = next_look(order, self._context.clock.now(), self.connected_since)
        if moment is not None and moment < self._next:
            if self._timer is not None:
                self._timer.cancel()
            self._next, self._timer = moment, self._context.at(moment, LookDue())

    def _restored(self, command: RestoreSession) -> None:
        self._restoring = None
        restored = SessionRestored(request_id=command.request_id, incarnation=command.incarnation)
        self._context.reply(command, restored)

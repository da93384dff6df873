"""Admission: the way of an order from the wish to the disk.

Theory of operation. What the platform would not look at is refused before it counts as an order. The rest is held
against the gate when its turn comes, and written down; only then may it go out.

Decides whether an order may go out. Does not send it, nor know what becomes of it.
"""

from actors.api.limits import OrderLimits
from actors.api.subscriptions import similar
from actors.context import Context
from actors.orders.gate import RiskSettings, Standing, denial
from actors.orders.memory import OrderMemory
from messages.errors import NotConnected, UnknownAsset, UsageError
from messages.order_errors import JournalUnavailable, OrderDenied
from messages.orders import OrderRecord, OrderState
from messages.session import SessionState
from messages.trading import OrderId, PlaceTrade


class Admission:
    """Admits the orders of one actor, whose context it sees through."""

    def __init__(self, context: Context, memory: OrderMemory, limits: OrderLimits, risk: RiskSettings) -> None:
        self._context = context
        self._memory, self._register, self._around = memory, memory.register, memory.around
        self._limits, self._risk = limits, risk

    def known(self, order_id: OrderId, *, is_pending: bool) -> OrderRecord | None:
        """The order of that id, which is not to be placed again; None where there is none, or it was denied.

        Raises:
            JournalUnavailable: nobody can tell.
            UsageError: it is an order of the other kind.
        """
        order = self._register.order(order_id)
        if order is None or order.state is OrderState.DENIED:
            return None
        if (order.pending is not None) is not is_pending:
            kind = "not pending" if is_pending else "pending"
            raise UsageError(f"The order {order_id} is there already, and is {kind}. Give each an id of its own.")
        return order

    def check(self, wish: PlaceTrade | OrderRecord) -> None:
        """Raises BusError where the platform would not even look at it."""
        self._limits.check(wish.stake, wish.duration_seconds)
        state, known = self._context.session.state, self._memory.known
        if state is not SessionState.READY:
            raise NotConnected(state.value)
        if known is not None and wish.symbol not in known:
            raise UnknownAsset(wish.symbol, similar(wish.symbol, known))

    def admit(self, order: OrderRecord, *, allow_duplicate: bool, is_reconciled: bool) -> OrderRecord:
        """The order once it is on disk and may go out. Raises BusError where it may not, and nothing is written."""
        self.check(order)
        standing = self._standing(order, is_reconciled=is_reconciled)
        objection = denial(order, standing, self._risk, allow_duplicate=allow_duplicate)
        if objection is not None:
            raise objection
        try:
            intended = self._register.intend(order, order.created)
        except JournalUnavailable as error:
            what = OrderDenied(order.symbol, "journal", error.reason, "a journal that can be written")
            raise what from None
        self._around.add(intended)
        return intended

    def _standing(self, order: OrderRecord, *, is_reconciled: bool) -> Standing:
        return self._around.standing(
            order,
            is_reconciled=is_reconciled,
            silence=self._context.clock.monotonic() - self._context.line.last_heard,
            tick_age=self._tick_age(order),
            counts_losses=self._risk.max_loss_per_day is not None,
        )

    def _tick_age(self, order: OrderRecord) -> float | None:
        """How old the asset's last tick is; None where it is not subscribed, or none has come yet."""
        system = self._context.system
        home = system.routes.homes.get(order.symbol)
        latest = None if home is None else system.lines[home].latest.get(order.symbol)
        return None if latest is None else order.created - latest

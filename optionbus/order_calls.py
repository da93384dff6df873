"""What a client can ask about its orders, and the kill switch.

Decides names and argument checks. Does not know what an order may become (``actors.orders.ledger``).
"""

from actors.future import Future
from messages.base import AddressName
from messages.errors import InvalidArgument
from messages.orders import GetOrders, GetTrading, OrderRecord, OrderState, SettleOrder, SetTradingMode, TradingMode
from messages.trading import OrderId
from optionbus.arguments import checked, checked_text
from optionbus.edge import Edge, reply_of

TRADES = AddressName("Trades")

_BY_HAND = {"closed": OrderState.CLOSED, "not placed": OrderState.NOT_PLACED}


class OrderCalls:
    """Mixed into the client."""

    _edge: Edge

    def orders(self, *, unresolved: bool = False) -> Future[tuple[OrderRecord, ...]]:
        """The orders of this account, oldest first: all that are unresolved, and the last ones that are not.

        Args:
            unresolved: only those whose end is not known.

        Raises (at once):
            InvalidArgument: ``unresolved`` is no truth value.
        """
        return self._edge.ask(TRADES, checked(GetOrders(unresolved=unresolved)), convert=reply_of("orders"))

    def trading_mode(self) -> Future[TradingMode]:
        """Where the kill switch stands."""
        return self._edge.ask(TRADES, GetTrading(), convert=reply_of("mode"))

    def set_trading_mode(self, mode: TradingMode | str, reason: str = "") -> Future[None]:
        """Move the kill switch; it stays there, also over a restart.

        Args:
            mode: ``"active"``; ``"reducing"``: no new orders, pending ones may be taken back; ``"halted"``: nothing
                that concerns orders is sent.
            reason: for the log.

        Raises (at once):
            InvalidArgument: there is no such mode.
        """
        try:
            wanted = TradingMode(mode)
        except ValueError:
            modes = ", ".join(each.value for each in TradingMode)
            raise InvalidArgument("SetTradingMode", f"Expected one of {modes}, got {mode!r}") from None
        command = checked(SetTradingMode(mode=wanted, reason=reason))
        return self._edge.ask(TRADES, command, convert=lambda _reply: None)

    def settle_order(self, order_id: str, outcome: str, reason: str = "") -> Future[None]:
        """Say by hand how an order ended that nobody could resolve: its asset may be traded again.

        Args:
            order_id: the id of an order that is MANUAL.
            outcome: ``"closed"`` or ``"not placed"``, as the platform shows it.
            reason: for the journal.

        Raises (at once):
            InvalidArgument: there is no such outcome.

        Raises (from the future):
            UnknownOrder: there is no such order.
            UsageError: it is not MANUAL: its end is known, or may still come.
        """
        state = _BY_HAND.get(checked_text("SettleOrder", "outcome", outcome))
        if state is None:
            raise InvalidArgument("SettleOrder", f"Expected one of {', '.join(_BY_HAND)}, got {outcome!r}")
        command = SettleOrder(order_id=OrderId(order_id), state=state, reason=reason)
        return self._edge.ask(TRADES, checked(command), convert=lambda _reply: None)

"""Taking pending orders back: who waits for which of them.

Theory of operation. A command is over once something was said of each of its tickets. An answer names tickets, or none;
then it belongs to the only command that waits. A cancel that was not answered may be given again: it cannot do harm
twice.

Decides whom an answer belongs to. Does not know which orders wait (``actors.api.pending_trades``).
"""

from collections.abc import Callable

from actors.base import Context
from messages.base import Incarnation, Message
from messages.errors import DeadlineExceeded, NotConnected
from messages.order_errors import OrderDenied, PendingNotCancelled
from messages.orders import TradingMode
from messages.session import SessionLost, SessionState
from messages.trading import (
    CancelPendingOrders,
    PendingCancelled,
    PendingCancelRefused,
    PendingOrdersCancelled,
    Ticket,
)
from messages.wire.commands import cancel_pending_order, cancel_pending_orders


class CancelOverdue(Message, frozen=True, kw_only=True):
    """A command was not answered in time."""

    number: int


class Cancel:
    """A command that was sent, and what was answered about each of its orders so far.

    ``incarnation`` is the connection, without which no answer will come.
    """

    def __init__(self, command: CancelPendingOrders, due: float, incarnation: Incarnation) -> None:
        self.command = command
        self.due = due
        self.incarnation = incarnation
        self.cancelled: dict[Ticket, None] = {}
        self.refused: dict[Ticket, str] = {}

    @property
    def missing(self) -> tuple[Ticket, ...]:
        """The orders about which nothing was said."""
        return tuple(
            ticket for ticket in self.command.tickets if ticket not in self.cancelled and ticket not in self.refused
        )


Cancels = dict[int, Cancel]
"""The commands that wait, in the order in which they were sent; outlives a crash."""


class CancelDesk:
    """Takes orders back for one actor, whose context it speaks through. ``mode``: the kill switch."""

    def __init__(
        self, context: Context, cancels: Cancels, timeout_seconds: float, mode: Callable[[], TradingMode]
    ) -> None:
        self._context = context
        self._cancels = cancels
        self._timeout_seconds = timeout_seconds
        self._mode = mode

    def take_up(self) -> None:
        """Take up the deadlines again that the incarnation before left behind."""
        for number, cancel in self._cancels.items():
            self._await_answer(number, cancel)

    def send(self, command: CancelPendingOrders) -> None:
        """Ask the platform, or say why not."""
        tickets, session = command.tickets, self._context.session
        cancel = Cancel(command, self._context.clock.monotonic() + self._timeout_seconds, session.incarnation)
        if self._mode() is TradingMode.HALTED:
            allowed = "active or reducing"
            self._context.fail(command, OrderDenied("the pending orders", "trading mode", "halted", allowed))
        elif not tickets:
            self._finish(cancel)
        elif session.state is SessionState.READY and self._context.send(_frame(tickets)):
            number = self._context.system.new_id()
            self._cancels[number] = cancel
            self._await_answer(number, cancel)
        else:
            self._context.fail(command, NotConnected(session.state.value))

    def confirm(self, event: PendingCancelled) -> tuple[Ticket, ...]:
        """These were given up, or those of the only command; gives them all."""
        confirmed = dict.fromkeys(event.tickets)
        for cancel, meant in self._answered(event.tickets):
            cancel.cancelled.update(dict.fromkeys(meant))
            confirmed.update(dict.fromkeys(meant))
        self._finish_complete()
        return tuple(confirmed)

    def refuse(self, event: PendingCancelRefused) -> None:
        """These were not given up, or those of the only command."""
        for cancel, meant in self._answered(event.tickets):
            cancel.refused.update(dict.fromkeys(meant, event.reason))
        self._finish_complete()

    def lose(self, event: SessionLost) -> None:
        """No answer will come to what was sent on that connection."""
        for cancel in self._take(lambda cancel: cancel.incarnation <= event.incarnation):
            self._context.fail(cancel.command, event.error)

    def give_up(self, overdue: CancelOverdue) -> None:
        """It has waited long enough."""
        cancel = self._cancels.pop(overdue.number, None)
        if cancel is not None:
            what = f"Cancelling the pending orders {', '.join(cancel.missing)}"
            self._context.fail(cancel.command, DeadlineExceeded(what, self._timeout_seconds))

    def _answered(self, tickets: tuple[Ticket, ...]) -> list[tuple[Cancel, list[Ticket]]]:
        is_clear = bool(tickets) or len(self._cancels) == 1
        return [
            (cancel, [ticket for ticket in cancel.missing if not tickets or ticket in tickets])
            for cancel in self._cancels.values()
            if is_clear
        ]

    def _finish_complete(self) -> None:
        for cancel in self._take(lambda cancel: not cancel.missing):
            self._finish(cancel)

    def _finish(self, cancel: Cancel) -> None:
        command = cancel.command
        if cancel.refused:
            self._context.fail(command, PendingNotCancelled(cancel.refused, tuple(cancel.cancelled)))
        else:
            done = PendingOrdersCancelled(request_id=command.request_id, tickets=command.tickets)
            self._context.reply(command, done)

    def _take(self, is_over: Callable[[Cancel], bool]) -> list[Cancel]:
        numbers = [number for number, cancel in self._cancels.items() if is_over(cancel)]
        return [self._cancels.pop(number) for number in numbers]

    def _await_answer(self, number: int, cancel: Cancel) -> None:
        self._context.after(cancel.due - self._context.clock.monotonic(), CancelOverdue(number=number))


def _frame(tickets: tuple[Ticket, ...]) -> str:
    return cancel_pending_orders(tickets) if tickets[1:] else cancel_pending_order(tickets[0])

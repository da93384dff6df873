"""The errors about orders and deals; the tree that they belong to is drawn in ``messages.errors``.

Fields come first; the text is made from them and ends in what to do next.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from messages.errors import BusError


class OrderError(BusError):
    """An order or a deal."""


class OrderDenied(OrderError):
    """A rule of this client denied the order: what it saw (``value``) and what it allows (``limit``)."""

    def __init__(self, asset: str, rule: str, value: object, limit: object) -> None:
        self.asset, self.rule, self.value, self.limit = asset, rule, value, limit
        super().__init__(
            f"The order on {asset} was denied by the rule {rule!r}: it is {value}, allowed is {limit}. "
            "Nothing was sent."
        )


class OrderRefused(OrderError):
    """The platform refused the order: ``reason`` in its words, ``limit`` where it named one."""

    def __init__(self, asset: str, reason: str, limit: Decimal | None = None) -> None:
        self.asset, self.reason, self.limit = asset, reason, limit
        extent = f" (limit {limit})" if limit is not None else ""
        super().__init__(f"The platform refused the order on {asset}: {reason}{extent}. Nothing was placed.")


class OrderUnconfirmed(OrderError):
    """The order was sent once and not acknowledged in time: it may or may not exist."""

    def __init__(self, asset: str, request_id: str) -> None:
        self.asset, self.request_id = asset, request_id
        super().__init__(
            f"The order {request_id} on {asset} was sent and not acknowledged; it may have been placed. "
            "It is never sent again. Look at opened_deals(), closed_deals() or pending_orders() before the next."
        )


class OrderNotPlaced(OrderError):
    """The order was not answered, and what the platform tells shows that it does not exist."""

    def __init__(self, asset: str, request_id: str) -> None:
        self.asset, self.request_id = asset, request_id
        super().__init__(
            f"The order {request_id} on {asset} was not carried out: the platform's lists and its money show no trace "
            "of it. Place another one, under an id of its own, if you still want it."
        )


class ResultUnknown(OrderError):
    """The deal has expired, and no list of the platform tells how it ended."""

    def __init__(self, deal_id: str) -> None:
        self.deal_id = deal_id
        super().__init__(
            f"The deal {deal_id} has expired, and the platform's lists do not tell how it ended. "
            "Look it up on the platform, and settle its order by hand (run.py orders)."
        )


class UnknownDeal(OrderError):
    """No deal of that id was opened or seen by this client."""

    def __init__(self, deal_id: str) -> None:
        self.deal_id = deal_id
        super().__init__(f"No deal {deal_id!r} is known. opened_deals() and closed_deals() list those that are.")


class PendingNotCancelled(OrderError):
    """Pending orders were not given up: ``refused`` says why by ticket, ``cancelled`` which of them were."""

    def __init__(self, refused: Mapping[Any, str], cancelled: tuple[str, ...] = ()) -> None:
        self.refused: dict[str, str] = dict(refused)
        self.cancelled = cancelled
        reasons = ", ".join(f"{ticket} ({reason})" for ticket, reason in refused.items())
        others = f" It did cancel {', '.join(cancelled)}." if cancelled else ""
        super().__init__(
            f"The platform did not cancel the pending orders {reasons}.{others} pending_orders() lists those that wait."
        )


class UnknownPendingOrder(OrderError):
    """No pending order of that ticket waits, as far as the platform has told."""

    def __init__(self, ticket: str) -> None:
        self.ticket = ticket
        super().__init__(
            f"No pending order {ticket!r} waits: it was cancelled, or has opened. pending_orders() lists those that do."
        )


class UnknownOrder(OrderError):
    """No order of that id is in the journal."""

    def __init__(self, order_id: str) -> None:
        self.order_id = order_id
        super().__init__(f"No order {order_id!r} is in the journal. orders() lists those that are.")


class JournalUnavailable(BusError):
    """Orders cannot be written down: ``path`` and ``reason``."""

    todo: ClassVar = "see to its disk"

    def __init__(self, path: str, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"The journal {path} cannot be used: {reason}. No order is placed until it can: {self.todo}.")


class AccountInUse(JournalUnavailable):
    """Another process trades this account."""

    todo: ClassVar = "end that process, or do it there"

    def __init__(self, path: str) -> None:
        super().__init__(path, "another process trades this account")

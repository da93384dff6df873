"""The ledger: every order, in one of twelve states.

Theory of operation. Two rules. An order moves only along the table; a pair that is not in it raises and changes
nothing. And nothing is concluded from silence: an order that was sent and not answered is UNKNOWN until the platform's
own words show what became of it. It goes to the platform's
door once: no move leads back to JOURNALED.

JOURNALED → DENIED is for the process that wrote the intent and knows that it did not send; after a restart nobody
knows, and the order is UNKNOWN. A sighting outranks whatever was believed: after REJECTED (a refusal names no order, so
that it may have been another's), NOT_PLACED or MANUAL it is followed, and alarms. A pending order has a ledger of its
own, and the same table: what becomes of it is that it waits, and that it waits no longer.

Decides which moves there are, and which order a deal belongs to. Knows no clock, no journal, no actor.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from enum import Enum
from typing import Any, Final

from msgspec.structs import replace

from messages.base import Incarnation
from messages.errors import UsageError
from messages.market import Symbol
from messages.orders import OrderRecord
from messages.orders import OrderState as S
from messages.trading import Deal, DealId, OrderId

SKEW_SECONDS: Final = 2.0
"""How far the platform's clock may be from ours unmeasured, and what it rounds away."""

KEPT_FINAL: Final = 1_000
"""How many orders whose end is known stay in memory; the journal keeps all."""


class OrderEvent(Enum):
    """What can happen to an order."""

    __hash__ = object.__hash__  # as that of OrderState

    DENY = "denied"
    JOURNAL = "journaled"
    SEND = "sent"
    OPEN = "seen open"
    CLOSE = "seen closed"
    KEEP = "kept waiting"
    END = "seen waiting no longer"
    REFUSE = "refused"
    LOSE = "lost from sight"
    RULE_OUT = "shown not to exist"
    GIVE_UP = "given up"


E = OrderEvent


class IllegalOrderMove(UsageError):
    """The event cannot happen to an order in that state."""

    def __init__(self, state: S, event: OrderEvent) -> None:
        self.state, self.event = state, event
        super().__init__(f"An order that is {state.value} cannot be {event.value}.")


TABLE: Final[dict[tuple[S, OrderEvent], S]] = {
    (S.CREATED, E.DENY): S.DENIED,
    (S.CREATED, E.JOURNAL): S.JOURNALED,
    (S.JOURNALED, E.SEND): S.SENT,
    (S.JOURNALED, E.DENY): S.DENIED,
    (S.JOURNALED, E.LOSE): S.UNKNOWN,
    (S.SENT, E.OPEN): S.OPEN,
    (S.SENT, E.REFUSE): S.REJECTED,
    (S.SENT, E.LOSE): S.UNKNOWN,
    (S.UNKNOWN, E.OPEN): S.OPEN,
    (S.UNKNOWN, E.CLOSE): S.CLOSED,
    (S.UNKNOWN, E.REFUSE): S.REJECTED,
    (S.UNKNOWN, E.RULE_OUT): S.NOT_PLACED,
    (S.UNKNOWN, E.GIVE_UP): S.MANUAL,
    (S.OPEN, E.CLOSE): S.CLOSED,
    (S.OPEN, E.GIVE_UP): S.MANUAL,
    (S.REJECTED, E.OPEN): S.OPEN,
    (S.REJECTED, E.CLOSE): S.CLOSED,
    (S.NOT_PLACED, E.OPEN): S.OPEN,
    (S.NOT_PLACED, E.CLOSE): S.CLOSED,
    (S.MANUAL, E.OPEN): S.OPEN,
    (S.MANUAL, E.CLOSE): S.CLOSED,
    (S.MANUAL, E.RULE_OUT): S.NOT_PLACED,
    (S.SENT, E.KEEP): S.WAITING,
    (S.UNKNOWN, E.KEEP): S.WAITING,
    (S.REJECTED, E.KEEP): S.WAITING,
    (S.NOT_PLACED, E.KEEP): S.WAITING,
    (S.MANUAL, E.KEEP): S.WAITING,
    (S.ENDED, E.KEEP): S.WAITING,
    (S.WAITING, E.END): S.ENDED,
    (S.MANUAL, E.END): S.ENDED,
}

FINAL: Final = frozenset({S.DENIED, S.REJECTED, S.NOT_PLACED, S.CLOSED, S.ENDED})
"""The states in which an order's end is known."""

UNACKNOWLEDGED: Final = frozenset({S.JOURNALED, S.SENT, S.UNKNOWN})
"""The states in which it may or may not exist."""

RUNNING: Final = UNACKNOWLEDGED | {S.OPEN, S.WAITING}
"""The states in which money may be at stake."""

MISSING: Final = frozenset({S.UNKNOWN, S.NOT_PLACED, S.MANUAL})
"""The states in which a list of deals may tell what an answer did not."""

_DOUBTED: Final = frozenset({S.REJECTED, S.NOT_PLACED, S.MANUAL})


def advance(state: S, event: OrderEvent) -> S:
    """The state that follows. Raises IllegalOrderMove where none does."""
    try:
        return TABLE[state, event]
    except KeyError:
        raise IllegalOrderMove(state, event) from None


def by_hand(order: OrderRecord, end: S) -> OrderEvent:
    """What it is to the order that a person says how it ended. Raises UsageError where nobody has to."""
    if order.state is not S.MANUAL:
        raise UsageError(f"Only an order that is manual is settled by hand, and this one is {order.state.value}.")
    if end is not S.CLOSED:
        return E.RULE_OUT
    return E.CLOSE if order.pending is None else E.END


class Exposure:
    """What the orders without an end come to, counted as they move: one costs the same among ten as among thousands."""

    def __init__(self) -> None:
        self.unacknowledged: Counter[Symbol] = Counter()
        """Orders that may or may not exist."""
        self.running: Counter[Symbol] = Counter()
        """Those, and what is open or waits to be."""
        self.running_in_all = 0
        self.manual: Counter[Symbol] = Counter()
        """Orders of ours that a person has to settle."""
        self.at_stake = Decimal(0)
        """The stakes of what is running."""
        self.open_stakes = Decimal(0)
        """The stakes of the open deals."""

    def count(self, order: OrderRecord, weight: int) -> None:
        """Add an order, or with -1 take it away."""
        if order.state is S.MANUAL and not order.is_external:
            self.manual[order.symbol] += weight
        if order.state not in RUNNING:
            return
        if order.state is S.OPEN:
            self.open_stakes += weight * order.stake
        elif order.state in UNACKNOWLEDGED:
            self.unacknowledged[order.symbol] += weight
        self.running[order.symbol] += weight
        self.running_in_all += weight
        self.at_stake += weight * order.stake


class Ledger:
    """All orders that matter: those without an end, and the last ones with one."""

    def __init__(self) -> None:
        self._unresolved: dict[OrderId, OrderRecord] = {}
        self._final: dict[OrderId, OrderRecord] = {}
        self._of_deal: dict[DealId, OrderId] = {}
        self.exposure = Exposure()

    def __iter__(self) -> Iterator[OrderRecord]:
        return iter((*self._final.values(), *self._unresolved.values()))

    def get(self, order_id: OrderId) -> OrderRecord | None:
        """The order of that id."""
        return self._unresolved.get(order_id) or self._final.get(order_id)

    def of_deal(self, deal_id: DealId) -> OrderRecord | None:
        """The order whose deal it is."""
        order_id = self._of_deal.get(deal_id)
        return None if order_id is None else self.get(order_id)

    @property
    def unresolved(self) -> tuple[OrderRecord, ...]:
        """The orders whose end is not known, in the order in which they came."""
        return tuple(self._unresolved.values())

    def manual(self, symbol: Symbol) -> OrderRecord | None:
        """An order of ours on the asset that a person has to settle."""
        if not self.exposure.manual[symbol]:
            return None
        manual = (order for order in self.unresolved if order.state is S.MANUAL and not order.is_external)
        return next(order for order in manual if order.symbol == symbol)

    def enter(self, order: OrderRecord) -> None:
        """Take an order in, as it stands; one of ours outranks the stranger that its deal was taken for."""
        if order.deal is not None:
            holder = self.of_deal(order.deal.id)
            if holder is not None and holder.order_id != order.order_id:
                if order.is_external:
                    return
                self._drop(holder)
            self._of_deal[order.deal.id] = order.order_id
        before = self._unresolved.pop(order.order_id, None)
        if before is not None:
            self.exposure.count(before, -1)
        self.exposure.count(order, 1)
        if order.state in FINAL:
            self._final[order.order_id] = order
            self._shed()
        else:
            self._final.pop(order.order_id, None)
            self._unresolved[order.order_id] = order

    def move(self, order_id: OrderId, event: OrderEvent, now: float, **changes: Any) -> OrderRecord:  # noqa: ANN401
        """Let the event happen to an order, with what else it changes; the order as it is then.

        Raises:
            KeyError: there is no such order.
            IllegalOrderMove: it cannot, and nothing has changed.
        """
        order = self._unresolved.get(order_id) or self._final[order_id]
        moved = replace(order, state=advance(order.state, event), updated=now, **changes)
        self.enter(moved)
        return moved

    def owner(
        self,
        deal: Deal,
        patience_seconds: float,
        among: Collection[S] = MISSING,
        skew_seconds: float = 0.0,
    ) -> OrderRecord | None:
        """The order that a deal belongs to, None where there is none, or more than one it might be.

        Args:
            deal: As the platform tells it, with or without the order's id.
            patience_seconds: How long after it was written an order may have reached the platform.
            among: The states of the orders that a deal without an id is held against.
            skew_seconds: How far the platform's clock was measured to be ahead of ours.
        """
        named = None if deal.order_id is None else self.get(deal.order_id)
        is_ours = named is not None and not named.is_external and named.state is not S.DENIED
        known = named if is_ours else self.of_deal(deal.id)  # strangers may name all theirs alike
        if known is not None or deal.order_id is not None:
            return known
        like = [order for order in self if order.deal is None and is_like(order, deal)]
        missing = [order for order in like if may_be(order, deal, patience_seconds, skew_seconds)]
        alike = [order for order in missing if order.state in among]
        awaited = [order for order in like if order.state in UNACKNOWLEDGED]
        if awaited and alike != awaited:  # a clock may be off by more than is known
            return None
        # A person may have said that it closed, and not which deal it was.
        alike = alike or [order for order in missing if order.state is S.CLOSED]
        # A refusal may have been another's; whom it was given to is asked when nobody else can be meant.
        alike = alike or [order for order in missing if order.state is S.REJECTED]
        return alike[0] if len(alike) == 1 else None

    def _drop(self, stranger: OrderRecord) -> None:
        if stranger.is_external:
            self._final.pop(stranger.order_id, None)
            if self._unresolved.pop(stranger.order_id, None) is not None:
                self.exposure.count(stranger, -1)

    def _shed(self) -> None:
        if len(self._final) > KEPT_FINAL:
            oldest = self._final.pop(next(iter(self._final)))
            if oldest.deal is not None:
                self._of_deal.pop(oldest.deal.id, None)


def may_be(order: OrderRecord, deal: Deal, patience_seconds: float, skew_seconds: float = 0.0) -> bool:
    """Whether the deal can have come of this order, by content and time."""
    return is_timely(order, deal.open_time, patience_seconds, skew_seconds) and is_like(order, deal)


def is_timely(order: OrderRecord, taken: float, patience_seconds: float, skew_seconds: float) -> bool:
    """Whether the platform can have taken the order then. A skew only widens the time: it is an estimate."""
    delay = taken - order.created
    earliest, latest = min(0.0, skew_seconds), patience_seconds + max(0.0, skew_seconds)
    return earliest - SKEW_SECONDS <= delay <= latest + SKEW_SECONDS


def is_like(order: OrderRecord, deal: Deal) -> bool:
    """Whether the deal is what this order would have become, whenever it began."""
    content = (order.symbol, order.direction, order.stake) == (deal.symbol, deal.direction, deal.stake)
    lasts = deal.close_time - deal.open_time
    return content and abs(lasts - order.duration_seconds) <= SKEW_SECONDS


def recovered(orders: Iterable[OrderRecord], now: float) -> tuple[Ledger, Ledger]:
    """The ledgers after a restart, of orders and of pending ones: what was on its way is UNKNOWN, from now on.

    The clock may have been put right meanwhile: what was written before says nothing of how long ago it was.
    """
    plain, pending = Ledger(), Ledger()
    for order in orders:
        ledger = plain if order.pending is None else pending
        is_unknown = order.state in UNACKNOWLEDGED
        ledger.enter(replace(order, created=min(order.created, now), updated=now) if is_unknown else order)
        if order.state in (S.JOURNALED, S.SENT):
            ledger.move(order.order_id, E.LOSE, now, incarnation=Incarnation(0), reason="the process ended")
    return plain, pending


def age(order: OrderRecord) -> tuple[float, str]:
    """By which orders are sorted, oldest first."""
    return order.created, order.order_id


def worth_keeping(orders: Mapping[OrderId, OrderRecord]) -> tuple[OrderRecord, ...]:
    """All orders without an end and the last ones with one, oldest first."""
    found = sorted(orders.values(), key=age)
    dropped = {order.order_id for order in [order for order in found if order.state in FINAL][:-KEPT_FINAL]}
    return tuple(order for order in found if order.order_id not in dropped)


def is_alarm(before: S, after: S) -> bool:
    """Whether the move says that an order exists which was believed not to."""
    return before in _DOUBTED and after in (S.OPEN, S.CLOSED, S.WAITING)

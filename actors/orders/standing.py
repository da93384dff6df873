"""How things stand when an order is to go out.

Decides what is counted as running, at stake, recent and lost. Does not know what is allowed (``actors.orders.gate``).
"""

from collections import Counter, deque
from decimal import Decimal
from itertools import chain
from typing import Final

from actors.orders.gate import MINUTE_SECONDS, Standing, content
from actors.orders.register import Register
from messages.market import Symbol
from messages.orders import OrderRecord, OrderState
from messages.trading import OrderId

DAY_SECONDS: Final = 86_400.0


class Surroundings:
    """What an order is placed into: the other orders of the account. Outlives a crash."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._recent: deque[OrderRecord] = deque()
        self._recent_of: Counter[Symbol] = Counter()
        self._last: dict[object, OrderId] = {}

    def add(self, order: OrderRecord) -> None:
        """An order has gone out."""
        self._recent.append(order)
        self._recent_of[order.symbol] += 1
        self._last[content(order)] = order.order_id

    def is_occupied(self, symbol: Symbol) -> bool:
        """Whether an order of the asset may or may not exist: a refusal could mean that one or the next."""
        return self._register.ledger.exposure.unacknowledged[symbol] > 0

    def standing(
        self, order: OrderRecord, *, is_reconciled: bool, silence: float, tick_age: float | None, counts_losses: bool
    ) -> Standing:
        """How things stand for this order; see Standing for what is told of the outside.

        ``counts_losses``: add up what was lost today, for which every order of the day is looked at.
        """
        now = order.created
        self._forget(now - MINUTE_SECONDS)
        problem = self._register.catch_up(now)
        plain, pending = self._register.ledger, self._register.pending
        placed, waiting = plain.exposure, pending.exposure
        last = self._last.get(content(order))
        return Standing(
            mode=self._register.mode,
            is_reconciled=is_reconciled,
            journal_problem=problem,
            silence=silence,
            tick_age=tick_age,
            blocked_by=plain.manual(order.symbol) or pending.manual(order.symbol),
            duplicate_of=None if last is None else self._register.known(last),
            running=placed.running_in_all + waiting.running_in_all,
            running_here=placed.running[order.symbol] + waiting.running[order.symbol],
            recent=len(self._recent),
            recent_here=self._recent_of[order.symbol],
            lost_today=self._lost_since(now // DAY_SECONDS * DAY_SECONDS) if counts_losses else Decimal(0),
            at_stake=placed.at_stake + waiting.at_stake,
        )

    def _forget(self, moment: float) -> None:
        """What went out before that is recent no more."""
        while self._recent and self._recent[0].created <= moment:
            order = self._recent.popleft()
            self._recent_of[order.symbol] -= 1
            if self._last.get(content(order)) == order.order_id:
                del self._last[content(order)]

    def _lost_since(self, moment: float) -> Decimal:
        ended = (OrderState.CLOSED, OrderState.MANUAL)
        known = chain(self._register.ledger, self._register.pending)
        orders = (order for order in known if order.state in ended and order.expiry >= moment)
        return -sum((_gain(order) for order in orders), Decimal(0))


def _gain(order: OrderRecord) -> Decimal:
    """What it brought; where nobody can tell, the stake counts as lost."""
    deal = order.deal
    return -order.stake if deal is None or deal.close_price is None else deal.profit

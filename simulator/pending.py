"""Pending orders: kept until their time comes, or until the market reaches their price.

Theory of operation. A time is noted on the agenda. A price is looked for a minute at a time among the ticks that the
market is going to have, and what is noted is the tick that reaches it: so an order opens on a tick, whoever listens to
that asset, and nothing is watched for orders that are not there. The price is reached when the market comes to it from
the side on which it stood when the order was given.

What would be refused as an order is not kept; the same is asked again when the order opens, as is the payout.
Decides when an order opens. Does not know how a deal is settled (``simulator.desk``).
"""

from collections.abc import Iterable
from functools import partial
from math import isfinite
from typing import Final, Literal

from simulator.account import Account, Denial
from simulator.agenda import Agenda
from simulator.assets import LISTINGS
from simulator.clocks import seconds_of, server_time, text, true_time
from simulator.deals import PUT
from simulator.desk import Desk
from simulator.fate import Say
from simulator.hardship import Occasion
from simulator.market import MINUTE_SECONDS, Market
from simulator.requests import OpenOrder, OpenPendingOrder
from simulator.streams import ConnectionId

BY_TIME: Final = 0
LONGEST_WAIT_SECONDS: Final = 365 * 86_400
_NO_TIME: Final = "0000-00-00 00:00:00"
_PRIVATE: Final = frozenset({"uid", "isDemo"})
"""Columns of the list that are not in the answer."""


class PendingDesk:
    """Takes pending orders, gives them up, and has the desk open them."""

    def __init__(self, market: Market, agenda: Agenda, desk: Desk, say: Say) -> None:
        self._market = market
        self._agenda = agenda
        self._desk = desk
        self._say = say
        self._count = 0

    def tell(self, account: Account, whom: Iterable[ConnectionId]) -> None:
        """Which orders wait."""
        self._say(Occasion.SNAPSHOT, whom, "successupdatePending", list(account.pending.values()))

    def open(self, account: Account, asker: ConnectionId, order: OpenPendingOrder | None, now: float) -> None:
        """Keep an order, or say why not; None is one that could not be read."""
        if order is None:
            self._refuse((asker,), {}, "InvalidOrder")
            return
        row = self._row(account, order, now)
        error = _fault(account, order, now)
        if error is not None:
            self._refuse((asker,), row, error)
            return
        self._count += 1
        ticket, row["id"] = str(row["ticket"]), self._count
        account.pending[ticket] = row
        self._wait(account, ticket, order, now)
        answer = {column: value for column, value in row.items() if column not in _PRIVATE}
        self._say(Occasion.ANSWER, (asker,), "successopenPendingOrder", {"data": answer})
        self._tell_others(account, asker)

    def cancel(self, account: Account, asker: ConnectionId, ticket: str) -> None:
        """Give an order up."""
        if account.pending.pop(ticket, None) is None:
            self._say(Occasion.ANSWER, (asker,), "failcancelPendingOrder", {"ticket": ticket, "error": "NotFound"})
        else:
            self._say(Occasion.ANSWER, (asker,), "successcancelPendingOrder", {"ticket": ticket})
            self._tell_others(account, asker)

    def cancel_several(self, account: Account, asker: ConnectionId, tickets: Iterable[str]) -> None:
        """Give orders up; those that do not wait are named in a failure of their own."""
        found = [ticket for ticket in tickets if account.pending.pop(ticket, None) is not None]
        missing = [ticket for ticket in tickets if ticket not in found]
        if found:
            self._say(Occasion.ANSWER, (asker,), "successcancelPendingOrders", {"tickets": found})
            self._tell_others(account, asker)
        if missing:
            self._say(Occasion.ANSWER, (asker,), "failcancelPendingOrders", {"tickets": missing, "error": "NotFound"})

    def _row(self, account: Account, order: OpenPendingOrder, now: float) -> dict[str, object]:
        by_time = order.open_type == BY_TIME
        return {
            "ticket": self._desk.new_id(),
            "openType": order.open_type,
            "amount": order.amount,
            "uid": account.uid,
            "isDemo": int(account.is_demo),
            "symbol": order.asset,
            "openTime": order.open_time if by_time else _NO_TIME,
            "openPrice": 0 if by_time else order.open_price,
            "timeframe": order.timeframe,
            "minPayout": order.min_payout,
            "command": order.command,
            "dateCreated": text(server_time(now)),
        }

    def _wait(self, account: Account, ticket: str, order: OpenPendingOrder, now: float) -> None:
        if order.open_type == BY_TIME:
            moment = true_time(_opening(order) or 0)
            self._agenda.at(moment, partial(self._trigger, account, ticket, order))
        else:
            side = self._market.price(order.asset, now) - order.open_price
            self._watch(account, ticket, order, side, now)

    def _watch(self, account: Account, ticket: str, order: OpenPendingOrder, side: float, moment: float) -> None:
        """Look through the rest of this minute, and again at the next unless the price is reached."""
        if ticket not in account.pending:
            return
        end = (moment // MINUTE_SECONDS + 1) * MINUTE_SECONDS
        for tick in self._market.ticks(order.asset, moment, end):
            if side * (tick.price - order.open_price) <= 0:
                self._agenda.at(tick.time, partial(self._trigger, account, ticket, order))
                return
        self._agenda.at(end, partial(self._watch, account, ticket, order, side))

    def _trigger(self, account: Account, ticket: str, order: OpenPendingOrder, moment: float) -> None:
        row = account.pending.pop(ticket, None)
        if row is None:
            return
        everybody = self._desk.listeners(account)
        denial = _underpaid(order) or self._desk.place(account, _wish(order), moment, everybody)
        if denial is not None:
            self._refuse(everybody, row, denial.error)
        self._announce(account, everybody)

    def _refuse(self, whom: Iterable[ConnectionId], row: dict[str, object], error: str) -> None:
        self._say(Occasion.ANSWER, whom, "failopenPendingOrder", {"data": {"data": row, "error": error}})

    def _tell_others(self, account: Account, asker: ConnectionId) -> None:
        self._announce(account, [listener for listener in self._desk.listeners(account) if listener != asker])

    def _announce(self, account: Account, whom: Iterable[ConnectionId]) -> None:
        self._say(Occasion.NEWS, whom, "successupdatePending", list(account.pending.values()))


def _wish(order: OpenPendingOrder) -> OpenOrder:
    """The order it becomes: nobody's request, so that no id comes back with it."""
    action: Literal["call", "put"] = "put" if order.command == PUT else "call"
    return OpenOrder(asset=order.asset, amount=order.amount, action=action, time=order.timeframe)


def _fault(account: Account, order: OpenPendingOrder, now: float) -> str | None:
    denial = account.deny(_wish(order), LISTINGS.get(order.asset))
    if denial is not None:
        return denial.error
    if order.open_type == BY_TIME:
        # On the platform's clock, as the times of deals are; and no later than anybody waits for it.
        opening, present = _opening(order), server_time(now)
        return None if opening and present < opening <= present + LONGEST_WAIT_SECONDS else "OPEN_TIME"
    return None if isfinite(order.open_price) and order.open_price > 0 else "OPEN_PRICE"


def _opening(order: OpenPendingOrder) -> float | None:
    """When it opens, on the platform's clock."""
    return seconds_of(order.open_time) if isinstance(order.open_time, str) else order.open_time


def _underpaid(order: OpenPendingOrder) -> Denial | None:
    is_enough = LISTINGS[order.asset].payout_percent >= order.min_payout
    return None if is_enough else Denial("MinPayout", order.amount)

"""The trading desk: what becomes of orders, and who hears of it.

Decides the price and the moment at which a deal opens and closes. Whoever asked gets the answer to his request; what
changes the account is told to every connection of it. Does not know what a connection is beyond its id, which orders
wait (``simulator.pending``), or what becomes of what it says (``simulator.fate``).

Every order stands for itself: the same request twice is two deals, whatever its id.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import partial
from random import Random
from typing import Final
from uuid import UUID

from msgspec import structs

from simulator.account import Account, Denial
from simulator.agenda import Agenda
from simulator.assets import LISTINGS
from simulator.audit import Execution
from simulator.deals import CALL, PUT, Deal, cents
from simulator.fate import Fate, Say
from simulator.hardship import Body, Hardship, Occasion
from simulator.market import Market
from simulator.requests import OpenOrder
from simulator.streams import ConnectionId

_MALFORMED: Final = {"error": "InvalidOrder", "amount": 0, "asset": ""}


class Desk:
    """Takes orders and settles them.

    Args:
        market: has the prices.
        agenda: is told what is to be done later.
        random: gives the ids.
        speed: shortens expiries.
        fate: how hard it is made to know what became of an order.
        say: tells connections.
        note: is told of every order that was executed.
        lists_request_ids: whether lists of deals name the request of each.
    """

    def __init__(
        self,
        market: Market,
        agenda: Agenda,
        random: Random,
        speed: float,
        fate: Fate,
        say: Say,
        note: Callable[[Execution], object],
        *,
        lists_request_ids: bool = False,
    ) -> None:
        self._market = market
        self._agenda = agenda
        self._random = random
        self._speed = speed
        self._fate = fate
        self._say = say
        self._note = note
        self._lists_request_ids = lists_request_ids
        self._listeners: dict[Account, dict[ConnectionId, None]] = {}
        # Deals of one account that close at one moment are settled in one message.
        self._closing: dict[tuple[Account, float], list[Deal]] = {}

    def join(self, account: Account, connection: ConnectionId) -> None:
        """A connection of the account has logged in: tell it how things stand."""
        self._listeners.setdefault(account, {})[connection] = None
        self.tell_balance(account, (connection,))
        self.tell_opened(account, (connection,))
        self.tell_closed(account, (connection,))

    def leave(self, account: Account, connection: ConnectionId) -> None:
        """A connection of the account is gone."""
        self._listeners[account].pop(connection, None)

    def listeners(self, account: Account) -> Iterable[ConnectionId]:
        """Every connection of the account."""
        return self._listeners[account]

    def tell_balance(self, account: Account, whom: Iterable[ConnectionId]) -> None:
        """How much is there."""
        self._say(Occasion.SNAPSHOT, whom, *_balance(account))

    def tell_opened(self, account: Account, whom: Iterable[ConnectionId]) -> None:
        """Which deals are open."""
        self._say(Occasion.SNAPSHOT, whom, *self._opened(account))

    def tell_closed(self, account: Account, whom: Iterable[ConnectionId]) -> None:
        """Which deals closed last."""
        self._say(Occasion.SNAPSHOT, whom, *self._closed(account))

    def open_order(self, account: Account, asker: ConnectionId, order: OpenOrder | None, now: float) -> None:
        """Open a deal, or say why not; None is an order that could not be read."""
        if order is None:
            self._say(Occasion.ANSWER, (asker,), "failopenOrder", _MALFORMED)
        elif pause := self._fate.pause_seconds():
            self._agenda.at(now + pause, partial(self._open_order, account, asker, order))
        else:
            self._open_order(account, asker, order, now)

    def _open_order(self, account: Account, asker: ConnectionId, order: OpenOrder, now: float) -> None:
        denial = self.place(account, order, now, (asker,))
        if denial is not None:
            self._refuse(asker, order, denial)

    def place(self, account: Account, order: OpenOrder, now: float, whom: Iterable[ConnectionId]) -> Denial | None:
        """Open a deal and confirm it to them; or the reason why there is none."""
        denial = account.deny(order, LISTINGS.get(order.asset))
        if denial is None:
            deal = self._deal(account, order, now)
            account.open(deal)
            self._settle_later(account, deal)
            self._note(_execution(order, deal))
            self._say(Occasion.ANSWER, whom, "successopenOrder", deal.confirmed_row())
            self._announce(account, self._opened(account), _balance(account))
        return denial

    def _refuse(self, asker: ConnectionId, order: OpenOrder, denial: Denial) -> None:
        amount = order.amount if self._fate.strikes(Hardship.OTHER_AMOUNT) else denial.amount
        refusal = {"error": denial.error, "amount": amount, "asset": order.asset}
        self._say(Occasion.ANSWER, (asker,), "failopenOrder", refusal)

    def _deal(self, account: Account, order: OpenOrder, now: float) -> Deal:
        return Deal(
            id=self.new_id(),
            uid=account.uid,
            is_demo=account.is_demo,
            asset=order.asset,
            command=CALL if order.action == "call" else PUT,
            amount=cents(order.amount),
            payout_percent=LISTINGS[order.asset].payout_percent,
            opened=now,
            closes=self._closing_moment(now, order.time),
            open_price=self._market.price(order.asset, now),
            request_id=order.request_id,
        )

    def _closing_moment(self, now: float, duration_seconds: int) -> float:
        """On the full second, as the platform does it, unless expiries are shortened to parts of one."""
        return int(now) + duration_seconds if self._speed == 1 else now + duration_seconds / self._speed

    def _settle_later(self, account: Account, deal: Deal) -> None:
        group = account, deal.closes
        if group not in self._closing:
            self._closing[group] = []
            self._agenda.at(deal.closes, partial(self._settle, account))
        self._closing[group].append(deal)

    def _settle(self, account: Account, moment: float) -> None:
        deals = [
            structs.replace(deal, close_price=self._market.price(deal.asset, moment))
            for deal in self._closing.pop((account, moment))
        ]
        for deal in deals:
            account.close(deal)
        gross = sum((deal.returned for deal in deals), Decimal(0))
        settlement = {"profit": gross, "deals": self._rows(deals, Deal.closed_row)}
        self._announce(account, ("successcloseOrder", settlement), self._closed(account), _balance(account))

    def _announce(self, account: Account, *changes: tuple[str, object]) -> None:
        for event, argument in changes:
            self._say(Occasion.NEWS, self._listeners[account], event, argument)

    def _opened(self, account: Account) -> tuple[str, object]:
        return "updateOpenedDeals", self._rows(account.opened.values(), Deal.opened_row)

    def _closed(self, account: Account) -> tuple[str, object]:
        return "updateClosedDeals", self._rows(account.closed, Deal.closed_row)

    def _rows(self, deals: Iterable[Deal], row: Callable[[Deal], Body]) -> list[Body]:
        if self._lists_request_ids:
            return [row(deal) | {"requestId": deal.request_id} for deal in deals]
        return [row(deal) for deal in deals]

    def new_id(self) -> str:
        """An id for a deal or a pending order, that no other has."""
        return str(UUID(int=self._random.getrandbits(128), version=4))


def _balance(account: Account) -> tuple[str, object]:
    balance = {"isDemo": int(account.is_demo), "balance": account.balance, "uid": account.uid}
    return "successupdateBalance", balance


def _execution(order: OpenOrder, deal: Deal) -> Execution:
    return Execution(
        request_id=order.request_id,
        deal_id=deal.id,
        uid=deal.uid,
        is_demo=deal.is_demo,
        asset=deal.asset,
        amount=deal.amount,
        action=order.action,
        duration_seconds=order.time,
        time=deal.opened,
    )

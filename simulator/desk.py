"""The trading desk: what becomes of orders, and who hears of it.

Decides the price and the moment at which a deal opens and closes. Whoever asked gets the answer to his request; what
changes the account is told to every connection of it. Does not know what a connection is beyond its id, nor which
orders wait (``simulator.pending``).
"""

from collections.abc import Iterable
from decimal import Decimal
from functools import partial
from random import Random
from typing import Final
from uuid import UUID

from msgspec import structs

from simulator.account import Account, Denial
from simulator.agenda import Agenda
from simulator.assets import LISTINGS
from simulator.deals import CALL, PUT, Deal, cents
from simulator.market import Market
from simulator.requests import OpenOrder
from simulator.streams import ConnectionId, Deliver

_MALFORMED: Final = {"error": "InvalidOrder", "amount": 0, "asset": ""}


class Desk:
    """Takes orders and settles them; ``speed`` shortens expiries."""

    def __init__(self, market: Market, agenda: Agenda, random: Random, speed: float, deliver: Deliver) -> None:
        self._market = market
        self._agenda = agenda
        self._random = random
        self._speed = speed
        self._deliver = deliver
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
        balance = {"isDemo": int(account.is_demo), "balance": account.balance, "uid": account.uid}
        self._deliver(whom, "successupdateBalance", balance)

    def tell_opened(self, account: Account, whom: Iterable[ConnectionId]) -> None:
        """Which deals are open."""
        self._deliver(whom, "updateOpenedDeals", [deal.opened_row() for deal in account.opened.values()])

    def tell_closed(self, account: Account, whom: Iterable[ConnectionId]) -> None:
        """Which deals closed last."""
        self._deliver(whom, "updateClosedDeals", [deal.closed_row() for deal in account.closed])

    def open_order(self, account: Account, asker: ConnectionId, order: OpenOrder | None, now: float) -> None:
        """Open a deal, or say why not; None is an order that could not be read."""
        if order is None:
            self._deliver((asker,), "failopenOrder", _MALFORMED)
            return
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
            self._deliver(whom, "successopenOrder", deal.confirmed_row())
            self.tell_opened(account, self._listeners[account])
            self.tell_balance(account, self._listeners[account])
        return denial

    def _refuse(self, asker: ConnectionId, order: OpenOrder, denial: Denial) -> None:
        refusal = {"error": denial.error, "amount": denial.amount, "asset": order.asset}
        self._deliver((asker,), "failopenOrder", refusal)

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
        listeners = self._listeners[account]
        gross = sum((deal.returned for deal in deals), Decimal(0))
        self._deliver(listeners, "successcloseOrder", {"profit": gross, "deals": [deal.closed_row() for deal in deals]})
        self.tell_closed(account, listeners)
        self.tell_balance(account, listeners)

    def new_id(self) -> str:
        """An id for a deal or a pending order, that no other has."""
        return str(UUID(int=self._random.getrandbits(128), version=4))

"""The calls about money: the balance, orders, deals and their results.

Decides which of our calls is behind each. Times of deals are the platform's own. Does not know how a deal looks.
"""

from datetime import UTC, datetime

from messages.order_errors import PendingNotCancelled
from messages.trading import Direction, PendingTrigger
from optionbus.compat import shapes
from optionbus.compat.errors import TradeNotFoundError, answer, translated
from optionbus.compat.pocketoption.async_base import AsyncBase
from optionbus.compat.pocketoption.models import Trade, TradeResult
from optionbus.compat.shapes import Shape

RESULT_SECONDS = 300
RESULT_SLACK_SECONDS = 30


class AsyncTrading(AsyncBase):
    """Mixed into the client."""

    async def balance(self) -> float:
        """The balance, in the account's currency."""
        return float(await answer(self.client.balance))

    async def buy(self, asset: str, amount: float, time: int, check_win: bool = False) -> TradeResult:  # noqa: FBT001, FBT002 - theirs
        """Place a call, sent at most once.

        Args:
            asset: the platform's symbol.
            amount: the stake.
            time: seconds until expiry.
            check_win: wait until it has ended.

        Returns:
            The deal's id and the deal.
        """
        return await self._place(Direction.CALL, asset, amount, time, check_win=check_win)

    async def sell(self, asset: str, amount: float, time: int, check_win: bool = False) -> TradeResult:  # noqa: FBT001, FBT002
        """Place a put; see ``buy``."""
        return await self._place(Direction.PUT, asset, amount, time, check_win=check_win)

    async def _place(
        self, direction: Direction, asset: str, amount: float, seconds: int, *, check_win: bool
    ) -> TradeResult:
        deal = await answer(self.client.trade, asset, direction, amount, seconds)
        if check_win:
            return deal.id, await self.check_win(deal.id, seconds + RESULT_SLACK_SECONDS)
        return deal.id, shapes.trade(deal, self._uid)

    async def check_win(self, id: str, timeout_seconds: int | None = None) -> Trade:  # noqa: A002 - theirs
        """How a deal ended, once it has.

        Args:
            id: the deal's.
            timeout_seconds: None: 300; 0: as long as it takes.

        Raises:
            TradeNotFoundError: no such deal is known.
            TimedOut: it has not ended in time.
        """
        seconds = RESULT_SECONDS if timeout_seconds is None else timeout_seconds
        return shapes.settled(await answer(self.client.result, id, seconds or None), self._uid)

    async def get_deal_end_time(self, trade_id: str) -> int | None:
        """When a deal expires, on the platform's clock; None where it is not known."""
        try:
            offset = await self._offset()
            return int(await answer(self.client.deal_end_time, trade_id) + offset)
        except TradeNotFoundError:
            return None

    async def opened_deals(self) -> dict[str, Shape]:
        """The open deals by id."""
        return {deal.id: dict(shapes.trade(deal, self._uid)) for deal in await answer(self.client.opened_deals)}

    async def closed_deals(self) -> dict[str, Shape]:
        """The closed deals seen so far, by id."""
        return {deal.id: dict(shapes.trade(deal, self._uid)) for deal in await answer(self.client.closed_deals)}

    async def get_opened_deal(self, id: str) -> Trade | None:  # noqa: A002
        """One open deal; None where it is not known."""
        try:
            return shapes.trade(await answer(self.client.opened_deal, id), self._uid)
        except TradeNotFoundError:
            return None

    async def get_closed_deal(self, id: str) -> Trade | None:  # noqa: A002
        """One closed deal; None where it is not known."""
        try:
            return shapes.trade(await answer(self.client.closed_deal, id), self._uid)
        except TradeNotFoundError:
            return None

    async def clear_closed_deals(self) -> None:
        """Forget the closed deals."""
        await answer(self.client.clear_closed_deals)

    async def open_pending_order(
        self,
        *,
        open_type: int,
        amount: float,
        asset: str,
        open_time: str,
        open_price: float,
        timeframe: int,
        min_payout: int,
        command: int,
    ) -> Shape:
        """Leave an order with the platform.

        Args:
            open_type: 0 waits for ``open_time``, 1 for ``open_price``.
            amount: the stake.
            asset: the platform's symbol.
            open_time: ``YYYY-MM-DD HH:MM:SS``, UTC; ``"0"`` where it waits for a price.
            open_price: the price; 0 where it waits for a time.
            timeframe: seconds from its opening until its expiry.
            min_payout: percent; it does not open for less.
            command: 0 for a call, 1 for a put.
        """
        trigger = PendingTrigger(open_type)
        waits_for_time = trigger is PendingTrigger.TIME
        order = await answer(
            self.client.open_pending_order,
            trigger,
            amount,
            asset,
            open_time=_utc(open_time) if waits_for_time else None,
            open_price=None if waits_for_time else open_price,
            timeframe=timeframe,
            min_payout=min_payout,
            command=Direction.PUT if command else Direction.CALL,
        )
        return shapes.pending(order, await self._offset())

    async def get_pending_deals(self) -> list[Shape]:
        """The orders that wait at the platform."""
        offset = await self._offset()
        return [shapes.pending(order, offset) for order in await answer(self.client.pending_orders)]

    async def cancel_pending_order(self, ticket: str) -> Shape:
        """Take an order back."""
        await answer(self.client.cancel_pending_order, ticket)
        return {"ticket": ticket, "status": "cancelled"}

    async def cancel_pending_orders(self, tickets: list[str]) -> Shape:
        """Take orders back: which of them came back, and which did not."""
        with translated():
            try:
                return {"cancelled": list(await self.client.cancel_pending_orders(tickets)), "failed": []}
            except PendingNotCancelled as error:
                return {"cancelled": list(error.cancelled), "failed": list(error.refused)}


def _utc(text: str) -> float:
    """The UTC seconds of a date and time. Raises ValueError."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC).timestamp()

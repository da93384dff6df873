"""Covers optionbus.pending_calls, with the actor and the broker behind it, on one virtual clock."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, ClassVar

import pytest

from actors.base import Actor
from messages.base import Query, Reply
from messages.errors import InvalidArgument
from messages.order_errors import OrderDenied, OrderRefused, PendingNotCancelled, UnknownPendingOrder
from messages.trading import PendingOrderEnded
from optionbus import Future, PendingOrder, PendingTrigger
from simulator.variants import Variant
from tests.optionbus.stepped_client import SteppedClient

ASSET = "EURUSD_otc"
WAIT_SECONDS = 30


class GetEnded(Query, frozen=True, kw_only=True):
    """Ask for the orders that have ended."""


class Ended(Reply, frozen=True, kw_only=True):
    """The tickets of the orders that have ended, each with its refusal."""

    orders: tuple[tuple[str, str | None], ...]


class EndWatchActor(Actor[PendingOrderEnded | GetEnded]):
    """Keeps count of orders that wait no longer."""

    listens: ClassVar = (PendingOrderEnded,)

    def on_receive(self, message: PendingOrderEnded | GetEnded) -> None:
        if isinstance(message, PendingOrderEnded):
            self.__dict__.setdefault("ended", []).append((message.order.ticket, message.refusal))
        else:
            ended = tuple(self.__dict__.get("ended", ()))
            self.context.reply(message, Ended(request_id=message.request_id, orders=ended))


@pytest.fixture
def stepped() -> Iterator[SteppedClient]:
    stepped = SteppedClient(actors=[EndWatchActor])
    yield stepped
    stepped.client.stop()


def leave(stepped: SteppedClient, **changes: Any) -> Future[PendingOrder]:
    """Leave an order that opens in half a minute."""
    order: dict[str, Any] = {
        "open_type": PendingTrigger.TIME,
        "amount": 5,
        "asset": ASSET,
        "open_time": float(int(stepped.runtime.clock.now()) + WAIT_SECONDS),
        "timeframe": 60,
        "min_payout": 50,
        "command": "put",
    }
    return stepped.client.open_pending_order(**(order | changes))


def ended(stepped: SteppedClient) -> tuple[tuple[str, str | None], ...]:
    stepped.runtime.run_until_idle()
    answer: tuple[tuple[str, str | None], ...] = stepped.client.ask("EndWatch", GetEnded()).get().orders
    return answer


def test_an_order_that_opens_becomes_a_deal_and_waits_no_longer(stepped: SteppedClient) -> None:
    order = leave(stepped).get()

    stepped.runtime.advance(WAIT_SECONDS + 1)

    [deal] = stepped.client.opened_deals().get()
    assert (deal.symbol, deal.stake, deal.open_time, deal.order_id) == (ASSET, Decimal(5), order.open_time, None)
    assert stepped.client.pending_orders().get() == ()
    assert ended(stepped) == ((order.ticket, None),)


def test_an_order_opens_when_the_market_reaches_its_price(stepped: SteppedClient) -> None:
    last = next(stepped.client.subscribe(ASSET)).price
    order = leave(stepped, open_type=PendingTrigger.PRICE, open_time=None, open_price=round(last - 0.00005, 5)).get()

    stepped.runtime.advance(120)

    deals = (*stepped.client.opened_deals().get(), *stepped.client.closed_deals().get())
    assert [deal.open_price <= (order.open_price or 0) for deal in deals] == [True]


def test_the_result_of_what_has_opened_can_be_awaited(stepped: SteppedClient) -> None:
    leave(stepped).get()
    stepped.runtime.advance(WAIT_SECONDS + 1)
    [deal] = stepped.client.opened_deals().get()

    assert stepped.client.result(deal.id).get().deal.id == deal.id


def test_an_order_that_could_not_open_says_why(stepped: SteppedClient) -> None:
    order = leave(stepped, min_payout=99).get()

    stepped.runtime.advance(WAIT_SECONDS + 1)

    assert ended(stepped) == ((order.ticket, "MinPayout"),)
    assert stepped.client.pending_orders().get() == ()


def test_the_failure_of_one_that_waited_is_no_answer_to_one_just_given(stepped: SteppedClient) -> None:
    leave(stepped, min_payout=99).get()
    stepped.runtime.advance(WAIT_SECONDS - stepped.runtime.clock.now() % 1 - 0.0015)

    given = leave(stepped)
    stepped.runtime.advance(1)

    assert given.get().symbol == ASSET


def test_after_a_reconnect_the_list_is_the_platforms(stepped: SteppedClient) -> None:
    opens, stays = leave(stepped).get(), leave(stepped, open_time=stepped.runtime.clock.now() + 3600).get()

    stepped.network.is_reachable = False
    stepped.network.cut()
    stepped.runtime.advance(WAIT_SECONDS + 1)
    stepped.network.is_reachable = True
    stepped.client.wait_ready(timeout=60)
    stepped.runtime.advance(0.1)  # the list follows the assets, which READY waits for

    assert stepped.client.pending_orders().get() == (stays,)
    assert ended(stepped) == ((opens.ticket, None),)
    assert len(stepped.client.opened_deals().get()) == 1


def test_an_order_lost_on_its_way_back_is_listed_after_the_reconnect(stepped: SteppedClient) -> None:
    # Its header is heard, the attachment behind it is not.
    stepped.network.on_deliver = lambda frame: isinstance(frame, str) and "successopenPendingOrder" in frame
    answer = leave(stepped)
    stepped.runtime.advance(0.1)
    stepped.network.on_deliver = None
    stepped.client.wait_ready(timeout=60)
    stepped.runtime.advance(0.1)

    [order] = stepped.client.pending_orders().get()
    assert order.symbol == ASSET
    assert answer.get() == order


def test_one_order_is_found_by_its_ticket(stepped: SteppedClient) -> None:
    order = leave(stepped).get()

    assert stepped.client.pending_order(order.ticket).get() == order


def test_an_unknown_ticket_is_an_error(stepped: SteppedClient) -> None:
    with pytest.raises(UnknownPendingOrder, match="'none'"):
        stepped.client.pending_order("none").get()


def test_several_orders_are_cancelled_at_once(stepped: SteppedClient) -> None:
    tickets = [leave(stepped, amount=stake).get().ticket for stake in (1, 2, 3)]

    assert stepped.client.cancel_pending_orders(tickets[:2]).get() == tuple(tickets[:2])

    assert [order.ticket for order in stepped.client.pending_orders().get()] == tickets[2:]
    assert ended(stepped) == ()


def test_what_was_not_cancelled_is_told_beside_what_was(stepped: SteppedClient) -> None:
    ticket = leave(stepped).get().ticket

    with pytest.raises(PendingNotCancelled) as caught:
        stepped.client.cancel_pending_orders([ticket, "none"]).get()

    assert (caught.value.cancelled, caught.value.refused) == ((ticket,), {"none": "NotFound"})
    assert stepped.client.pending_orders().get() == ()


def test_no_tickets_are_cancelled_at_once(stepped: SteppedClient) -> None:
    assert stepped.client.cancel_pending_orders([]).get() == ()


def test_a_ticket_given_twice_is_cancelled_once(stepped: SteppedClient) -> None:
    ticket = leave(stepped).get().ticket

    assert stepped.client.cancel_pending_orders((ticket, ticket)).get() == (ticket,)


@pytest.mark.parametrize("tickets", ["a-ticket", None, 7, [7]])
def test_what_is_no_list_of_tickets_is_refused(stepped: SteppedClient, tickets: Any) -> None:
    with pytest.raises(InvalidArgument):
        stepped.client.cancel_pending_orders(tickets)


@pytest.mark.parametrize("changes", [{"open_type": 2}, {"open_type": "time"}, {"command": "up"}, {"asset": None}])
def test_what_is_no_order_is_refused(stepped: SteppedClient, changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument):
        leave(stepped, **changes)


def test_a_refused_order_is_an_error(stepped: SteppedClient) -> None:
    with pytest.raises(OrderRefused, match="OPEN_TIME"):
        leave(stepped, open_time=1.0).get()


@pytest.mark.parametrize(
    "variant", [Variant.PENDING_FLAT, Variant.PENDING_NESTED, Variant.STRINGS, Variant.INLINE, Variant.NULL_FLAGS]
)
def test_every_form_of_the_answers_is_understood(variant: Variant) -> None:
    stepped = SteppedClient(variants=[variant.value])

    first, second = leave(stepped, amount=1).get(), leave(stepped, amount=2).get()
    with pytest.raises(OrderRefused, match="OPEN_TIME"):
        leave(stepped, open_time=1.0).get()
    stepped.client.cancel_pending_order(first.ticket).get()
    with pytest.raises(PendingNotCancelled, match="NotFound"):
        stepped.client.cancel_pending_orders([first.ticket, "none"]).get()
    kept = stepped.client.pending_orders().get()
    stepped.runtime.advance(WAIT_SECONDS + 1)

    assert kept == (second,)
    assert stepped.client.pending_orders().get() == ()
    assert len(stepped.client.opened_deals().get()) == 1
    stepped.client.stop()


@pytest.mark.parametrize(("mode", "may_cancel"), [("reducing", True), ("halted", False)])
def test_the_kill_switch_holds_for_pending_orders_too(stepped: SteppedClient, mode: str, *, may_cancel: bool) -> None:
    waiting = _price_order(stepped)
    stepped.client.set_trading_mode(mode).get()

    with pytest.raises(OrderDenied, match="trading mode"):
        _price_order(stepped)
    if may_cancel:
        assert stepped.client.cancel_pending_orders([waiting.ticket]).get() == (waiting.ticket,)
    else:
        with pytest.raises(OrderDenied, match="trading mode"):
            stepped.client.cancel_pending_order(waiting.ticket).get()


def _price_order(stepped: SteppedClient) -> PendingOrder:
    order: PendingOrder = stepped.client.open_pending_order(
        1, 1, ASSET, open_price=0.5, timeframe=60, min_payout=10, command="call"
    ).get()
    return order

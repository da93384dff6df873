"""Pending orders: they wait at the platform for a time or a price, also while this program is not running.

Run it: ``python examples/pending_orders.py``
"""

from typing import Any

from optionbus import Direction, PendingTrigger, PocketOption

ASSET = "EURUSD_otc"


def main() -> None:
    """Leave two orders, look at them, and take them back."""
    with PocketOption.simulated(seed=7) as client:
        client.wait_ready(timeout=10)
        terms: dict[str, Any] = {"timeframe": 60, "min_payout": 80}
        tomorrow = client.server_time().get().time + 86_400
        timed = client.open_pending_order(
            PendingTrigger.TIME, 10, ASSET, open_time=tomorrow, command=Direction.CALL, **terms
        ).get()
        price = client.subscribe(ASSET).get(timeout=10).price
        priced = client.open_pending_order(
            PendingTrigger.PRICE, 10, ASSET, open_price=round(price * 1.1, 5), command=Direction.PUT, **terms
        ).get()
        for order in client.pending_orders().get():
            print(f"{order.direction.value} {order.stake} waits for a {order.trigger.name.lower()}")

        client.cancel_pending_order(timed.ticket).get()
        print(f"still there: {client.pending_order(priced.ticket).get() == priced}")
        print(f"cancelled: {client.cancel_pending_orders([priced.ticket]).get() == (priced.ticket,)}")


if __name__ == "__main__":
    main()

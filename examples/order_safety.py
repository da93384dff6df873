"""What keeps orders safe: limits, the guard against duplicates, the kill switch, and the journal of all orders.

Run it: ``python examples/order_safety.py``
"""

from optionbus import BusError, PocketOption
from optionbus.config import load
from optionbus.errors import OrderDenied

ASSET = "EURUSD_otc"


def main() -> None:
    """Be denied for three reasons, and look at the orders."""
    config = load(overrides={"risk": {"max_stake": 25}})
    with PocketOption.simulated(seed=7, config=config) as client:
        client.wait_ready(timeout=10)
        deal = client.buy(ASSET, 10, duration=60).get()
        for stake in (10, 30):  # the same again within two seconds; more than the limit
            try:
                client.buy(ASSET, stake, duration=60).get()
            except OrderDenied as denied:
                print(f"{denied.rule}: {denied.value}")
        client.set_trading_mode("halted", "enough for today").get()
        try:
            client.sell(ASSET, 5, duration=60).get()
        except OrderDenied as denied:
            print(f"{denied.rule}: {client.trading_mode().get().value}")
        for order in client.orders().get():
            print(f"{order.state.value}, deal known: {order.deal == deal}")
        try:  # an order that nobody could resolve is settled by hand; this one needs no hand
            client.settle_order(deal.order_id or "", "not placed").get()
        except BusError as error:
            print(error)


if __name__ == "__main__":
    main()

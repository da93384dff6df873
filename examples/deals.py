"""The deals of the account: those that are open, those that have closed, also when they were opened elsewhere.

Run it: ``python examples/deals.py``
"""

from optionbus import PocketOption


def main() -> None:
    """Follow a deal from the list of the open ones to that of the closed ones."""
    with PocketOption.simulated(seed=7, speed=60) as client:
        client.wait_ready(timeout=10)
        deal = client.buy("EURUSD_otc", 10, duration=30).get()
        print(f"open: {[each.id for each in client.opened_deals().get()] == [deal.id]}")
        opened = client.opened_deal(deal.id).get()
        print(f"{opened.symbol} {opened.direction.value} {opened.stake}, may gain {opened.payout_percent} %")

        client.result(deal.id).get()  # waits until it has closed
        print(f"open: {len(client.opened_deals().get())}, closed: {len(client.closed_deals().get())}")
        closed = client.closed_deal(deal.id).get()
        print(f"from {closed.open_price} to {closed.close_price}: {closed.profit:+}")

        client.clear_closed_deals().get()
        print(f"closed: {len(client.closed_deals().get())}")


if __name__ == "__main__":
    main()

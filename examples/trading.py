"""Orders and their results: a call, a put, and what came of them.

Run it: ``python examples/trading.py``
"""

from decimal import Decimal

from optionbus import Direction, PocketOption

ASSET = "EURUSD_otc"


def main() -> None:
    """Bet three times and wait for the results; money is exact."""
    with PocketOption.simulated(seed=7, speed=60) as client:  # a minute takes a second
        client.wait_ready(timeout=10)
        print(f"{client.balance().get()} to begin with")
        futures = [
            client.buy(ASSET, 10, duration=30),  # higher in half a minute
            client.sell(ASSET, "7.50", duration=30),  # lower
            client.trade(ASSET, Direction.CALL, Decimal(5), 30, request_id="mine"),  # the same id: the same order
        ]
        deals = [future.get() for future in futures]
        print(f"it is told when it ends: {client.deal_end_time(deals[0].id).get() == deals[0].close_time}")
        results = [client.result(deal.id).get() for deal in deals]
        for result in results:
            print(f"{result.deal.direction.value} {result.deal.stake}: {result.outcome.value}, {result.profit:+}")
        print(f"in all {sum(result.profit for result in results):+}")


if __name__ == "__main__":
    main()

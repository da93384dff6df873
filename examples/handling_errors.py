"""Errors: all of them are a BusError, each says what to do next, and a deadline is a TimeoutError besides.

Run it: ``python examples/handling_errors.py``
"""

from optionbus import BusError, PocketOption
from optionbus.errors import InvalidStake, NotConnected, OrderRefused, OrderUnconfirmed, RealAccountRefused

REAL = '42["auth",{"session":"of-an-account-of-nobody","isDemo":0,"uid":1,"platform":2}]'


def place(client: PocketOption, amount: float) -> None:
    """Place an order and say what may go wrong."""
    try:
        client.buy("EURUSD_otc", amount, duration=60).get()
    except InvalidStake as error:  # at once: nothing was sent
        print("wrong:", error)
    except (NotConnected, OrderRefused) as error:  # it did not happen, and may be tried again
        print("not now:", error)
    except OrderUnconfirmed as error:  # it may have happened: look at opened_deals() first
        print("unknown:", error)


if __name__ == "__main__":
    try:
        PocketOption(REAL)
    except RealAccountRefused as error:
        print("refused:", error)
    with PocketOption.simulated() as client:
        client.wait_ready(timeout=10)
        place(client, 0.5)
        client.disconnect_and_hold().get()
        place(client, 10)
        try:
            client.wait_ready(timeout=0.1)
        except (BusError, TimeoutError) as error:
            print(f"{type(error).__name__}, session still valid: {client.is_session_valid}")

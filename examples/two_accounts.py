"""Two accounts in one process, each with actors and a connection of its own.

Run it: ``python examples/two_accounts.py``
"""

from optionbus import PocketOption
from simulator.broker import Broker
from simulator.server import SimulatorServer


def session(uid: int) -> str:
    """What a browser sends when it logs in; a secret, were it of a real account."""
    return f'42["auth",{{"session":"of-an-account-of-nobody","isDemo":1,"uid":{uid},"platform":2}}]'


def main() -> None:
    """Let one account trade, of which the other one hears nothing."""
    with (
        SimulatorServer(Broker(seed=7)) as server,  # the platform: without ``url`` it would be the real one
        PocketOption(session(uid=1), url=server.url) as first,
        PocketOption(session(uid=2), url=server.url) as second,
    ):
        for client in (first, second):
            client.wait_ready(timeout=10)
        first.buy("EURUSD_otc", 100, duration=60).get()
        for client in (first, second):
            print(f"demo: {client.is_demo}, open deals: {len(client.opened_deals().get())}")


if __name__ == "__main__":
    main()

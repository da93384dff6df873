"""More assets than one connection streams: spread over several connections of the same account.

Run it: ``python examples/many_assets.py``
"""

from optionbus import PocketOption
from optionbus.errors import SubscriptionLimitReached


def main() -> None:
    """Let ten assets stream over three connections, four on each at most."""
    with PocketOption.simulated(speed=10, connections=3) as client:
        client.wait_ready(timeout=10)
        symbols = [asset.symbol for asset in client.active_assets().get() if asset.is_otc][:13]
        streams = [client.subscribe(symbol) for symbol in symbols[:10]]
        print(len({next(stream).symbol for stream in streams}), "assets stream")
        for connection in range(3):
            frames = client.statistics(connection).frames_received
            print(f"connection {connection} has had frames: {frames > 0}")

        more = [client.subscribe(symbol) for symbol in symbols[10:]]  # the thirteenth is one too many
        try:
            for stream in more:
                stream.confirmed.get()
        except SubscriptionLimitReached as error:
            print(error)


if __name__ == "__main__":
    main()

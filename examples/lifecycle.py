"""The life of a session: its states, and the commands that move it. Subscriptions outlive all but the end.

Run it: ``python examples/lifecycle.py``
"""

from optionbus import PocketOption


def main() -> None:
    """Walk through every command."""
    client = PocketOption.simulated(speed=10)
    client.start()  # ``with`` does this, and ``stop`` at the end
    states = client.states()
    try:
        client.wait_ready(timeout=10)
        ticks = client.subscribe("EURUSD_otc")
        print(f"{client.state.value}, connected: {client.is_connected}, a tick: {next(ticks).symbol}")

        for command in (client.disconnect, client.reconnect):  # both come back by themselves
            command().get()
            client.wait_ready(timeout=10)
        client.disconnect_and_hold().get()
        client.wait_disconnected(timeout=10)
        print(f"{client.state.value}, connected: {client.is_connected}")

        client.connect().get()
        client.wait_ready(timeout=10)
        print(f"{client.state.value}, it streams again: {next(ticks).symbol}")
        client.shutdown().get()
        states.close()  # what has come can still be read
        print(" > ".join(change.state.value for change in states))
    finally:
        client.stop()


if __name__ == "__main__":
    main()

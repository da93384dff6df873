"""A callback at each login: it brings back what this client knows nothing of. Subscriptions come back by themselves.

Run it: ``python examples/reconnect_callback.py``
"""

from optionbus import PocketOption, Validator

ECHO = Validator.starts_with('42["echo"')


def main() -> None:
    """Break the network and see what is said on the new connection."""
    with PocketOption.simulated() as client:
        client.wait_ready(timeout=10)
        echoes = client.raw_handler(ECHO)

        def say_hello() -> None:
            client.send_raw('42["echo","here I am again"]')  # and do not wait for an answer

        client.on_reconnect(say_hello)
        if client.simulation:
            client.simulation.cut()  # as a broken network does
        print(echoes.get(timeout=10).text)
        client.wait_ready(timeout=10)
        print(f"logins: {client.statistics().successes}")


if __name__ == "__main__":
    main()

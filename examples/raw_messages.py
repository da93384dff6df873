"""Raw messages: what this client has no words for is sent as it is, and the frames that matter are picked.

Run it: ``python examples/raw_messages.py``
"""

from optionbus import PocketOption, Validator

ECHO = Validator.starts_with('42["echo"')


def main() -> None:
    """Have the broker echo what is said, in each of the ways there are."""
    with PocketOption.simulated() as client:
        client.wait_ready(timeout=10)
        print(client.raw_order('42["echo",1]', ECHO, timeout=5, retries=2).get().json())

        # The keep-alive is sent on every later connection, so that what the handler lives on goes on.
        with client.raw_handler(ECHO, keep_alive='42["echo","again"]') as handler:
            print(handler.send_and_wait('42["echo",2]').get().text)
            client.reconnect().get()
            print(next(handler).json())

        small = Validator.all([ECHO, Validator.negate(Validator.regex(r"\d{3}"))])
        for frame in client.raw_iterator('42["echo",3]', small, timeout=1):
            print(frame.event, frame.data)


if __name__ == "__main__":
    main()

"""All raw traffic: a message is sent as it is, and every inbound frame can be read.

Run it: ``python examples/raw_traffic.py``
"""

from optionbus import PocketOption
from optionbus.errors import RawOrderRefused


def main() -> None:
    """Ask for the balance in the platform's own words."""
    with PocketOption.simulated() as client:
        client.wait_ready(timeout=10)
        with client.raw_stream() as frames:
            client.send_raw('42["getBalance"]').get()
            answer = next(frame for frame in frames if frame.event == "successupdateBalance")
        print(answer.text)
        print(answer.json()["balance"] == client.balance().get())
        try:
            client.send_raw('42["openOrder",{"asset":"EURUSD_otc"}]')
        except RawOrderRefused as error:  # orders are sent once, by buy and sell
            print(error)


if __name__ == "__main__":
    main()

"""Logs: what the client has to say, as an iterator or through loguru; secrets are never in it.

Run it: ``python examples/log_records.py``
"""

import sys

from loguru import logger

from optionbus import PocketOption


def main() -> None:
    """Follow the log until nothing new comes for a while."""
    with PocketOption.simulated() as client:
        for record in client.logs("DEBUG", timeout=1.0):
            print(f"{record.level:<8} {record.source}: {record.text}")

    # A library is silent in loguru until it is asked to speak.
    logger.remove()
    logger.add(sys.stdout, format="{level}: {message}", level="INFO")
    logger.enable("optionbus")
    with PocketOption.simulated() as client:
        client.wait_ready(timeout=10)
    logger.disable("optionbus")


if __name__ == "__main__":
    main()

"""How an actor looks from outside: how busy it is, and since when.

Theory of operation. Everything is read from the actor's address. Nobody is asked, so that one that hangs is seen as
well, and whose child it is does not matter.

Decides what counts as hanging. Knows no clock, and not who is told.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from actors.address import Address
from messages.base import AddressName
from messages.supervision import ActorHealth, ActorHung

HANG_SECONDS: Final = 1.0
"""A handler that takes longer hangs."""


def health_of(address: Address[Any], now: float) -> ActorHealth:
    """How the actor behind the address is; ``now`` is the monotonic clock."""
    vitals, mailbox = address.vitals, address.mailbox
    age = None if vitals.since is None else now - vitals.since
    return ActorHealth(
        name=address.name,
        state=vitals.state,
        thread=vitals.thread,
        incarnation=vitals.incarnation,
        restarts=vitals.incarnation - 1,
        mailbox=len(mailbox),
        dropped=mailbox.dropped,
        handled=vitals.handled,
        last_message_age_seconds=age,
        busy_seconds=age if vitals.message is not None else None,
    )


class HangWatch:
    """Finds handlers that hang, each once."""

    def __init__(self) -> None:
        self._reported: dict[AddressName, float] = {}

    def check(self, addresses: Iterable[Address[Any]], now: float) -> Iterator[ActorHung]:
        """Those that hang and were not reported yet."""
        for address in addresses:
            vitals = address.vitals
            message, since = vitals.message, vitals.since
            if message is None or since is None or now - since < HANG_SECONDS:
                continue
            if self._reported.get(address.name) != since:
                self._reported[address.name] = since
                yield ActorHung(
                    name=address.name,
                    incarnation=vitals.incarnation,
                    message=type(message).__name__,
                    seconds=now - since,
                )

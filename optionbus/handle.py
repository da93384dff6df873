"""An actor's address in the hands of a user.

Decides that what an actor does not take is refused in the sender. Does not know what actors do with what they take.
"""

from typing import Any

from actors.address import Address
from messages.base import Message


class Handle:
    """An actor's address in the hands of a user: what the actor does not take is refused here."""

    def __init__(self, address: Address[Any]) -> None:
        self._address = address
        self.name = address.name

    def tell(self, message: Message) -> None:
        """Tell the actor something; never blocks. Raises UnexpectedMessage."""
        self._address.refuse_strange(type(message))
        self._address.tell(message)

    def __repr__(self) -> str:
        return f"<Handle of {self.name}>"

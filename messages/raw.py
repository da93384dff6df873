"""The words for what this client has no words for: anything sent as it is, frames picked by a predicate."""

from collections.abc import Callable
from typing import ClassVar

from messages.base import AddressName, Command, Delivery
from messages.session import Frame


class SendRaw(Command, frozen=True, kw_only=True):
    """Send this as it is, unless it is an order. Answered by Done once it was handed to the connection."""

    data: str | bytes


class AddRawHandler(Command, frozen=True, kw_only=True):
    """Let every frame that satisfies the predicate be told to ``name``, as FrameReceived. Answered by Done.

    A name has one handler: another in its place replaces it.
    """

    delivery: ClassVar[Delivery] = Delivery.REDELIVER
    name: AddressName
    matches: Callable[[Frame], bool]
    """Runs in the router: let it be quick."""
    keep_alive: str | bytes | None = None
    """Sent on every later connection as soon as it is logged in, so that what the handler lives on goes on."""


class RemoveRawHandler(Command, frozen=True, kw_only=True):
    """Let the handler of this name get nothing any more. Answered by Done, also where there is none."""

    delivery: ClassVar[Delivery] = Delivery.REDELIVER
    name: AddressName

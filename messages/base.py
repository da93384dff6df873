"""What every message is: a frozen Struct that says how it may be delivered.

Decides the kinds of message and what a crash or an overflow does to each.
Knows nothing of actors, mailboxes, threads or the wire.
"""

from enum import Enum
from typing import ClassVar, NewType

from msgspec import Struct

from messages.errors import BusError

AddressName = NewType("AddressName", str)
"""The name under which an actor, a stream or a waiting caller is told things."""

RequestId = NewType("RequestId", int)
"""Ties a reply to its request; unique within one system, 0 where nobody waits."""

Incarnation = NewType("Incarnation", int)
"""Counts the lives of an actor, and of the connection; later lives are larger."""

NOBODY = AddressName("")


class Delivery(Enum):
    """What becomes of a message that waited behind a crash."""

    REDELIVER = "redeliver"  # the next incarnation handles it
    REPORT = "report"  # it may have lost its moment: dead letter, and its asker is told


class Message(Struct, frozen=True, kw_only=True):
    """Anything that may lie in a mailbox."""

    delivery: ClassVar[Delivery] = Delivery.REDELIVER
    sheddable: ClassVar[bool] = False
    """Whether a full mailbox may drop the oldest of its kind (counted)."""


class Event(Message, frozen=True, kw_only=True):
    """Something that has happened; named by a past participle."""


class Request(Message, frozen=True, kw_only=True):
    """Something that is answered, by a Reply told to ``reply_to``."""

    reply_to: AddressName = NOBODY
    request_id: RequestId = RequestId(0)


class Query(Request, frozen=True, kw_only=True):
    """A request that changes nothing; named ``Get…``."""


class Command(Request, frozen=True, kw_only=True):
    """A request that changes something; named by an imperative."""

    delivery: ClassVar[Delivery] = Delivery.REPORT


class Reply(Message, frozen=True, kw_only=True):
    """The answer to the request of the same ``request_id``."""

    request_id: RequestId


class RequestFailed(Reply, frozen=True, kw_only=True):
    """The answer to a request that ended in an error."""

    error: BusError


class Done(Reply, frozen=True, kw_only=True):
    """The answer to a command that has nothing more to say than that it was carried out."""

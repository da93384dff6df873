"""What a recording says: a header, then a record for each thing that happened on a connection or to a strategy.

Decides the fields, and the version that says which they are. Does not know how records are laid out in a file.
"""

from typing import Final

from msgspec import Struct

VERSION: Final = 2
"""Of the format: a higher one may say what this program does not understand."""


class Header(Struct, frozen=True, kw_only=True):
    """What has to be the same for a replay to be the same."""

    version: int = VERSION
    program: str
    seed: int
    """Of the runtime's randomness, from which the ids of orders are drawn."""
    started: float
    """The wall clock when it began: UTC seconds."""
    begun: float
    """The monotonic clock at that moment; the times of all records are of that clock."""
    scale: float
    """How many times as fast as the monotonic clock the wall clock ran."""
    is_demo: bool
    connections: int


class Opening(Struct, frozen=True, array_like=True, tag=0):
    """A connection is about to be made; ``channel`` is its number, ``line`` says for which of the client's lines."""

    time: float
    channel: int
    line: int
    url: str


class Opened(Struct, frozen=True, array_like=True, tag=1):
    """It is open."""

    time: float
    channel: int


class Received(Struct, frozen=True, array_like=True, tag=2):
    """Messages came that were there at once: whether each is text, and its bytes."""

    time: float
    channel: int
    messages: tuple[tuple[bool, bytes], ...]


class Sent(Struct, frozen=True, array_like=True, tag=3):
    """A message is about to be sent."""

    time: float
    channel: int
    is_text: bool
    data: bytes


class Closed(Struct, frozen=True, array_like=True, tag=4):
    """It has ended: the error's class and reason; ``is_own`` where the client ended it."""

    time: float
    channel: int
    error: str
    reason: str
    is_own: bool


class Missing(Struct, frozen=True, array_like=True, tag=5):
    """So many records are not here: they came faster than they could be written."""

    time: float
    records: int


class Ended(Struct, frozen=True, array_like=True, tag=6):
    """The recording has ended in order."""

    time: float


class Heard(Struct, frozen=True, array_like=True, tag=7):
    """A strategy has taken up a message, in that state of the session; ``question`` is what it answers, if anything."""

    time: float
    strategy: str
    state: str
    kind: str
    question: str
    data: bytes


class Asked(Struct, frozen=True, array_like=True, tag=8):
    """A strategy has asked something; ``order_id`` is that of the order that it is, if it is one."""

    time: float
    strategy: str
    question: str
    order_id: str


Record = Opening | Opened | Received | Sent | Closed | Missing | Ended | Heard | Asked

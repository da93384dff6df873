"""The checking of what a user gives: a message is made of it only if every field has its type.

Structs do not check what they are made of, and an actor that is told nonsense dies of it. Decides what is refused.
Does not know what the fields mean; limits and names are checked where they are known.
"""

from typing import TypeVar

import msgspec

from messages.base import Message
from messages.errors import InvalidArgument

M = TypeVar("M", bound=Message)


def checked(message: M) -> M:
    """The message, if its fields are what its class says.

    Raises:
        InvalidArgument: one of them is not; says which, and what it should be.
    """
    try:
        msgspec.convert(msgspec.to_builtins(message), type(message))
    except (msgspec.ValidationError, TypeError, UnicodeError) as error:
        problem = str(error)
    else:
        return message
    raise InvalidArgument(type(message).__name__, problem)


def checked_frame(data: str | bytes) -> str | bytes:
    """What is to be sent as it is, if it can be sent. Raises InvalidArgument."""
    if not isinstance(data, str | bytes):
        raise InvalidArgument("send_raw", f"Expected text or bytes, got {type(data).__name__}")
    if isinstance(data, str) and any("\ud800" <= letter <= "\udfff" for letter in data):
        raise InvalidArgument("send_raw", "the text holds half of a surrogate pair")
    return data

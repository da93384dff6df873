"""The checking of what a user gives: a message is made of it only if every field has its type.

Structs do not check what they are made of, and an actor that is told nonsense dies of it. Decides what is refused.
Does not know what the fields mean; limits and names are checked where they are known.
"""

from math import isfinite, isnan
from typing import Any, TypeVar

import msgspec

from messages.base import Message
from messages.errors import InvalidArgument, RawOrderRefused
from messages.wire.commands import order_in

T = TypeVar("T")
M = TypeVar("M", bound=Message)


def checked(message: M) -> M:
    """The message, if its fields are what its class says: numbers are finite, and texts can be written.

    Raises:
        InvalidArgument: one of them is not; says which, and what it should be.
    """
    name = type(message).__name__
    try:
        fields = msgspec.to_builtins(message)
        msgspec.convert(fields, type(message))
        msgspec.json.encode(fields)  # where a text holds half of a surrogate pair this fails here, not in an actor
    except (msgspec.ValidationError, TypeError, UnicodeError) as error:
        problem = str(error)
    else:
        for field, value in fields.items():
            if isinstance(value, float) and not isfinite(value):
                raise InvalidArgument(name, f"Expected a number that is finite, got {value} - at `$.{field}`")
        return message
    raise InvalidArgument(name, problem)


def checked_text(call: str, argument: str, given: object) -> str:
    """What is given, if it is text, not empty, and can be written. Raises InvalidArgument."""
    if isinstance(given, str) and given and not _is_torn(given):
        return given
    problem = repr(given) if isinstance(given, str) else type(given).__name__
    raise InvalidArgument(call, f"Expected {argument} to be text, got {problem}")


def checked_kind(call: str, argument: str, given: T, kind: Any, expected: str) -> T:  # noqa: ANN401 - a class, also an abstract one
    """What is given, if it is of that class; ``expected`` says so in words. Raises InvalidArgument."""
    if isinstance(given, kind):
        return given
    raise InvalidArgument(call, f"Expected {argument} to be {expected}, got {type(given).__name__}")


def checked_frame(data: str | bytes) -> str | bytes:
    """What is to be sent as it is, if it can and may be sent. Raises InvalidArgument, RawOrderRefused."""
    if not isinstance(data, str | bytes):
        raise InvalidArgument("send_raw", f"Expected text or bytes, got {type(data).__name__}")
    if isinstance(data, str) and _is_torn(data):
        raise InvalidArgument("send_raw", "the text holds half of a surrogate pair")
    order = order_in(data)
    if order is not None:
        raise RawOrderRefused(order)
    return data


def checked_seconds(call: str, seconds: float | None) -> float | None:
    """A timeout, if it is a number or None. Raises InvalidArgument."""
    if seconds is None or (isinstance(seconds, int | float) and not isinstance(seconds, bool) and not isnan(seconds)):
        return seconds
    raise InvalidArgument(call, f"Expected timeout to be seconds or None, got {seconds!r}")


def _is_torn(text: str) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in text)

"""The exceptions that bots written for BinaryOptionsToolsV2 catch, and which of our errors becomes which.

Decides that whatever they catch there is caught here: an error is of every class that such a bot may name for it, and
its ``__cause__`` is the typed error of this project. Does not know what was asked.

::

    PocketOptionError             the base of all
    ├── InvalidParameterError     the call was wrong (also a ValueError)
    ├── TradeNotFoundError        no such deal (also a RuntimeError, as check_win raises)
    ├── UninitializedError        no session just now (also a ConnectionError)
    └── NotAllowedError           refused on purpose
        └── TimedOut              no answer in time (also a TimeoutError)
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from messages.errors import (
    BusError,
    DeadlineExceeded,
    NotConnected,
    RealAccountRefused,
    SystemFailed,
    TransportError,
    UsageError,
)
from messages.order_errors import UnknownDeal
from optionbus.compat.not_offered import NOT_OFFERED

T = TypeVar("T")


class PocketOptionError(Exception):
    """Anything that went wrong; ``__cause__`` says what."""


class InvalidParameterError(PocketOptionError, ValueError):
    """The call was wrong; the text says what to do instead."""


class TradeNotFoundError(PocketOptionError, RuntimeError):
    """No such deal is known."""


class UninitializedError(PocketOptionError, ConnectionError):
    """There is no session just now."""


class NotAllowedError(PocketOptionError):
    """Refused on purpose; the text says why."""


class TimedOut(NotAllowedError, TimeoutError):
    """No answer in time."""


class NotOffered(UsageError, ImportError):
    """A name that has no counterpart here; the text says why, and what to use instead."""

    def __init__(self, name: str) -> None:
        self.offered_not = name
        super().__init__(f"{name} is not offered: {NOT_OFFERED[name]}")


_BECOMES: Final[tuple[tuple[type[BusError], type[PocketOptionError]], ...]] = (
    (DeadlineExceeded, TimedOut),
    (UnknownDeal, TradeNotFoundError),
    (RealAccountRefused, NotAllowedError),
    (UsageError, InvalidParameterError),
    (NotConnected, UninitializedError),
    (TransportError, UninitializedError),
    (SystemFailed, UninitializedError),
)
"""The first that fits."""


@contextmanager
def translated() -> Iterator[None]:
    """Raise what bots know in place of our own errors, which are its cause."""
    try:
        yield
    except BusError as error:
        raise translation(error) from error


def translation(error: BusError) -> PocketOptionError:
    """What bots know in place of an error of ours, which is its cause."""
    becomes = next((theirs for ours, theirs in _BECOMES if isinstance(error, ours)), PocketOptionError)
    translated = becomes(str(error))
    translated.__cause__ = error
    return translated


async def answer(call: Callable[..., Awaitable[T]], *arguments: Any, **named: Any) -> T:  # noqa: ANN401 - any call's
    """What a call of ours answers, its errors translated."""
    with translated():
        return await call(*arguments, **named)

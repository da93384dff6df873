"""What an exception looks like in the log.

Decides that it can be shown whatever it is, and that no value of a variable is. Does not know who raised it.
"""

import traceback
from types import TracebackType
from typing import Final

DEEPEST: Final = 50
"""How many frames are shown, those nearest to the error: to format the thousand of an endless recursion takes so long
that whoever restarts the actor waits for it."""


def summary(error: BaseException) -> str:
    """The type of an error and its text, if that can be made."""
    name = type(error).__name__
    try:
        return f"{name}: {error}".rstrip(": ")
    except Exception:  # noqa: BLE001 - the user's class
        return name


def trace(error: BaseException) -> str:
    """An error with where it came from."""
    # Formatted here and without locals: a traceback that shows values would show secrets.
    shown = traceback.format_exception(type(error), error, _end_of(error.__traceback__), limit=-DEEPEST)
    return "".join(shown).rstrip()


def _end_of(frames: TracebackType | None) -> TracebackType | None:
    """The deepest of them. Cut by hand: ``limit`` alone still looks at where each of the others stands."""
    ahead, end = frames, frames
    for _ in range(DEEPEST):
        ahead = ahead and ahead.tb_next
    while ahead is not None and end is not None:
        ahead, end = ahead.tb_next, end.tb_next
    return end

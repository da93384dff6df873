"""What an exception looks like in the log.

Decides that it can be shown whatever it is, and that no value of a variable is. Does not know who raised it.
"""

import traceback
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
    return "".join(traceback.format_exception(error, limit=-DEEPEST)).rstrip()

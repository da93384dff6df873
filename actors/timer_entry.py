"""A timer as it lies in a heap: what is to happen, until it is cancelled.

Decides that alone. Does not know when it is due, nor who looks.
"""

from collections.abc import Callable


class TimerEntry:
    """What ``call_later`` gives back; ``action`` is None once it was cancelled."""

    __slots__ = ("action",)

    def __init__(self, action: Callable[[], None]) -> None:
        self.action: Callable[[], None] | None = action

    def cancel(self) -> None:
        """Let it not happen; too late is no error."""
        self.action = None

"""What can be wrong with a recording of a session; part of the tree in ``messages.errors``.

Decides texts. Does not know how a recording is written or read (``optionbus.recording``).
"""

from messages.errors import BusError, UsageError


class RecordingUnreadable(UsageError):
    """A file cannot be replayed: ``file``, ``problem``, and in ``remedy`` what to do."""

    def __init__(self, file: str, problem: str, remedy: str) -> None:
        self.file, self.problem, self.remedy = file, problem, remedy
        super().__init__(f"{file} cannot be replayed: {problem}. {remedy}.")


class RecordingFailed(BusError):
    """A recording could not be begun, or has ended before its session: ``file`` and ``reason``."""

    def __init__(self, file: str, reason: str) -> None:
        self.file, self.reason = file, reason
        super().__init__(
            f"{file} cannot be written: {reason}. The session is not affected, and what was written before can be "
            "replayed. Make room, or give another place with --out and --ticks, and record again."
        )

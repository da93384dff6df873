"""A file that is only ever appended to.

Decides that what was appended is on the disk when that returns, and that an append which failed leaves nothing of
itself. Does not know what is in it.
"""

import os
from contextlib import suppress
from pathlib import Path

from messages.recording_errors import RecordingFailed


class AppendedFile:
    """A new file: there must be none of the name. What cannot be done raises RecordingFailed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        try:
            self._file = path.open("xb", buffering=0)
        except OSError as error:
            raise RecordingFailed(str(path), error.strerror or str(error)) from None

    def append(self, data: bytes) -> None:
        """Write it at the end, and through to the disk."""
        try:
            left = memoryview(data)
            while left:
                left = left[self._file.write(left) :]
            os.fsync(self._file.fileno())
        except OSError as error:
            with suppress(OSError):
                self._file.truncate(self.size)
            self.close()
            raise RecordingFailed(str(self.path), error.strerror or str(error)) from None
        self.size += len(data)

    def close(self) -> None:
        """Let it go."""
        with suppress(OSError):
            self._file.close()

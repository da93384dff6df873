"""The memory of a process that runs for days.

Theory of operation. glibc gives every few threads an arena of their own, up to eight for each core, and gives what is
freed in one back to nobody but that arena. Each reconnect has new threads, which spread over them: the process grows
for hours although it holds no more. Threads that take turns at Python's lock gain nothing by arenas; one is enough.

Decides how many arenas there are, for the whole process: a program may, a library may not.
"""

import ctypes
from contextlib import suppress
from typing import Final

_M_ARENA_MAX: Final = -8
"""What ``mallopt`` calls it in ``malloc.h``."""


def keep_one_arena() -> None:
    """To be called before there is a second thread; does nothing where the C library has no arenas."""
    with suppress(AttributeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)

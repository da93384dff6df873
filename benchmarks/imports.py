"""What it takes to import the client, and its dependencies alone.

A contestant. Decides what counts: the package with its client, since it loads each name when that is first used,
against the libraries that a client needs. What it loads of the standard library besides counts as its own.
"""

import subprocess
import sys
from typing import Final

from benchmarks import task
from benchmarks.task import Figures, Task

_TIMES: Final = 3
"""The least of so many counts: whatever else a machine does can only make an import slower."""

_CLIENT: Final = "from optionbus import PocketOption"
_DEPENDENCIES: Final = "import loguru, msgspec.json, pykka, python_socks.sync, websocket"


def ours(_given: Task) -> Figures:
    """The client, and with it everything that it needs."""
    return _timed(_CLIENT)


def dependencies(_given: Task) -> Figures:
    """What it needs, without itself."""
    return _timed(_DEPENDENCIES)


def _timed(statement: str) -> Figures:
    # In an interpreter that has imported nothing else.
    program = f"from time import perf_counter\nbegin = perf_counter()\n{statement}\nprint(perf_counter() - begin)"
    times = []
    for _ in range(_TIMES):
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        times.append(float(done.stdout))
    return {"ms": min(times) * 1e3}


if __name__ == "__main__":
    task.main({kind.__name__: kind for kind in (ours, dependencies)})

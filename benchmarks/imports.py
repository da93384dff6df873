"""What it takes to import the client, and its dependencies alone.

A contestant. Decides what counts: the package with its client, since it loads each name when that is first used,
against the modules of other people that this loads. What it loads of the standard library besides counts as its own.
"""

import subprocess
import sys
from typing import Final

from benchmarks import task
from benchmarks.task import Figures, Task

_IMPORT: Final = "from optionbus import PocketOption"

_LIST: Final = f"""
import sys
before = set(sys.modules)
{_IMPORT}
print(*(name for name, module in sys.modules.items()
        if name not in before and "site-packages" in (getattr(module, "__file__", None) or "")))
"""


def ours(_given: Task) -> Figures:
    """The client, and with it everything that it needs."""
    return _timed(_IMPORT)


def dependencies(_given: Task) -> Figures:
    """What it needs, without itself."""
    return _timed(f"import {', '.join(_run(_LIST).split())}")


def _timed(statement: str) -> Figures:
    """The statement's time in an interpreter that has imported nothing else."""
    seconds = _run(f"from time import perf_counter\nbegin = perf_counter()\n{statement}\nprint(perf_counter() - begin)")
    return {"ms": float(seconds) * 1e3}


def _run(program: str) -> str:
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    task.main({kind.__name__: kind for kind in (ours, dependencies)})

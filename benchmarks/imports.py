"""What it takes to import the package, and its dependencies alone.

A contestant, in a fresh interpreter each time. Decides what the dependencies are: the modules of other people that the
package's import loads. What it loads of the standard library besides counts as its own.
"""

import importlib
import subprocess
import sys
import time
from collections.abc import Iterable
from typing import Final

from benchmarks import task
from benchmarks.task import Figures, Task

PACKAGE: Final = "optionbus"

_LIST: Final = f"""
import sys
before = set(sys.modules)
import {PACKAGE}
print(*(name for name, module in sys.modules.items() if name not in before and
        "site-packages" in (getattr(module, "__file__", None) or "")))
"""


def ours(_given: Task) -> Figures:
    """The package, and with it everything that it needs."""
    return _timed([PACKAGE])


def dependencies(_given: Task) -> Figures:
    """What it needs, without itself."""
    listing = subprocess.run([sys.executable, "-c", _LIST], capture_output=True, text=True, check=True)
    return _timed(listing.stdout.split())


def _timed(modules: Iterable[str]) -> Figures:
    begin = time.perf_counter()
    for module in modules:
        importlib.import_module(module)
    return {"ms": (time.perf_counter() - begin) * 1e3}


if __name__ == "__main__":
    task.main({kind.__name__: kind for kind in (ours, dependencies)})

"""What it takes to import the package, and its dependencies alone.

A contestant, in a fresh interpreter each time. Decides which libraries count: those of other people that the import of
the package loads.
"""

import importlib
import importlib.metadata
import subprocess
import sys
import time
from collections.abc import Iterable

from benchmarks import task
from benchmarks.task import Figures, Task

PACKAGE = "optionbus"


def ours(_given: Task) -> Figures:
    """The package, and with it everything that it needs."""
    return _timed([PACKAGE])

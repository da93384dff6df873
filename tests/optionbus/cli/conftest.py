"""A process as the command line finds it, and as it has to leave it to other tests."""

import logging
import os
import sys
from collections.abc import Iterator

import pytest
from loguru import logger


@pytest.fixture(autouse=True)
def process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Has no settings in its environment; what is imported, and who logs, is as it was at the end."""
    for name in [name for name in os.environ if name.startswith("OPTIONBUS_")]:
        monkeypatch.delenv(name)
    root, path, modules = logging.getLogger(), sys.path[:], set(sys.modules)
    handlers, level = root.handlers[:], root.level
    yield
    logger.remove()
    logger.disable("optionbus")
    root.handlers[:], sys.path[:] = handlers, path
    root.setLevel(level)
    for name in set(sys.modules) - modules:
        if "strategies" in name:
            del sys.modules[name]

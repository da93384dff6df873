"""What several test packages share: the payloads captured from the platform."""

import gc
import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("project", deadline=None)  # a slow machine is no failure
settings.load_profile("project")

_NUMBERS = itertools.count()

CAPTURED_FOLDER = Path(__file__).parents[2] / "shared/data/captured"
"""Lies beside the project, not in it: captures are read, never copied."""


@pytest.fixture
def captured() -> Callable[[str], bytes]:
    """A function that gives the bytes of a captured payload by its name, such as ``updateAssets``."""
    if CAPTURED_FOLDER.is_dir():
        return lambda name: (CAPTURED_FOLDER / f"{name}.json").read_bytes()
    reason = "the captured payloads are not beside the project"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def pytest_collection_finish() -> None:
    """What was collected stays to the end: no test that collects garbage has to look through it."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def _no_state_of_the_users(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What a fixture of many tests starts finds, and leaves, no files of the user's accounts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.getbasetemp() / "state"))
        yield


@pytest.fixture(autouse=True)
def _state_of_its_own(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test finds, or leaves, the files of another one's accounts."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.getbasetemp() / f"state-{next(_NUMBERS)}"))

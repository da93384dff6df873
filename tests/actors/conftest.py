"""What all tests of actors share."""

from collections.abc import Iterator

import pytest

from tests.actors.stage import Stage


@pytest.fixture
def stage() -> Iterator[Stage]:
    """An empty stage."""
    stage = Stage()
    yield stage
    stage.close()

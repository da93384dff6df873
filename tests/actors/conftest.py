"""What all tests of actors share."""

from collections.abc import Iterator

import pytest

from actors.runtime import Runtime, ThreadedRuntime
from optionbus.testing import SteppedRuntime
from tests.actors.ground import Ground
from tests.actors.stage import Stage


@pytest.fixture
def stage() -> Iterator[Stage]:
    """An empty stage."""
    stage = Stage()
    yield stage
    stage.close()


@pytest.fixture(params=[ThreadedRuntime, SteppedRuntime], ids=["threads", "steps"])
def runtime(request: pytest.FixtureRequest) -> Iterator[Runtime]:
    """Each of the two runtimes: what holds on one holds on the other."""
    runtime: Runtime = request.param()
    yield runtime
    runtime.close()


@pytest.fixture
def ground(runtime: Runtime) -> Iterator[Ground]:
    """A system without actors, on each of the two runtimes."""
    ground = Ground(runtime)
    yield ground
    ground.close()

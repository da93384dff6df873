"""What all tests of actors share."""

from collections.abc import Iterator

import pytest
import trustme

from actors.runtime import Runtime, ThreadedRuntime
from optionbus.testing import SteppedRuntime
from tests.actors.channels import Authority
from tests.actors.ground import Ground, see_threads_end
from tests.actors.recording_inlet import RecordingInlet
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
    see_threads_end()


@pytest.fixture
def inlet() -> RecordingInlet:
    """What a transport talks to."""
    return RecordingInlet()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Who signs the certificates of servers."""
    file = tmp_path_factory.mktemp("authority") / "ca.pem"
    root = trustme.CA()
    root.cert_pem.write_to_path(str(file))
    return Authority(root, str(file))

"""A client and its simulated broker on one virtual clock, READY."""

from collections.abc import Sequence
from typing import Any

from actors.base import Actor
from actors.stepped import SteppedRuntime
from optionbus.client import PocketOption
from optionbus.simulated import Simulation
from supervisor.settings import Settings


class SteppedClient:
    """The client, the runtime it lives on, and the simulation it talks to."""

    def __init__(
        self, seed: int = 1, *, config: Settings | None = None, actors: Sequence[type[Actor[Any]]] = ()
    ) -> None:
        self.runtime = SteppedRuntime(seed)
        self.client = PocketOption.simulated(seed=seed, runtime=self.runtime, config=config, actors=actors)
        self.simulation: Simulation = self.client._simulation
        self.client.start()
        self.client.wait_ready(timeout=10)

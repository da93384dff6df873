"""A client and its simulated broker on one virtual clock, READY."""

from collections.abc import Sequence
from typing import Any

from actors.base import Actor
from actors.stepped import SteppedRuntime
from optionbus.client import PocketOption
from optionbus.simulated import SimulatedTransport
from supervisor.settings import Settings


class SteppedClient:
    """The client, the runtime it lives on, and the network between it and the broker."""

    def __init__(
        self,
        seed: int = 1,
        *,
        config: Settings | None = None,
        actors: Sequence[type[Actor[Any]]] = (),
        variants: Sequence[str] = (),
        hardships: Sequence[str] = (),
    ) -> None:
        self.runtime = SteppedRuntime(seed)
        self.client = PocketOption.simulated(
            seed=seed, runtime=self.runtime, config=config, actors=actors, variants=variants, hardships=hardships
        )
        simulation = self.client._simulation
        assert simulation is not None
        assert isinstance(simulation.transport, SimulatedTransport)
        self.network = simulation.transport
        self.client.start()
        self.client.wait_ready(timeout=10)

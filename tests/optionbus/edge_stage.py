"""An edge with a whole tree of actors behind it, over a network of which the test is the other end."""

from collections.abc import Sequence
from typing import Any

from actors.base import Actor
from actors.orders.memory_journal import MemoryJournal
from actors.runtime import Runtime
from actors.system import System
from messages.secret import Secret
from optionbus.edge import Edge, Service
from optionbus.testing import FakeTransport, SteppedRuntime
from supervisor.settings import Settings
from supervisor.tree import World

LOGIN = Secret('42["auth",{"session":"s3cr3t","isDemo":1}]')


class Sink:
    """Keeps what is logged."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.is_closed = False

    def write(self, level: str, source: str, text: str) -> None:
        self.lines.append(f"{level} {source}: {text}")

    def close(self) -> None:
        self.is_closed = True


class EdgeStage:
    """An edge on either runtime, its transport and its log."""

    def __init__(
        self,
        runtime: Runtime,
        *,
        settings: Settings | None = None,
        users: Sequence[type[Actor[Any]]] = (),
        service: Service | None = None,
        transport: FakeTransport | None = None,
    ) -> None:
        self.runtime = runtime
        self.transport = transport or FakeTransport()
        self.sink = Sink()
        self.system = System(runtime)
        world = World(
            transport=self.transport,
            log_sink=self.sink,
            login=LOGIN,
            is_demo=True,
            open_journal=MemoryJournal,
        )
        self.edge = Edge(runtime, self.system, settings or Settings(), world, users, service)

    def start(self) -> None:
        """Start it and let the platform accept the login."""
        self.edge.start()
        self.settle()
        self.accept()

    def accept(self) -> None:
        """Let the platform accept the login and say which assets there are: READY waits for them."""
        self.transport.channel.accept()
        self.transport.channel.push_event("updateAssets", b"[]")
        self.settle()

    def settle(self) -> None:
        """Let everything happen that takes no time."""
        if isinstance(self.runtime, SteppedRuntime):
            self.runtime.run_until_idle()

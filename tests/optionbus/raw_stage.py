"""A client's raw calls over a network of which the test is the other end, READY."""

import gc

from actors.ports import Channel, Endpoint, Inlet
from actors.runtime import Runtime
from messages.base import NOBODY
from messages.raw import RemoveRawHandler
from messages.session import SessionState
from optionbus.raw_calls import RawCalls
from optionbus.raw_handler import RAW
from optionbus.testing import FakeTransport, SteppedRuntime
from tests.actors.ground import PATIENCE_SECONDS
from tests.optionbus.edge_stage import EdgeStage


class RawStage(RawCalls):
    """Raw calls, and what becomes of them."""

    def __init__(self, runtime: Runtime) -> None:
        gc.freeze()  # what was there before is nothing that a stage keeps, and slow to look through
        self.stage = EdgeStage(runtime, transport=None if runtime.is_stepped else _Willing())
        self._edge = self.stage.edge
        self.system = self.stage.system
        if runtime.is_stepped:
            self.stage.start()
        else:
            self._edge.start()
            watch = self._edge.watch
            watch.until("READY", lambda: watch.state is SessionState.READY, PATIENCE_SECONDS).get()

    def push(self, *payloads: str, event: str = "echo") -> None:
        """Let an event come in for each payload, without a moment between them."""
        for payload in payloads:
            self.stage.transport.channel.push_event(event, payload.encode())

    def settle(self) -> None:
        """Let everything happen that takes no time."""
        self.stage.settle()

    def lose(self) -> None:
        """Let the connection be lost."""
        self.stage.transport.channel.lose()
        self.settle()

    def reconnect(self) -> None:
        """Let the connection be lost, and the platform accept the next one."""
        self.lose()
        self.advance(1.0)
        self.stage.accept()

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        assert isinstance(self.stage.runtime, SteppedRuntime)
        self.stage.runtime.advance(seconds)

    @property
    def sent(self) -> list[str | bytes]:
        """What was sent on the present connection, without what every login sends."""
        return [data for data in self.stage.transport.channel.sent if data not in self._usual]

    @property
    def _usual(self) -> tuple[str | bytes, ...]:
        first = self.stage.transport.channels[0].sent
        return tuple(first[: len(first) - first[::-1].index('42["getBalance"]')])

    def kept(self) -> tuple[int, ...]:
        """How much is kept of handlers, wherever something could be."""
        gc.collect()
        self._edge.ask(RAW, RemoveRawHandler(name=NOBODY)).get()  # on threads too: now it has handled the others
        self.settle()
        system = self.system
        raw = system.address(RAW)
        return (
            len(system.routes.rules),
            len(system.routes._rules),
            len(system.directory._entries),
            len(system._ends),
            len(raw.mailbox),
        )

    def close(self) -> None:
        """Stop everybody."""
        self._edge.stop()


class _Willing(FakeTransport):
    """A platform that takes any login at once."""

    def open(self, endpoint: Endpoint, inlet: Inlet) -> Channel:
        channel = super().open(endpoint, inlet)
        self.channel.accept()
        self.channel.push_event("updateAssets", b"[]")
        return channel

"""Common ground for tests that hold on both runtimes: a real System, its actors, and witnesses to wait for."""

import threading
from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from actors.base import Actor, Context
from actors.future import Future
from actors.runtime import ActorThread, Runtime
from actors.system import LOG, System
from messages.base import AddressName, Message, Reply, Request
from messages.supervision import ActorExited, LogRecorded
from optionbus.testing import Probe
from supervisor.child import Child
from supervisor.spec import ChildSpec

PATIENCE_SECONDS = 10.0
"""How long a test waits for what must happen."""

PARENT = AddressName("Parent")
ALIVE = ("starting", "running")


class Witness(Probe):
    """A probe that can be waited for."""

    def __init__(self, runtime: Runtime) -> None:
        super().__init__()
        self._runtime = runtime
        self._awaited: list[tuple[Callable[[], bool], Future[None]]] = []

    def tell(self, message: Message) -> None:
        super().tell(message)
        for condition, future in tuple(self._awaited):
            if condition():
                future.set(None)

    def wait(self, condition: Callable[[], bool]) -> None:
        """Return when the condition, which must depend on what is told here, holds."""
        future: Future[None] = Future(self._runtime, "What a test waits for")
        self._awaited.append((condition, future))
        if condition():
            future.set(None)
        future.get(timeout=PATIENCE_SECONDS)

    def wait_for(self, count: int) -> None:
        """Return when so many messages have come."""
        self.wait(lambda: len(self.messages) >= count)


class Ground:
    """One system on one runtime; exits are told to ``parent``, lines of the log to ``log``."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.system = System(runtime)
        self.parent = self.witness(PARENT)
        self.log = self.witness(LOG)
        self._children: list[Child] = []

    def close(self) -> None:
        """Stop everybody."""
        for child in self._children:
            child.request_stop()
        self.parent.wait(lambda: not any(child.address.vitals.state in ALIVE for child in self._children))
        self.system.close()

    def witness(self, name: str, *events: type[Message]) -> Witness:
        """Somebody of that name who listens to these events."""
        witness = Witness(self.runtime)
        self.system.directory.enter(AddressName(name), witness)
        self.system.routes.listen(events, witness)
        return witness

    def start(self, name: str, factory: Callable[[Context], Actor[Any]]) -> Child:
        """Start an actor; its ``start`` starts its next life."""
        child = Child(self.system, ChildSpec(name=AddressName(name), factory=factory), PARENT)
        self._children.append(child)
        child.start()
        return child

    def tell(self, name: str, message: Message) -> None:
        """Tell somebody something."""
        self.system.directory.tell(AddressName(name), message)

    def ask(self, name: str, request: Request) -> Future[Any]:
        """Ask an actor."""
        future, reply_to, request_id = self.system.expect(type(request).__name__, PATIENCE_SECONDS, _same)
        self.tell(name, replace(request, reply_to=reply_to, request_id=request_id))
        return future

    def exits(self, count: int) -> list[ActorExited]:
        """All reports of exits, once there are so many."""
        self.parent.wait_for(count)
        return self.parent.of(ActorExited)

    @property
    def logged(self) -> list[str]:
        """The lines of the log, each with its level."""
        return [f"{record.level} {record.text}" for record in self.log.of(LogRecorded)]


def see_threads_end() -> None:
    """Return when no thread of any actor or timer is left, once their systems are closed."""
    for thread in threading.enumerate():
        if isinstance(thread, ActorThread) or thread.name == "Timers":
            thread.join(PATIENCE_SECONDS)
            assert not thread.is_alive()


def _same(reply: Reply) -> Reply:
    return reply

"""A stage for actors under test: a real System on stepped time, with probes in the places of everybody else."""

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec.structs import replace

from actors.base import Actor, Context
from actors.future import Future
from actors.line import SessionView
from actors.system import LOG, System
from messages.base import AddressName, Incarnation, Message, Reply, Request
from messages.errors import BusError, ConnectionLost
from messages.session import RestoreSession, SendFrame, SessionLost, SessionReady, SessionState
from messages.supervision import LogRecorded
from optionbus.testing import Probe, SteppedRuntime
from supervisor.child import Child
from supervisor.spec import ChildSpec

__all__ = ["Poison", "Probe", "Stage"]

SUPERVISOR = AddressName("Supervisor")
ASK_SECONDS = 3600.0
"""Longer than any deadline of an actor's own, which a test of one tells apart by its text."""

MOST_TURNS_A_SECOND = 100_000
"""Then a test fails that would never end."""


class Poison(Message, frozen=True, kw_only=True):
    """In nobody's inbox: whoever is told it dies."""


class Stage:
    """Where one actor, or a few, play.

    What they send is in ``sent``, what they log in ``logged``; everything that they do is done when a method of
    the stage returns. The session is IDLE until a test says otherwise.
    """

    def __init__(self, seed: int = 0, connections: int = 1) -> None:
        self.runtime = SteppedRuntime(seed, most_turns_a_second=MOST_TURNS_A_SECOND)
        self.system = System(self.runtime, connections=connections)
        self.connection = self.probe(self.system.lines[0].connection)
        self.supervisor = self.probe(SUPERVISOR)
        self._log = self.probe(LOG)
        self._children: dict[str, Child] = {}

    def close(self) -> None:
        """Stop everybody."""
        for child in self._children.values():
            child.request_stop()
        self.runtime.run_until_idle()
        self.system.close()

    # Who is there.

    def start(self, name: str, factory: Callable[[Context], Actor[Any]]) -> None:
        """Start an actor."""
        spec = ChildSpec(name=AddressName(name), factory=factory)
        self._children[name] = Child(self.system, spec, SUPERVISOR)
        self._children[name].start()
        self.runtime.run_until_idle()

    def crash(self, name: str, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Kill an actor and start its next incarnation, as its supervisor would; ``meanwhile`` nobody is there."""
        self.tell(name, Poison())
        meanwhile()
        self._children[name].start()
        self.runtime.run_until_idle()

    def probe(self, name: str, *events: type[Message]) -> Probe:
        """Somebody of that name who listens to these events."""
        probe = Probe()
        self.system.directory.enter(AddressName(name), probe)
        self.system.routes.listen(events, probe)
        return probe

    # What happens.

    def tell(self, name: str, message: Message) -> None:
        """Tell an actor something."""
        self.system.directory.tell(AddressName(name), message)
        self.runtime.run_until_idle()

    def publish(self, *events: Message) -> None:
        """Let these events happen at once, in this order."""
        for event in events:
            self.system.publish(event)
        self.runtime.run_until_idle()

    def ask(self, name: str, request: Request) -> Future[Any]:
        """Ask an actor; the future's ``get`` lets time pass until there is an answer."""
        future, reply_to, request_id = self.system.expect(type(request).__name__, ASK_SECONDS, _same)
        self.tell(name, replace(request, reply_to=reply_to, request_id=request_id))
        return future

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.runtime.advance(seconds)

    # The session.

    def set_session(self, state: SessionState, incarnation: int = 1) -> None:
        """Let the session stand so, without a word to anybody."""
        self.system.lines[0].session = SessionView(Incarnation(incarnation), state)

    def make_ready(self, incarnation: int = 1) -> None:
        """Let the session of this incarnation be READY."""
        self.set_session(SessionState.READY, incarnation)
        self.publish(SessionReady(incarnation=Incarnation(incarnation)))

    def lose_session(self, error: BusError | None = None) -> None:
        """Let the present connection be lost."""
        incarnation = self.system.session.incarnation
        self.set_session(SessionState.BACKING_OFF, incarnation)
        self.publish(SessionLost(incarnation=incarnation, error=error or ConnectionLost("pulled")))

    def restore(self, name: str, incarnation: int = 1) -> Future[Any]:
        """Ask an actor to restore on a new connection what it had on the one before."""
        self.set_session(SessionState.RESTORING, incarnation)
        return self.ask(name, RestoreSession(incarnation=Incarnation(incarnation)))

    # What came of it.

    @property
    def sent(self) -> list[str | bytes]:
        """What was to be sent on the present connection."""
        frames = self.connection.of(SendFrame)
        return [frame.data for frame in frames if frame.incarnation == self.system.session.incarnation]

    def requests(self, event: str) -> list[Any]:
        """The arguments of all events of this name among what was sent, decoded."""
        bodies = [msgspec.json.decode(data[len("42") :]) for data in self.sent if isinstance(data, str)]
        return [body[1] for body in bodies if body[0] == event]

    @property
    def logged(self) -> list[str]:
        """The lines of the log, each with its level."""
        return [f"{record.level} {record.text}" for record in self._log.of(LogRecorded)]


def _same(reply: Reply) -> Reply:
    return reply

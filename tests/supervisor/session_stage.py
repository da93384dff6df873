"""A stage for the session's supervisor: real connections on a network that the test plays."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from actors.base import Actor, Context
from actors.connection import ConnectionActor
from actors.future import Future
from actors.ports import Channel, Endpoint, Inlet
from actors.route import Route
from messages.base import AddressName, RequestId
from messages.secret import Secret
from messages.session import (
    Connect,
    Disconnect,
    DisconnectAndHold,
    LifecycleCommand,
    Reconnect,
    RestoreSession,
    SessionLost,
    SessionReady,
    SessionRestored,
    SessionState,
    SessionStateChanged,
    Shutdown,
)
from messages.supervision import ActorExited
from messages.wire.framing import DISCONNECT, encode_connect, encode_event, encode_open
from optionbus.testing import FakeChannel, FakeTransport, Probe
from supervisor.backoff import Attempts, Backoff
from supervisor.child import Child
from supervisor.session import RestoreCallback, SessionActor, SessionMemory
from supervisor.spec import ChildSpec
from tests.actors.stage import Stage

SESSION = AddressName("Session")
CONNECTION = AddressName("Connection")

COMMANDS: dict[str, LifecycleCommand] = {
    "CONNECT": Connect(),
    "DISCONNECT": Disconnect(),
    "HOLD": DisconnectAndHold(),
    "RECONNECT": Reconnect(),
    "SHUTDOWN": Shutdown(),
}

LOGIN_TIMEOUT_SECONDS = 10.0


class WatchedTransport(FakeTransport):
    """Notes when a connection was begun, and how many others there were at that moment."""

    def __init__(self, stage: "SessionStage") -> None:
        super().__init__()
        self._stage = stage
        self.opened_at: list[float] = []
        self.others: list[int] = []

    def open(self, endpoint: Endpoint, inlet: Inlet) -> Channel:
        self.others.append(sum(not channel.has_ended for channel in self.channels))
        self.opened_at.append(self._stage.now)
        return super().open(endpoint, inlet)


class Callback(Probe):
    """A reconnect callback: notes when it is asked, and answers at once unless told otherwise."""

    def __init__(self, stage: "SessionStage", name: str, *, answers: bool) -> None:
        super().__init__()
        self._stage = stage
        self._name = name
        self.answers = answers

    def tell(self, message: Any) -> None:
        super().tell(message)
        self._stage.asked.append(self._name)
        if self.answers:
            self.answer()

    def answer(self) -> None:
        """Say that the session is restored, for the latest request."""
        restore = self.of(RestoreSession)[-1]
        reply = SessionRestored(request_id=RequestId(restore.request_id), incarnation=restore.incarnation)
        self._stage.system.directory.tell(restore.reply_to, reply)


class DeafConnection(ConnectionActor):
    """Hangs from its beginning: whoever asks it to stop waits in vain, until it comes back."""

    def request_stop(self) -> None:
        """Do nothing."""

    def come_back(self) -> None:
        """End after all, as its thread would once the handler returns."""
        self._Actor__life.finish()  # type: ignore[attr-defined]


class SessionStage(Stage):
    """The session's supervisor, its connections, and probes for callbacks."""

    def __init__(self, backoff: Backoff | None = None, *, kind: type[ConnectionActor] = ConnectionActor) -> None:
        super().__init__()
        self.network = WatchedTransport(self)
        self.asked: list[str] = []
        self.lives: list[ConnectionActor] = []
        self.kind = kind
        self.callbacks: list[RestoreCallback] = []
        self.told = self.probe("Told", SessionStateChanged, SessionReady, SessionLost, ActorExited)
        self._router = self.system.address(AddressName("Router"))
        self._backoff = backoff or Backoff()
        spec = ChildSpec(name=CONNECTION, factory=self._connect)
        self.child = Child(self.system, spec, SESSION)
        self._memory = SessionMemory(self.child, Attempts(self._backoff, Random(0)))

    # Who is there.

    def add_callback(self, name: str, *, answers: bool = True, deadline_seconds: float = 10.0) -> Callback:
        """Register a reconnect callback."""
        callback = Callback(self, name, answers=answers)
        self.system.directory.enter(AddressName(name), callback)
        self.callbacks.append(RestoreCallback(name=AddressName(name), deadline_seconds=deadline_seconds))
        return callback

    def begin(self) -> None:
        """Start the session's supervisor."""
        self.start("Session", self._make)

    def begin_again(self) -> None:
        """Kill the session's supervisor and start it again, as its own supervisor would."""
        self.crash("Session")

    def _make(self, context: Context) -> Actor[Any]:
        return SessionActor(context, self._memory, self._backoff, self._callbacks)

    def _callbacks(self) -> Sequence[RestoreCallback]:
        return self.callbacks

    def _connect(self, context: Context) -> ConnectionActor:
        route = Route([Endpoint(url="fake://")])
        login = Secret('42["auth",{}]')
        made = self.kind(context, self.network, route, login, self._router, LOGIN_TIMEOUT_SECONDS)
        self.lives.append(made)
        return made

    # What happens.

    @property
    def channel(self) -> FakeChannel:
        """The latest connection, seen by the platform."""
        return self.network.channel

    def settle(self) -> None:
        """Let everything happen that is to happen now."""
        self.runtime.run_until_idle()

    def accept(self) -> None:
        """Let the connection be made and the login be taken."""
        self.channel.accept()
        self.settle()

    def lose(self) -> None:
        """Let the connection be lost."""
        self.channel.lose()
        self.settle()

    def kick(self) -> None:
        """Let the platform end the session."""
        self.channel.push(DISCONNECT)
        self.settle()

    def refuse(self) -> None:
        """Let the connection be made and the login be refused."""
        self.channel.open()
        self.channel.push(encode_open("sid", 25_000, 20_000), encode_connect("sid"), encode_event("NotAuthorized"))
        self.settle()

    def command(self, name: str) -> Future[Any]:
        """Give a lifecycle command."""
        return self.ask("Session", COMMANDS[name])

    def bring_to(self, state: SessionState) -> None:
        """Start the supervisor and bring it to a state; a callback that does not answer keeps it RESTORING."""
        callback = self.add_callback("Callback", answers=state is not SessionState.RESTORING)
        assert callback.messages == []
        self.begin()
        _WAYS[state](self)
        assert self.state is state

    # What came of it.

    @property
    def now(self) -> float:
        return self.runtime.clock.monotonic()

    @property
    def state(self) -> SessionState:
        """Where the session stands, as everybody is shown."""
        return self.system.session.state

    @property
    def states(self) -> list[SessionState]:
        """The moves so far."""
        return [changed.state for changed in self.told.of(SessionStateChanged)]

    @property
    def live_connections(self) -> int:
        """How many sockets are open or opening."""
        return sum(not channel.has_ended for channel in self.network.channels)


def _to_handshaking(stage: SessionStage) -> None:
    stage.channel.open()
    stage.settle()


def _to_authenticating(stage: SessionStage) -> None:
    stage.channel.open()
    stage.channel.push(encode_open("sid", 25_000, 20_000), encode_connect("sid"))
    stage.settle()


def _to_backing_off(stage: SessionStage) -> None:
    stage.lose()
    stage.advance(0.0)
    stage.lose()


def _stay(_stage: SessionStage) -> None:
    pass


_WAYS: dict[SessionState, Callable[[SessionStage], object]] = {
    SessionState.CONNECTING: _stay,
    SessionState.HANDSHAKING: _to_handshaking,
    SessionState.AUTHENTICATING: _to_authenticating,
    SessionState.RESTORING: SessionStage.accept,
    SessionState.READY: SessionStage.accept,
    SessionState.BACKING_OFF: _to_backing_off,
    SessionState.HELD: lambda stage: stage.command("HOLD"),
    SessionState.REJECTED: SessionStage.refuse,
    SessionState.CLOSED: lambda stage: stage.command("SHUTDOWN"),
}
"""How to get there from the first attempt. IDLE is left before the supervisor hears its first message."""

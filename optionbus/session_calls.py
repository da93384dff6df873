"""What a client can ask about, and do to, its session and its actors.

Decides names and deadlines. Does not know how a session is kept (``supervisor.session``).
"""

from collections.abc import Callable, Iterator
from typing import Any

from actors.future import Future
from actors.life import summary
from actors.middleware import Middleware
from actors.system import System
from messages.base import AddressName, Message, Request
from messages.errors import SessionRejected
from messages.raw import SendRaw
from messages.session import (
    Connect,
    Disconnect,
    DisconnectAndHold,
    FrameReceived,
    FrameSent,
    Reconnect,
    SessionState,
    SessionStateChanged,
    Shutdown,
)
from messages.supervision import ActorHealth, GetHealth
from optionbus.arguments import checked_frame
from optionbus.callbacks import CallbackActor
from optionbus.edge import Edge, reply_of
from optionbus.handle import Handle
from optionbus.stream import Stream

SESSION = AddressName("Session")
SUPERVISOR = AddressName("Supervisor")


class SessionCalls:
    """Mixed into the client."""

    _edge: Edge

    def start(self) -> None:
        """Start all actors and begin to connect; returns at once. Raises UsageError the second time."""
        self._edge.start()

    def stop(self) -> None:
        """Stop all actors, the youngest first, and end every future and stream; returns when it is done."""
        self._edge.stop()

    @property
    def state(self) -> SessionState:
        """Where the session stands."""
        return self._edge.watch.state

    @property
    def is_connected(self) -> bool:
        """Whether the session is READY: logged in, and everything restored."""
        return self.state is SessionState.READY

    @property
    def is_session_valid(self) -> bool:
        """False once the platform has refused the session."""
        return not isinstance(self._edge.watch.error, SessionRejected)

    @property
    def errors(self) -> int:
        """How many errors have been logged, whether or not anybody saw them."""
        return self._edge.system.errors

    def ready(self, timeout: float | None = None) -> Future[None]:
        """A future that ends when the session is READY.

        Args:
            timeout: seconds; None waits as long as it takes.

        Raises (from the future):
            DeadlineExceeded: not READY in time; the text says where it stands and why.
            SessionRejected: the platform refused the session.
        """
        return self._edge.watch.until("The session to become ready", lambda: self.is_connected, timeout)

    def wait_ready(self, timeout: float | None = None) -> None:
        """Block until the session is READY; see ``ready``."""
        self.ready(timeout).get()

    def assets_loaded(self, timeout: float | None = None) -> Future[None]:
        """A future that ends when the assets are known."""
        watch = self._edge.watch
        return watch.until("The assets to be known", lambda: watch.has_assets, timeout)

    def wait_for_assets(self, timeout: float | None = None) -> None:
        """Block until the assets are known."""
        self.assets_loaded(timeout).get()

    def disconnected(self, timeout: float | None = None) -> Future[None]:
        """A future that ends when the session is not READY."""
        return self._edge.watch.until("The session to be disconnected", lambda: not self.is_connected, timeout)

    def wait_disconnected(self, timeout: float | None = None) -> None:
        """Block until the session is not READY."""
        self.disconnected(timeout).get()

    def states(self) -> Iterator[SessionStateChanged]:
        """An iterator over the moves of the session from now on; it ends with the client."""
        stream: Stream[SessionStateChanged] = self._edge.stream("States", lambda event: (event,))
        routes = self._edge.system.routes
        routes.add(SessionStateChanged, stream)
        stream.on_end(lambda: routes.remove(SessionStateChanged, stream))
        return stream

    def connect(self) -> Future[None]:
        """Connect, also after a hold."""
        return self._edge.ask(SESSION, Connect(), convert=_nothing)

    def disconnect(self) -> Future[None]:
        """Drop the connection; the next one is made at once. Wanted subscriptions stay wanted."""
        return self._edge.ask(SESSION, Disconnect(), convert=_nothing)

    def disconnect_and_hold(self) -> Future[None]:
        """Drop the connection and stay away until ``connect``. Wanted subscriptions stay wanted."""
        return self._edge.ask(SESSION, DisconnectAndHold(), convert=_nothing)

    def reconnect(self) -> Future[None]:
        """Drop the connection, if there is one, and connect at once."""
        return self._edge.ask(SESSION, Reconnect(), convert=_nothing)

    def shutdown(self) -> Future[None]:
        """Drop the connection and never make another; the actors live on until ``stop``."""
        return self._edge.ask(SESSION, Shutdown(), convert=_nothing)

    def add_middleware(self, middleware: Middleware) -> None:
        """Let it look at, change or drop whatever goes over the socket from now on."""
        self._edge.system.middleware.add(middleware)

    def add_tap(self, tap: Callable[[FrameReceived | FrameSent], None] | AddressName) -> None:
        """Show every frame, in and out, to an actor or a function.

        A function is called in the router's and the connection's threads: let it be quick. What it raises is logged.
        """
        system = self._edge.system
        if callable(tap):
            system.routes.add_tap(_Tap(tap, system))
            return
        address = self._edge.address(AddressName(tap))
        for kind in (FrameReceived, FrameSent):
            address.refuse_strange(kind)
        system.routes.add_tap(address)

    def send_raw(self, data: str | bytes) -> Future[None]:
        """Send a message as it is. Raises NotConnected from the future where there is no session."""
        return self._edge.ask(AddressName("Raw"), SendRaw(data=checked_frame(data)), convert=_nothing)

    def on_reconnect(self, callback: Callable[[], None]) -> None:
        """Call this at each login, after the built-in restoring and before READY, on a thread of its own.

        It may send (``subscribe``, ``send_raw`` …) and must not wait for a future. One that raises or takes too long is
        reported and skipped.
        """
        self._edge.add_callback(lambda context: CallbackActor(context, callback))

    def health(self) -> tuple[ActorHealth, ...]:
        """How every actor is: state, thread, mailbox, restarts, age of its last message."""
        health: tuple[ActorHealth, ...] = self._edge.ask(SUPERVISOR, GetHealth(), convert=reply_of("actors")).get()
        return health

    def address(self, name: str) -> Handle:
        """An actor's address, to tell it messages. It stays good when the actor is restarted.

        Raises:
            UnknownAddress: no actor has that name.
        """
        return Handle(self._edge.address(AddressName(name)))

    def ask(self, name: str, request: Request, timeout: float | None = None) -> Future[Any]:
        """Send a request to an actor; the future ends in its reply.

        Raises:
            UnknownAddress: no actor has that name.
            UnexpectedMessage: the actor does not take such a message.
        """
        return self._edge.ask(AddressName(name), request, timeout)


class _Tap:
    """A function, as a listener: whoever tells it must not die of it."""

    def __init__(self, function: Callable[[Any], None], system: System) -> None:
        self._function = function
        self._system = system

    def tell(self, message: Message) -> None:
        try:
            self._function(message)
        except Exception as error:  # noqa: BLE001 - the user's code; reported
            self._system.log("ERROR", AddressName("Tap"), f"a tap raised {summary(error)}")


def _nothing(_reply: object) -> None:
    return None

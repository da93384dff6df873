"""What a client can ask about, and do to, its session and its actors.

Decides names and deadlines. Does not know how a session is kept (``supervisor.session``).
"""

from collections.abc import Callable
from typing import Any

from actors.future import Future
from actors.middleware import Middleware
from actors.system import System
from messages.base import AddressName, Message, Request
from messages.errors import InvalidArgument, SessionRejected
from messages.raw import SendRaw
from messages.session import (
    Connect,
    ConnectionStatistics,
    Disconnect,
    DisconnectAndHold,
    FrameReceived,
    FrameSent,
    Reconnect,
    SessionState,
    SessionStateChanged,
    Shutdown,
)
from messages.supervision import ActorHealth, GetHealth, LogRecorded
from optionbus.arguments import checked_frame, checked_kind, checked_seconds
from optionbus.callbacks import CallbackActor
from optionbus.edge import Edge, reply_of
from optionbus.handle import Handle
from optionbus.log_stream import LogStream
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
        seconds = checked_seconds("ready", timeout)
        return self._edge.watch.until("The session to become ready", lambda: self.is_connected, seconds)

    def wait_ready(self, timeout: float | None = None) -> None:
        """Block until the session is READY; see ``ready``."""
        self.ready(timeout).get()

    def assets_loaded(self, timeout: float | None = None) -> Future[None]:
        """A future that ends when the assets are known.

        Args:
            timeout: seconds; None waits as long as it takes.

        Raises (from the future):
            DeadlineExceeded: they are not known in time.
        """
        watch, seconds = self._edge.watch, checked_seconds("assets_loaded", timeout)
        return watch.until("The assets to be known", lambda: watch.has_assets, seconds)

    def wait_for_assets(self, timeout: float | None = None) -> None:
        """Block until the assets are known; see ``assets_loaded``."""
        self.assets_loaded(timeout).get()

    def disconnected(self, timeout: float | None = None) -> Future[None]:
        """A future that ends when the session is not READY.

        Args:
            timeout: seconds; None waits as long as it takes.

        Raises (from the future):
            DeadlineExceeded: it is READY all the time.
        """
        seconds = checked_seconds("disconnected", timeout)
        return self._edge.watch.until("The session to be disconnected", lambda: not self.is_connected, seconds)

    def wait_disconnected(self, timeout: float | None = None) -> None:
        """Block until the session is not READY; see ``disconnected``."""
        self.disconnected(timeout).get()

    def states(self) -> Stream[SessionStateChanged]:
        """An iterator and async iterator over the moves of the session from now on.

        It ends with the client, in what ended it (SystemFailed), or when it is closed.

        Example:
            >>> with PocketOption.simulated(seed=7) as client:
            ...     states = client.states()
            ...     client.wait_ready(timeout=10)
            ...     moves = [next(states).state.value for _ in range(5)]
            >>> moves
            ['connecting', 'handshaking', 'authenticating', 'restoring', 'ready']
        """
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
        """Drop the connection and never make another; the actors live on until ``stop``.

        It succeeds also where the session was refused, or the system has failed: there is no connection then.
        """
        if self._edge.system.failed is None:
            return self._edge.ask(SESSION, Shutdown(), convert=_nothing)
        self._edge.tell(SESSION, Shutdown())
        done: Future[None] = Future(self._edge.runtime, "The session to be shut down")
        done.set(None)
        return done

    def add_middleware(self, middleware: Middleware) -> None:
        """Let it look at, change or drop whatever goes over the socket from now on.

        What one of its methods raises is logged, and the frame goes on. Raises InvalidArgument: it is no Middleware.
        """
        checked_kind("add_middleware", "middleware", middleware, Middleware, "a Middleware")
        self._edge.system.middleware.add(middleware)

    def add_tap(self, tap: Callable[[FrameReceived | FrameSent], None] | AddressName) -> None:
        """Show every frame, in and out, to an actor or a function.

        A function is called in the router's and the connection's threads: let it be quick. What it raises is logged.

        Raises:
            UnknownAddress, UnexpectedMessage: no actor has that name, or it does not take frames.
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
        """Send a message as it is. Raises NotConnected from the future where there is no session.

        Raises at once InvalidArgument, of what is neither text nor bytes, and RawOrderRefused, of an order.
        """
        return self._edge.ask(AddressName("Raw"), SendRaw(data=checked_frame(data)), convert=_nothing)

    def on_reconnect(self, callback: Callable[[], None]) -> None:
        """Call this at each login, after the built-in restoring and before READY, on a thread of its own.

        It may send (``subscribe``, ``send_raw`` …) and must not wait for a future. One that raises or takes too long is
        reported and skipped. Raises InvalidArgument: it cannot be called.
        """
        checked_kind("on_reconnect", "callback", callback, Callable, "a function")
        self._edge.add_callback(lambda context: CallbackActor(context, callback))

    def health(self) -> tuple[ActorHealth, ...]:
        """How every actor is: state, thread, mailbox, restarts, age of its last message."""
        health: tuple[ActorHealth, ...] = self._edge.ask(SUPERVISOR, GetHealth(), convert=reply_of("actors")).get()
        return health

    def statistics(self, connection: int = 0) -> ConnectionStatistics:
        """How a connection has been so far: attempts, latency, uptime, traffic and the last events; at once.

        Args:
            connection: which one, where there are several (``subscriptions.connections``); 0 carries the account.

        Raises:
            InvalidArgument: there is no such connection.

        Example:
            >>> with PocketOption.simulated(seed=7) as client:
            ...     client.wait_ready(timeout=10)
            ...     client.statistics().successes
            1
        """
        keepers = self._edge.statistics
        if connection not in range(len(keepers)):
            raise InvalidArgument("statistics", f"there are connections 0 to {len(keepers) - 1}, got {connection!r}")
        return keepers[connection].read()

    def logs(self, level: str = "INFO", timeout: float | None = None) -> Stream[LogRecorded]:
        """An iterator and async iterator over what is logged from now on, without secrets.

        It needs nothing of loguru, and hears levels below the configured one too. It holds as many records as any
        stream (``subscriptions.buffer``); the oldest are lost to a slow reader, and counted in ``.dropped``. Close it
        when it is no longer read: until then as much is recorded as it wants.

        Args:
            level: the lowest that is wanted, from ``"TRACE"``, which shows every frame, to ``"CRITICAL"``.
            timeout: seconds without a record, read or not, after which it ends; None: it ends with the client.

        Raises:
            InvalidArgument: there is no such level, or the timeout is not a number above 0.

        Example:
            >>> client = PocketOption.simulated(seed=7)
            >>> with client:
            ...     records = client.logs("INFO", timeout=5)
            ...     next(records).level
            'INFO'
        """
        return LogStream(self._edge.system, level, timeout, self._edge.settings.subscriptions.buffer)

    def address(self, name: str) -> Handle:
        """An actor's address, to tell it messages. It stays good when the actor is restarted.

        Raises:
            UnknownAddress: no actor has that name.
        """
        return Handle(self._edge.address(AddressName(name)))

    def ask(self, name: str, request: Request, timeout: float | None = None) -> Future[Any]:
        """Send a request to an actor; the future ends in its reply.

        Args:
            name: the actor's.
            request: what it is asked.
            timeout: seconds to wait at most; None: as configured.

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
            name = getattr(self._function, "__name__", "a function")
            self._system.complain(AddressName("Tap"), name, error)


def _nothing(_reply: object) -> None:
    return None

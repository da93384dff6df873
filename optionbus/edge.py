"""The edge: where plain and asyncio code meets the actors.

Decides how a system is put together, started and stopped, how a request becomes a future, and how the states of the
session become futures. Does not know what is asked.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Protocol, TypeVar

from msgspec.structs import replace

from actors.address import Address
from actors.base import Actor
from actors.future import Future, failed
from actors.ports import Transport
from actors.runtime import Runtime
from actors.strategies.strategy import Strategy
from actors.system import System
from messages.base import AddressName, Message, Reply, Request
from messages.errors import ActorCrashed, BusError, UnknownAddress, UsageError
from messages.market import AssetsChanged
from messages.session import SessionState, SessionStateChanged
from messages.supervision import StartChild, StopSystem
from optionbus.arguments import checked_seconds
from optionbus.statistics import StatisticsKeeper
from optionbus.stream import Stream
from supervisor.settings import Settings
from supervisor.spec import Factory
from supervisor.tree import Callbacks, World, name_of, plant, specs

T = TypeVar("T")
S = TypeVar("S", bound=Stream[Any])

SUPERVISOR = AddressName("Supervisor")

STOP_SECONDS = 15.0
"""More than all children together may take to stop."""


class Service(Protocol):
    """Something that has to run while the system runs, such as an embedded broker."""

    def start(self) -> str:
        """Begin; gives the URL to connect to."""

    def stop(self) -> None:
        """End."""


class Edge:
    """One system of actors, seen from outside."""

    def __init__(
        self,
        runtime: Runtime,
        system: System,
        settings: Settings,
        world: World,
        users: Sequence[type[Actor[Any]]] = (),
        service: Service | None = None,
    ) -> None:
        self.runtime = runtime
        self.system = system
        self.settings = settings
        self.callbacks = Callbacks(settings)
        self.watch = SessionWatch(system)
        self.statistics = tuple(StatisticsKeeper(system, line) for line in system.lines)
        self._world = world
        self._users = users
        self._service = service
        self._endings: list[Callable[[], None]] = []
        self._has_started = False
        self._stopping: dict[str, object] = {}  # whoever enters first stops it
        self._stopped: Future[None] = Future(runtime, "The client to stop")

    def start(self) -> None:
        """Start everything; returns at once."""
        if self._has_started:
            raise UsageError("The client was started before. Make a new one: a client is used once.")
        self._has_started = True
        if self._service is not None:
            connection = replace(self.settings.connection, urls=(self._service.start(),))
            self.settings = replace(self.settings, connection=connection)
        try:
            children = specs(self.system, self.settings, self._world, self.callbacks, self._users)
            plant(self.system, children, self.settings)
        except BaseException:
            self._end_service()
            raise

    def stop(self) -> None:
        """Stop everything, the youngest actor first; returns when it is done, whoever began it."""
        self.runtime.refuse_in_handler("Stopping the client")
        if not self._has_started:
            return
        if self._stopping.setdefault("by", mine := object()) is not mine:
            self._stopped.get()
            return
        failure, self.system.failed = self.system.failed, None  # or the answer to the stop would be the failure
        try:
            with suppress(UnknownAddress, ActorCrashed):  # the supervisor gave up before it could be asked
                self.ask(SUPERVISOR, StopSystem(), STOP_SECONDS).get()
        finally:
            self.system.failed = failure
            self.system.close()
            self._world.log_sink.close()
            self._end_service()
            self._stopped.set(None)

    def overhear(self, wrap: Callable[[Transport], Transport], end: Callable[[], None]) -> None:
        """Have the transport replaced by one that listens to it; ``end`` is called when everything has stopped."""
        self._world = replace(self._world, transport=wrap(self._world.transport))
        self._endings.append(end)

    def attend(self, attend: Callable[[Actor[Any]], None]) -> None:
        """Have it told of each life of a user's actor before it begins."""
        self._world = replace(self._world, attend=attend)

    @property
    def strategies(self) -> tuple[AddressName, ...]:
        """What the users' strategies are called."""
        return tuple(name_of(kind) for kind in self._users if issubclass(kind, Strategy))

    def refuse_started(self, what: str) -> None:
        """Raises UsageError where it is too late for that."""
        if self._has_started:
            raise UsageError(f"{what} has to be asked for before the client is started.")

    def _end_service(self) -> None:
        if self._service is not None:
            self._service.stop()
        for end in self._endings:
            end()

    def ask(
        self,
        name: AddressName,
        request: Request,
        timeout_seconds: float | None = None,
        convert: Callable[[Any], Any] = lambda reply: reply,
    ) -> Future[Any]:
        """Send a request at once; the future ends in the reply, converted, or in a typed error by the deadline."""
        self._check(name, request)
        seconds = checked_seconds(type(request).__name__, timeout_seconds)
        seconds = self.settings.requests.timeout_seconds if seconds is None else seconds
        future, reply_to, request_id = self.system.expect(f"{name} for {type(request).__name__}", seconds, convert)
        if not future.done:
            self.system.directory.tell(name, replace(request, reply_to=reply_to, request_id=request_id))
        return future

    def tell(self, name: AddressName, message: Message) -> None:
        """Send a message that nobody answers."""
        self._check(name, message)
        self.system.directory.tell(name, message)

    def address(self, name: AddressName) -> Address[Any]:
        """The address of an actor. Raises UnknownAddress where there is none."""
        found = self.system.directory.get(name)
        if isinstance(found, Address):
            return found
        if not self._has_started:
            raise UsageError("The client has not been started: use it in a with block, or call start().")
        raise UnknownAddress(name, tuple(address.name for address in self.system.directory.addresses()))

    def stream(self, label: str, unpack: Callable[[Any], Any], **options: Any) -> Stream[Any]:  # noqa: ANN401
        """A stream with a name of its own, that ends when the system does; once it has ended, nothing holds it."""
        return self.adopt(Stream(self.new_name(label), self.runtime, unpack, **options))

    def new_name(self, label: str) -> AddressName:
        """A name that nobody else has."""
        return AddressName(f"{label}-{self.system.new_id()}")

    def adopt(self, stream: S) -> S:
        """Let a stream be found by its name and end when the system does."""
        name = AddressName(stream.name)
        self.system.directory.enter(name, stream)
        stream.on_end(lambda: self.system.directory.leave(name))
        stream.on_end(self.system.on_failure(stream.end))
        return stream

    def add_callback(self, factory: Factory) -> None:
        """Have an actor made that is asked to restore the session at each login, after those before it."""
        name = AddressName(f"Callback-{self.system.new_id()}")
        # Its mailbox is there before the supervisor is: it is started as soon as there is one.
        self.system.address(SUPERVISOR).tell(StartChild(name=name, factory=factory))
        self.callbacks.add(name)

    def require_started(self) -> None:
        """Raises UsageError where there are no actors yet; once they have failed the futures say so."""
        if self.system.failed is None:
            self.address(SUPERVISOR)

    def refused(self, what: str, error: BusError) -> Future[Any]:
        """A future that has ended in an error before anything was sent."""
        return failed(self.runtime, what, error)

    def _check(self, name: AddressName, message: Message) -> None:
        if self.system.failed is not None:
            return  # the future says so
        self.address(name).refuse_strange(type(message))


class SessionWatch:
    """Where the session stands, as futures; told by the session's supervisor and the assets' actor."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._waiting: list[tuple[Callable[[], bool], Future[None], str]] = []
        self.state = SessionState.IDLE
        self.error: BusError | None = None
        self.has_assets = False
        for topic in (SessionStateChanged, AssetsChanged):
            system.routes.add(topic, self)

    def tell(self, message: Message) -> None:
        """Note what has changed, and end the futures that waited for it."""
        if isinstance(message, SessionStateChanged):
            self.state, self.error = message.state, message.error or self.error
        elif isinstance(message, AssetsChanged):
            self.has_assets = True
        for entry in list(self._waiting):
            self._look(entry)

    def until(self, what: str, condition: Callable[[], bool], timeout_seconds: float | None) -> Future[None]:
        """A future that ends when the condition holds."""
        future: Future[None] = self._system.promise(what, timeout_seconds)
        entry = (condition, future, what)
        self._waiting.append(entry)
        future.on_done(lambda: self._waiting.remove(entry))
        self._look(entry)
        return future

    def _look(self, entry: tuple[Callable[[], bool], Future[None], str]) -> None:
        condition, future, what = entry
        if condition():
            future.set(None)
            return
        last = f", after: {self.error}" if self.error is not None else ""
        future.what = f"{what} (it is {self.state.value}{last})"


def reply_of(attribute: str) -> Callable[[Reply], Any]:
    """Converts a reply into one of its fields."""
    return lambda reply: getattr(reply, attribute)

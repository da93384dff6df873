"""What the actors of one account share: their runtime, names, routes and ports.

Decides how an event reaches its listeners, what becomes of a message that reaches nobody, and how
a caller's future is tied to an address for one reply. Holds no state of trading. Does not know
which actors there are (``supervisor.tree``).
"""

import itertools
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any

from msgspec import Struct

from actors.address import Address, Directory
from actors.future import Future
from actors.middleware import MiddlewareStack
from actors.routes import Routes
from actors.runtime import Runtime
from messages.base import NOBODY, AddressName, Incarnation, Message, Reply, Request, RequestFailed, RequestId
from messages.errors import ActorCrashed, BusError, SystemFailed
from messages.secret import Secret, redact
from messages.session import SessionState
from messages.supervision import DeadLetter, LogRecorded

LEVELS = {"TRACE": 5, "DEBUG": 10, "INFO": 20, "SUCCESS": 25, "WARNING": 30, "ERROR": 40, "CRITICAL": 50}
LOG = AddressName("Log")
CONNECTION = AddressName("Connection")
USABLE = (SessionState.RESTORING, SessionState.READY)
"""The states in which the modules may send."""


class SessionView(Struct, frozen=True):
    """Where the session stands: written by its supervisor alone, read by anybody."""

    incarnation: Incarnation
    state: SessionState


class Traffic:
    """What went over the sockets so far; each number is written by one thread."""

    def __init__(self) -> None:
        self.frames_received = 0
        self.frames_sent = 0
        self.malformed = 0
        self.payloads_decoded = 0
        self.payloads_rejected = 0
        self.rows_rejected = 0
        self.frames_of_old_incarnations = 0


class System:
    """One account's actors, as they see each other.

    ``secrets`` are cut out of every text; ``log_level`` is the lowest level that is worth making a
    record of.
    """

    def __init__(self, runtime: Runtime, *, secrets: Sequence[Secret] = (), log_level: str = "INFO") -> None:
        self.runtime = runtime
        self.routes = Routes()
        self.directory = Directory(self.refuse)
        self.secrets = tuple(secrets)
        self.session = SessionView(Incarnation(0), SessionState.IDLE)
        self.middleware = MiddlewareStack(self._on_middleware_error)
        self.traffic = Traffic()
        self.dead_letters = 0
        self.errors = 0
        self._log_threshold = LEVELS[log_level]
        self._naming = Lock()
        self._ids = itertools.count(1)
        self._ends: dict[int, Callable[[BusError], None]] = {}
        self.failed: BusError | None = None
        """Why nothing will come any more, once that is so."""

    def address(self, name: AddressName) -> Address[Any]:
        """The address of that name, made if there is none yet."""
        with self._naming:  # or of two callers one would tell an address that nobody finds
            known = self.directory.get(name)
            if isinstance(known, Address):
                return known
            made: Address[Any] = Address(name, self.runtime.mailbox())
            self.directory.enter(name, made)
            return made

    def close_address(self, name: AddressName) -> None:
        """Let nobody be reached there; who waits for an answer is told so."""
        address = self.address(name)
        self.directory.leave(name)
        address.mailbox.close(lambda message: self.refuse(name, message, "the actor was stopped"))

    def publish(self, event: Message) -> None:
        """Tell everybody who listens to the event's class."""
        for listener in self.routes.listeners(type(event)):
            listener.tell(event)

    def sort_out(self, address: Address[Any], failure: str) -> None:
        """After a crash: keep for the next life what may be redelivered, refuse the rest."""
        for message in address.mailbox.retain():
            self.refuse(address.name, message, f"the actor crashed in front of it: {failure}")

    def refuse(self, name: AddressName, message: Message, reason: str) -> None:
        """Bury a message, and tell its asker."""
        self.bury(name, message, reason)
        if isinstance(message, Request) and message.reply_to != NOBODY:
            error = self.failed or ActorCrashed(name, reason)
            self.directory.tell(message.reply_to, RequestFailed(request_id=message.request_id, error=error))

    def bury(self, name: AddressName, message: Message, reason: str) -> None:
        """Count a message that reached nobody; only its type is kept."""
        self.dead_letters += 1
        if not isinstance(message, DeadLetter | LogRecorded):
            self.publish(DeadLetter(to=name, message=type(message).__name__, reason=reason))

    def log(self, level: str, source: AddressName, text: str) -> None:
        """Have a line logged, by the log's own actor: nobody waits for a slow terminal."""
        severity = LEVELS[level]
        if severity >= LEVELS["ERROR"]:
            self.errors += 1
        if severity >= self._log_threshold:
            record = LogRecorded(time=self.runtime.clock.now(), level=level, source=source, text=self.redact(text))
            self.directory.tell(LOG, record)

    def logs(self, level: str) -> bool:
        """Whether records of this level are wanted."""
        return LEVELS[level] >= self._log_threshold

    def redact(self, text: str) -> str:
        """The text without secrets."""
        return redact(text, self.secrets)

    def new_id(self) -> int:
        """A number not given before in this system."""
        return next(self._ids)

    def promise(self, what: str, timeout_seconds: float | None) -> Future[Any]:
        """A future that ends at its deadline, or with the system, if nothing else ends it."""
        future: Future[Any] = Future(self.runtime, what, timeout_seconds)
        forget = self.on_failure(future.set_exception)
        future.on_done(forget)
        if timeout_seconds is not None:
            timer = self.runtime.scheduler.call_later(timeout_seconds, future.expire)
            future.on_done(timer.cancel)
        return future

    def expect(
        self, what: str, timeout_seconds: float | None, convert: Callable[[Any], Any]
    ) -> tuple[Future[Any], AddressName, RequestId]:
        """A future for one reply, with the name and the id to put into the request."""
        request_id = RequestId(self.new_id())
        name = AddressName(f"Caller-{request_id}")
        future = self.promise(what, timeout_seconds)
        self.directory.enter(name, _Caller(future, convert))
        future.on_done(lambda: self.directory.leave(name))
        return future, name, request_id

    def on_failure(self, end: Callable[[BusError], None]) -> Callable[[], None]:
        """Have ``end`` called when nothing will come any more, or now; what is returned takes that back."""
        key = self.new_id()
        self._ends[key] = end
        if self.failed is not None:
            end(self.failed)
        return lambda: self._forget(key)

    def fail(self, error: BusError) -> None:
        """From now on nothing comes any more; whoever waits is told so."""
        self.failed = self.failed or error
        for end in list(self._ends.values()):
            end(self.failed)

    def close(self) -> None:
        """No timer fires any more, nobody waits any more."""
        self.fail(SystemFailed("it was stopped"))
        self.runtime.close()

    def _on_middleware_error(self, hook: str, error: Exception) -> None:
        self.log("ERROR", AddressName("Middleware"), f"{hook} raised {type(error).__name__}: {error}")

    def _forget(self, key: int) -> None:
        self._ends.pop(key, None)


class _Caller:
    """Stands in the directory for somebody who waits for one reply."""

    def __init__(self, future: Future[Any], convert: Callable[[Any], Any]) -> None:
        self._future = future
        self._convert = convert

    def tell(self, message: Reply) -> None:
        if isinstance(message, RequestFailed):
            self._future.set_exception(message.error)
            return
        try:
            self._future.set(self._convert(message))
        except Exception as error:  # noqa: BLE001 - the asker's affair, not that of whoever answers
            self._future.set_exception(error)

"""What the actors of one account share: their runtime, names, routes and ports.

Decides how an event reaches its listeners, what becomes of a message that reaches nobody, and how
a caller's future is tied to an address for one reply. Holds no state of trading. Does not know
which actors there are (``supervisor.tree``).
"""

import itertools
from collections.abc import Callable, Hashable, Sequence
from functools import partial
from threading import Lock
from typing import Any, Protocol

from actors.address import Address, Directory
from actors.failures import summary
from actors.future import Future
from actors.line import Line, SessionView, Traffic
from actors.middleware import MiddlewareStack
from actors.ration import Ration
from actors.routes import Listener, Routes
from actors.runtime import Runtime
from messages.base import NOBODY, AddressName, Message, Reply, Request, RequestFailed, RequestId
from messages.errors import ActorCrashed, BusError, SystemFailed
from messages.secret import Secret, redact
from messages.supervision import DeadLetter, LogRecorded

LEVELS = {"TRACE": 5, "DEBUG": 10, "INFO": 20, "SUCCESS": 25, "WARNING": 30, "ERROR": 40, "CRITICAL": 50}
LOG = AddressName("Log")


class System:
    """One account's actors, as they see each other.

    ``secrets`` are cut out of every text; ``log_level`` is the lowest level that is worth making a
    record of; ``connections`` is how many lines there are.
    """

    def __init__(
        self, runtime: Runtime, *, secrets: Sequence[Secret] = (), log_level: str = "INFO", connections: int = 1
    ) -> None:
        self.runtime = runtime
        self.routes = Routes()
        self.directory = Directory(self.refuse)
        self.secrets = tuple(secrets)
        self.lines = tuple(Line(index) for index in range(connections))
        self.middleware = MiddlewareStack(self._on_middleware_error)
        self._ration = Ration()
        self.dead_letters = 0
        self.errors = 0
        self._log_level = self._log_threshold = LEVELS[log_level]
        self._log_followers: dict[int, tuple[int, LogFollower]] = {}
        self._is_log_over = False
        self._naming = Lock()
        self._ids = itertools.count(1)
        self._ends: dict[int, Callable[[BusError], None]] = {}
        self.failed: BusError | None = None
        """Why nothing will come any more, once that is so."""

    @property
    def session(self) -> SessionView:
        """Where the session of the account stands, that of line 0."""
        return self.lines[0].session

    @property
    def traffic(self) -> Traffic:
        """What went over line 0."""
        return self.lines[0].traffic

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

    def publish(self, event: Message, topic: Hashable = None) -> None:
        """Tell everybody who listens to the topic, which is the event's class if not given."""
        for listener in self.routes.listeners(type(event) if topic is None else topic):
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

    def complain(self, source: AddressName, what: str, error: Exception) -> None:
        """Have it logged that the user's code raised, once in a while where it does so for every frame."""
        more = self._ration.take((source, what, type(error)), self.runtime.clock.monotonic())
        if more is not None:
            self.log("ERROR", source, f"{what} raised {summary(error)}{more}")

    def logs(self, level: str) -> bool:
        """Whether records of this level are wanted."""
        return LEVELS[level] >= self._log_threshold

    def writes(self, level: str) -> bool:
        """Whether records of this level are written, and not only followed."""
        return LEVELS[level] >= self._log_level

    def follow_log(self, level: str, follower: "LogFollower") -> Callable[[], None]:
        """Have it told every record from this level up; what is returned takes that back."""
        key = self.new_id()
        with self._naming:
            self._log_followers = {**self._log_followers, key: (LEVELS[level], follower)}
            self._settle_log()
        if self._is_log_over:
            follower.end()
        return lambda: self._leave_log(key)

    def log_followers(self, level: str) -> list["LogFollower"]:
        """Who follows records of this level."""
        return [follower for lowest, follower in self._log_followers.values() if LEVELS[level] >= lowest]

    def end_log(self) -> None:
        """Tell who follows the log that nothing more will be logged."""
        self._is_log_over = True
        for _, follower in self._log_followers.values():
            follower.end()

    def redact(self, text: str) -> str:
        """The text without secrets."""
        return redact(text, self.secrets)

    def new_id(self) -> int:
        """A number not given before in this system."""
        return next(self._ids)

    def promise(
        self, what: str, timeout_seconds: float | None, forget: Callable[[], None] | None = None
    ) -> Future[Any]:
        """A future that ends at its deadline, or with the system; ``forget`` is called when it has ended."""
        future: Future[Any] = Future(self.runtime, what, timeout_seconds)
        timer = None
        if timeout_seconds is not None:
            timer = self.runtime.scheduler.call_later(timeout_seconds, future.expire)
        key = self.new_id()
        self._ends[key] = future.set_exception

        def let_go() -> None:  # of all that holds on to it, at once: this is on the way of every order
            self._ends.pop(key, None)
            if timer is not None:
                timer.cancel()
            if forget is not None:
                forget()

        future.on_done(let_go)
        if self.failed is not None:
            future.set_exception(self.failed)
        return future

    def expect(
        self, what: str, timeout_seconds: float | None, convert: Callable[[Any], Any]
    ) -> tuple[Future[Any], AddressName, RequestId]:
        """A future for one reply, with the name and the id to put into the request."""
        request_id = RequestId(self.new_id())
        name = AddressName(f"Caller-{request_id}")
        leave = partial(self.directory.leave, name)
        future = self.promise(what, timeout_seconds, leave)
        self.directory.enter(name, _Caller(future, convert))
        if future.done:
            leave()
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
        self.end_log()
        self.runtime.close()

    def _on_middleware_error(self, hook: str, error: Exception) -> None:
        self.complain(AddressName("Middleware"), hook, error)

    def _leave_log(self, key: int) -> None:
        with self._naming:
            self._log_followers = {other: entry for other, entry in self._log_followers.items() if other != key}
            self._settle_log()

    def _settle_log(self) -> None:
        """Have as much recorded as somebody wants."""
        self._log_threshold = min([self._log_level, *(level for level, _ in self._log_followers.values())])
        log = self.directory.get(LOG)
        if log is not None and self.logs("TRACE"):
            self.routes.add_tap(log)
        elif log is not None:
            self.routes.remove_tap(log)

    def _forget(self, key: int) -> None:
        self._ends.pop(key, None)


class LogFollower(Listener, Protocol):
    """Somebody who is told what is logged, until there is no more."""

    def end(self) -> None:
        """Nothing more will come."""


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

"""One life of an actor: begin, step by step, finish; and the one report of how it ended.

Theory of operation. A runtime runs it. pykka's own loop is replaced, because it reports a failed tell only, answers
an unhandled message with None, throws away what waited, and lets a BaseException stop every actor of the process.
Here every way out ends in ``finish``, and ``finish`` reports once.

Decides what a failure is, who is told of it and what becomes of the messages behind it. Does not know whether anybody
restarts it, nor on which runtime it lives.
"""

from typing import Any, Protocol

import pykka
from msgspec.structs import replace

from actors.context import Context, Reminder
from actors.failures import summary, trace
from actors.mailbox import WAKE, Mailbox
from messages.base import NOBODY, Message, Request
from messages.errors import ActorCrashed, BusError
from messages.supervision import ActorExited, ExitReason


class Living(Protocol):
    """What a life needs of an actor: pykka's hooks, its reference, its context."""

    context: Context

    @property
    def actor_ref(self) -> "pykka.ActorRef[Any]":
        """The reference that pykka knows it by."""

    def on_start(self) -> None:
        """Called first."""

    def on_receive(self, message: Any) -> None:  # noqa: ANN401 - whatever its inbox takes
        """Called for each message."""

    def on_stop(self) -> None:
        """Called last, after a stop."""

    def on_failure(self, exception_type: Any, exception_value: Any, traceback: Any) -> None:  # noqa: ANN401
        """Called last, after a failure."""


class OnStart(Message, frozen=True, kw_only=True):
    """What an actor is busy with before its first message."""


_STARTING = OnStart()


class Life:
    """The life of one incarnation."""

    def __init__(self, actor: Living) -> None:
        self._actor = actor
        self._context = actor.context
        self._alive = True
        self._error: BaseException | None = None
        self._exit = ActorExited(
            name=self._context.name, incarnation=self._context.incarnation, reason=ExitReason.STOPPED
        )

    @property
    def thread_name(self) -> str:
        """The actor's name, and which life it is."""
        return f"{self._context.name}-{self._context.incarnation}"

    @property
    def mailbox(self) -> Mailbox:
        """The address's mailbox: it was there before this life and outlives it."""
        return self._context.address.mailbox

    def stop(self) -> None:
        """Let it end before the next message; what waits stays where it is."""
        self._alive = False
        self.mailbox.wake()

    def run(self) -> None:
        """Live a whole life, on the calling thread."""
        try:
            if self.begin():
                get = self.mailbox.get
                while self.step(get()):
                    pass
        finally:
            self.finish()

    def begin(self) -> bool:
        """Run ``on_start``."""
        vitals = self._context.address.vitals
        vitals.thread, vitals.state = self.thread_name, "running"
        vitals.since, vitals.message = self._context.clock.monotonic(), _STARTING
        try:
            self._actor.on_start()
        except BaseException as error:  # noqa: BLE001 - every way of dying is an exit report
            self._fail(ExitReason.FAILED_TO_START, error)
        if self._alive:
            vitals.message = None
        return self._alive

    def step(self, message: Any) -> bool:  # noqa: ANN401 - a message or WAKE
        """Handle one message."""
        if type(message) is Reminder:
            message = message.message if message.incarnation == self._context.incarnation else WAKE
        if message is not WAKE:
            vitals = self._context.address.vitals
            vitals.since, vitals.message = self._context.clock.monotonic(), message
            try:
                self._actor.on_receive(message)
            except BaseException as error:  # noqa: BLE001 - pykka would stop every actor of the process
                self._fail(ExitReason.FAILED, error, message)
            vitals.handled += 1
            if self._alive:  # else it may have been abandoned, and the vitals be another's
                vitals.message = None
        return self._alive

    def finish(self) -> None:
        """Run ``on_stop`` or ``on_failure``, and report the end to the parent, once."""
        self._alive = False
        try:
            self._run_last_hook()
        finally:
            pykka.ActorRegistry.unregister(self._actor.actor_ref)
            self._report()

    def _run_last_hook(self) -> None:
        try:
            if self._error is None:
                self._actor.on_stop()
            else:
                self._actor.on_failure(type(self._error), self._error, self._error.__traceback__)
        except BaseException as error:  # noqa: BLE001 - as above
            self._fail(ExitReason.FAILED_TO_STOP, error)

    def _fail(self, reason: ExitReason, error: BaseException, message: Message | None = None) -> None:
        self._alive = False
        failure = self._context.system.redact(summary(error))
        if self._error is None:  # the first failure is the one that counts
            self._error = error
            # Told without its traceback, whose frames may hold what no reader of the report is to see.
            expected = error.with_traceback(None) if isinstance(error, BusError) else None
            self._exit = replace(self._exit, reason=reason, error=expected, failure=failure)
        if isinstance(message, Request):
            self._context.fail(message, ActorCrashed(self._context.name, failure))
        if not isinstance(error, BusError):  # those are expected; they are told, not traced
            self._context.log("ERROR", f"{reason.value}\n{trace(error)}")

    def _report(self) -> None:
        context, vitals = self._context, self._context.address.vitals
        if vitals.incarnation != context.incarnation:  # it was abandoned, and lives again without us
            return
        if context.system.directory.get(context.name) not in (None, context.address):  # forgotten: it is another's name
            return
        if self._error is not None:
            context.system.sort_out(context.address, self._exit.failure)
        else:
            self.mailbox.settle()
        vitals.state, vitals.message = self._exit.reason.value, None
        if context.parent != NOBODY:
            context.tell(context.parent, replace(self._exit, messages_left=len(self.mailbox)))

"""The session's supervisor: keeps one connection alive, and restores on each new one what was on the old.

Theory of operation. Every event of the session's life goes through the table of ``supervisor.lifecycle``; what is done
follows from the move. One child, the connection, lives for one socket. Between its lives lie backoff, hold or the end.
After login the reconnect callbacks run one after another, each with a deadline; then the session is READY.

Each line has one. That of line 0 passes on to the others what it is commanded, and its end is the end of the system;
any other that is refused or gives up costs the line alone.

Decides when to connect, to wait, to give up. Does not know what travels on the connection.
"""

from collections import deque
from collections.abc import Callable, Sequence
from typing import assert_never

from actors.base import Actor, Context
from actors.line import SessionView
from messages.base import AddressName, Done, Incarnation, Message, RequestFailed, RequestId
from messages.errors import (
    BusError,
    ConnectionLost,
    SessionEnded,
    SessionRejected,
    SystemFailed,
    UsageError,
)
from messages.session import (
    Connect,
    Disconnect,
    DisconnectAndHold,
    GetSession,
    LifecycleCommand,
    Reconnect,
    RestoreSession,
    Session,
    SessionAdvanced,
    SessionLost,
    SessionReady,
    SessionRestored,
    SessionState,
    SessionStateChanged,
    Shutdown,
)
from messages.supervision import ActorExited, StopSystem
from supervisor.backoff import Attempts, Backoff
from supervisor.child import Child
from supervisor.lifecycle import LIVE, IllegalTransition, LifecycleEvent, advance

KICKS = 3
KICK_SECONDS = 60.0
"""The platform ending the session so often within that time is a refusal."""

_EVENT_OF_COMMAND = {
    Connect: LifecycleEvent.CONNECT,
    Disconnect: LifecycleEvent.DISCONNECT,
    DisconnectAndHold: LifecycleEvent.HOLD,
    Reconnect: LifecycleEvent.RECONNECT,
    Shutdown: LifecycleEvent.SHUTDOWN,
}
_EVENT_OF_ADVANCE = {
    SessionState.HANDSHAKING: LifecycleEvent.OPENED,
    SessionState.AUTHENTICATING: LifecycleEvent.SHAKEN,
    SessionState.RESTORING: LifecycleEvent.AUTHENTICATED,
}

_BEGINNINGS = {
    SessionState.HELD: LifecycleEvent.HOLD,
    SessionState.REJECTED: LifecycleEvent.SHUTDOWN,
    SessionState.CLOSED: LifecycleEvent.SHUTDOWN,
}
"""How a supervisor that died in such a state begins; in all others it connects."""


class _RetryDue(Message, frozen=True, kw_only=True):
    attempt: int


class _RestoreOverdue(Message, frozen=True, kw_only=True):
    request_id: RequestId


class _StableDue(Message, frozen=True, kw_only=True):
    incarnation: Incarnation


class _StopOverdue(Message, frozen=True, kw_only=True):
    incarnation: Incarnation


Inbox = (
    LifecycleCommand
    | GetSession
    | SessionAdvanced
    | ActorExited
    | SessionRestored
    | RequestFailed
    | StopSystem
    | _RetryDue
    | _RestoreOverdue
    | _StableDue
    | _StopOverdue
)


class RestoreCallback(Message, frozen=True, kw_only=True):
    """A reconnect callback: who is asked to restore, and how long it may take."""

    name: AddressName
    deadline_seconds: float = 10.0


class SessionMemory:
    """What outlives a crash of the session's supervisor: its child, and what it was about."""

    def __init__(self, connection: Child, attempts: Attempts) -> None:
        self.connection = connection
        self.attempts = attempts
        self.beginning = LifecycleEvent.CONNECT
        """What the next incarnation of the supervisor begins with."""


class SessionActor(Actor[Inbox]):
    """Supervises the connection.

    ``callbacks`` gives the reconnect callbacks in order of registration, asked anew at each login.
    """

    def __init__(
        self,
        context: Context,
        memory: SessionMemory,
        backoff: Backoff,
        callbacks: Callable[[], Sequence[RestoreCallback]],
    ) -> None:
        super().__init__(context)
        self._memory = memory
        self._connection = memory.connection
        self._attempts = memory.attempts
        self._backoff = backoff
        self._callbacks = callbacks
        self._state = SessionState.IDLE
        self._error: BusError | None = None
        self._attempt = 0
        self._kicks: deque[float] = deque(maxlen=KICKS)
        self._restoring: deque[RestoreCallback] = deque()
        self._awaited = RequestId(0)
        self._ending = False

    def on_start(self) -> None:
        """Connect, unless it was held or shut down: a supervisor that was restarted begins anew, on a new socket."""
        if self._connection.is_up:
            self._drop(ConnectionLost("its supervisor was restarted"))
        self._move(self._memory.beginning)

    def on_failure(self, *_failure: object) -> None:
        """Let no connection outlive its supervisor."""
        self._connection.request_stop()

    def on_receive(self, message: Inbox) -> None:  # noqa: C901 - one case a message
        """Handle one message."""
        match message:
            case Connect() | Disconnect() | DisconnectAndHold() | Reconnect() | Shutdown():
                self._on_command(message)
            case GetSession():
                self._on_get_session(message)
            case SessionAdvanced():
                self._on_session_advanced(message)
            case ActorExited():
                self._on_actor_exited(message)
            case SessionRestored() | RequestFailed():
                self._on_restored(message)
            case StopSystem():
                self._on_stop_system()
            case _RetryDue():
                self._on_retry_due(message)
            case _RestoreOverdue():
                self._on_restore_overdue(message)
            case _StableDue():
                self._on_stable_due(message)
            case _StopOverdue():
                self._on_stop_overdue(message)
            case _:
                assert_never(message)

    def _on_command(self, command: LifecycleCommand) -> None:
        try:
            self._move(_EVENT_OF_COMMAND[type(command)])
        except IllegalTransition as error:
            self.context.fail(command, self._error or error)
        else:
            self._pass_on(type(command)())
            self.context.reply(command, Done(request_id=command.request_id))

    def _pass_on(self, command: LifecycleCommand) -> None:
        """Have the other lines do as line 0."""
        for line in self.context.system.lines[1:] if not self.context.line.index else ():
            self.context.tell(line.name("Session"), command)

    def _on_get_session(self, query: GetSession) -> None:
        incarnation = self._connection.incarnation
        self.context.reply(
            query,
            Session(request_id=query.request_id, incarnation=incarnation, state=self._state, error=self._error),
        )

    def _on_session_advanced(self, event: SessionAdvanced) -> None:
        if event.incarnation == self._connection.incarnation and not self._connection.asked_to_stop:
            self._move(_EVENT_OF_ADVANCE[event.state])

    def _on_actor_exited(self, exit_: ActorExited) -> None:
        if exit_.incarnation != self._connection.incarnation or not self._connection.is_up:
            return
        self._connection.exited()
        self._on_connection_gone(exit_)

    def _on_connection_gone(self, exit_: ActorExited) -> None:
        self.context.publish(exit_)
        if self._ending:
            super().request_stop()
        elif not self._connection.asked_to_stop:
            self._lose(exit_.error or ConnectionLost(f"the connection's actor failed: {exit_.failure}"))
        elif self._state is SessionState.CONNECTING:
            self._start_connection()

    def _lose(self, error: BusError) -> None:
        if isinstance(error, SessionRejected) or self._was_kicked_too_often(error):
            self._reject(error if isinstance(error, SessionRejected) else SessionRejected("it ends every session"))
            return
        # A URL or a proxy that cannot be used will not be usable the next time.
        is_hopeless = isinstance(error, UsageError) and self._state is SessionState.CONNECTING
        delay = None if is_hopeless else self._attempts.failed()
        self._move(LifecycleEvent.LOST, error, retry_in=delay)
        if delay is None:
            self._give_up(error)
        else:
            self._retry_in(delay)

    def _was_kicked_too_often(self, error: BusError) -> bool:
        if not isinstance(error, SessionEnded):
            return False
        now = self.context.clock.monotonic()
        self._kicks.append(now)
        return len(self._kicks) == KICKS and now - self._kicks[0] <= KICK_SECONDS

    def _reject(self, error: SessionRejected) -> None:
        self._end_line(LifecycleEvent.REFUSED, error, error)

    def _give_up(self, error: BusError) -> None:
        attempts = f"no connection after {self._attempts.failures} attempts: {error}"
        failed = error if isinstance(error, UsageError) else SystemFailed(attempts)
        self._end_line(LifecycleEvent.GAVE_UP, error, failed)

    def _end_line(self, event: LifecycleEvent, error: BusError, failed: BusError) -> None:
        line = self.context.line
        line.has_given_up = True  # before the move is told: whoever hears of it looks here
        self._move(event, error)
        if line.index or event is LifecycleEvent.REFUSED:
            self.context.log("ERROR", str(failed))
        if not line.index:
            self._pass_on(Shutdown())
            self.context.system.fail(failed)

    def _retry_in(self, delay: float) -> None:
        self._attempt += 1
        self.context.after(delay, _RetryDue(attempt=self._attempt))

    def _on_retry_due(self, due: _RetryDue) -> None:
        if due.attempt == self._attempt and self._state is SessionState.BACKING_OFF:
            self._move(LifecycleEvent.RETRY_DUE)

    def _move(self, event: LifecycleEvent, error: BusError | None = None, retry_in: float | None = None) -> None:
        """Make the move, say so, and do what it means."""
        before, self._state = self._state, advance(self._state, event)
        self._error = error
        if not self._ending:
            self._memory.beginning = _BEGINNINGS.get(self._state, LifecycleEvent.CONNECT)
        dropped = before in LIVE and (self._state not in LIVE or event is LifecycleEvent.RECONNECT)
        self._say(before, retry_in)
        if dropped:
            self._drop(error or ConnectionLost(event.value))
        self._enter(event)

    def _say(self, before: SessionState, retry_in: float | None) -> None:
        incarnation = self._connection.incarnation
        self.context.line.session = SessionView(incarnation, self._state)
        if before is not self._state:
            changed = SessionStateChanged(
                incarnation=incarnation,
                before=before,
                state=self._state,
                error=self._error,
                retry_in_seconds=retry_in,
            )
            self.context.publish(changed)
            if self.context.line.index:
                self._log_move()

    def _log_move(self) -> None:
        # What line 0 does is an event that the log hears; the events of the others are told to few.
        reason = f": {self._error}" if self._error is not None else ""
        level = "WARNING" if reason else "INFO" if self._state is SessionState.READY else "DEBUG"
        self.context.log(level, f"session {self._state.value}{reason}")

    def _drop(self, error: BusError) -> None:
        self._restoring.clear()
        incarnation = self._connection.incarnation
        self.context.publish(SessionLost(incarnation=incarnation, error=error))
        if self._connection.is_up:
            self._connection.request_stop()
            self.context.after(self._connection.spec.shutdown_seconds, _StopOverdue(incarnation=incarnation))

    def _enter(self, event: LifecycleEvent) -> None:
        match self._state:
            case SessionState.CONNECTING:
                self._start_connection()
            case SessionState.BACKING_OFF if event is LifecycleEvent.DISCONNECT:
                self._retry_in(0.0)
            case SessionState.RESTORING if event is LifecycleEvent.AUTHENTICATED:
                self._restoring = deque(self._callbacks())
                self._restore_next()
            case SessionState.READY if event is LifecycleEvent.RESTORED:
                self._on_ready()

    def _start_connection(self) -> None:
        if self._connection.is_up:
            return  # it is still leaving; its exit starts the next
        # Said before it starts: from now on frames of the one before are old.
        following = Incarnation(self._connection.incarnation + 1)
        self.context.line.session = SessionView(following, self._state)
        self._connection.start()

    def _restore_next(self) -> None:
        if not self._restoring:
            self._move(LifecycleEvent.RESTORED)
            return
        callback = self._restoring[0]
        self._awaited = RequestId(self.context.system.new_id())
        restore = RestoreSession(
            reply_to=self.context.name,
            request_id=self._awaited,
            incarnation=self._connection.incarnation,
            line=self.context.line.index,
        )
        self.context.tell(callback.name, restore)
        self.context.after(callback.deadline_seconds, _RestoreOverdue(request_id=self._awaited))

    def _on_restored(self, reply: SessionRestored | RequestFailed) -> None:
        if reply.request_id != self._awaited or self._state is not SessionState.RESTORING:
            return
        if isinstance(reply, RequestFailed):
            self.context.log("ERROR", f"{self._restoring[0].name} did not restore: {reply.error}")
        self._restoring.popleft()
        self._restore_next()

    def _on_restore_overdue(self, overdue: _RestoreOverdue) -> None:
        if overdue.request_id == self._awaited and self._state is SessionState.RESTORING and self._restoring:
            late = self._restoring.popleft()
            self.context.log("WARNING", f"{late.name} did not restore within {late.deadline_seconds:g} s; going on")
            self._restore_next()

    def _on_ready(self) -> None:
        incarnation = self._connection.incarnation
        self.context.publish(SessionReady(incarnation=incarnation))
        self.context.after(self._backoff.stable_seconds, _StableDue(incarnation=incarnation))

    def _on_stable_due(self, due: _StableDue) -> None:
        if due.incarnation == self._connection.incarnation and self._state is SessionState.READY:
            self._attempts.succeeded()

    def _on_stop_overdue(self, overdue: _StopOverdue) -> None:
        if overdue.incarnation == self._connection.incarnation and self._connection.is_up:
            self._on_connection_gone(self._connection.abandon())

    def request_stop(self) -> None:
        """Let the connection end first."""
        self.mailbox.put(StopSystem())

    def _on_stop_system(self) -> None:
        self._ending = True
        if self._state is not SessionState.CLOSED:
            self._move(LifecycleEvent.SHUTDOWN)
        if not self._connection.is_up:
            super().request_stop()

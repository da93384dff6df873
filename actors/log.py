"""The log tap: the one actor that writes to the log, so that nobody else waits for a slow terminal.

Decides which events are worth a line, and at which level; who follows the log is told the same lines. Does not know
where lines go (``LogSink``). Frames are tapped at level TRACE only.
"""

from queue import Empty
from typing import ClassVar, assert_never

from actors.base import Actor, Context
from actors.mailbox import WAKE
from actors.ports import LogSink
from messages.session import FrameReceived, FrameSent, SessionState, SessionStateChanged
from messages.supervision import ActorExited, ActorHung, ActorRestarted, DeadLetter, ExitReason, LogRecorded

Inbox = (
    LogRecorded
    | SessionStateChanged
    | ActorExited
    | ActorHung
    | ActorRestarted
    | DeadLetter
    | FrameReceived
    | FrameSent
)

SHOWN_CHARACTERS = 500
"""How much of a frame is shown."""


class LogActor(Actor[Inbox]):
    """Writes to ``sink``."""

    listens: ClassVar = (SessionStateChanged, ActorExited, ActorHung, ActorRestarted, DeadLetter)

    def __init__(self, context: Context, sink: LogSink) -> None:
        super().__init__(context)
        self._sink = sink

    def on_start(self) -> None:
        """Tap the frames, if anybody wants to see them."""
        if self.context.system.logs("TRACE"):
            self.context.system.routes.add_tap(self.context.address)

    def on_stop(self) -> None:
        """Write what still waits: the last words of the others."""
        while (message := self._next()) is not None:
            if message is not WAKE:
                self.on_receive(message)
        self.context.system.end_log()

    def on_receive(self, message: Inbox) -> None:
        """Handle one message."""
        match message:
            case LogRecorded():
                self._put(message)
            case SessionStateChanged():
                self._on_session_state_changed(message)
            case ActorExited():
                self._on_actor_exited(message)
            case ActorHung():
                text = f"{message.name} has been busy with {message.message} for {message.seconds:.1f} s"
                self._write("WARNING", text)
            case ActorRestarted():
                self._write("INFO", f"{message.name} lives again, life {message.incarnation}")
            case DeadLetter():
                self._write("DEBUG", f"{message.message} reached nobody at {message.to}: {message.reason}")
            case FrameReceived():
                self._write("TRACE", f"received {self._shown(message.frame.text)} {self._shown(message.frame.payload)}")
            case FrameSent():
                self._write("TRACE", f"sent {message.text}")
            case _:
                assert_never(message)

    def _on_session_state_changed(self, event: SessionStateChanged) -> None:
        reason = f": {event.error}" if event.error is not None else ""
        retry = f"; next attempt in {event.retry_in_seconds:.2f} s" if event.retry_in_seconds is not None else ""
        self._write(_level_of(event), f"session {event.state.value}{reason}{retry}")

    def _on_actor_exited(self, exit_: ActorExited) -> None:
        level = "DEBUG" if exit_.reason is ExitReason.STOPPED or exit_.error is not None else "WARNING"
        failure = f" ({exit_.failure})" if exit_.failure else ""
        self._write(level, f"{exit_.name} {exit_.reason.value}{failure}, {exit_.messages_left} messages left")

    def _write(self, level: str, text: str) -> None:
        system = self.context.system
        if system.logs(level):
            now = self.context.clock.now()
            self._put(LogRecorded(time=now, level=level, source=self.context.name, text=system.redact(text)))

    def _put(self, record: LogRecorded) -> None:
        system = self.context.system
        for follower in system.log_followers(record.level):
            follower.tell(record)
        if system.writes(record.level):
            self._sink.write(record.level, record.source, record.text)

    def _next(self) -> Inbox | None:
        try:
            waiting: Inbox = self.mailbox.get(block=False)
        except Empty:
            return None
        return waiting

    def _shown(self, data: bytes) -> str:
        # Cleaned before it is cut: half a secret would not be known for one.
        text = self.context.system.redact(data.decode(errors="replace"))
        return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}… ({len(data)} bytes)"


def _level_of(event: SessionStateChanged) -> str:
    if event.error is not None and event.state is not SessionState.REJECTED:  # that one is logged as an error
        return "WARNING"
    return "INFO" if event.state in (SessionState.READY, SessionState.BACKING_OFF) else "DEBUG"

"""The word that keeps the platform from closing a quiet connection.

Decides when it is said. Does not know the pings of the transport: the connection answers those.
"""

from typing import ClassVar, Final, assert_never

from actors.base import Actor, Context
from actors.line import SessionView
from messages.base import Incarnation, Message
from messages.session import SessionReady, SessionState
from messages.wire.commands import keep_alive

PERIOD_SECONDS: Final = 20.0
"""How often a browser says it."""


class _KeepAliveDue(Message, frozen=True, kw_only=True):
    incarnation: Incarnation


Inbox = SessionReady | _KeepAliveDue


class KeepAliveActor(Actor[Inbox]):
    """Keeps the connection alive."""

    listens: ClassVar = (SessionReady,)

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._kept: Incarnation | None = None

    def on_start(self) -> None:
        """Go on where the incarnation before stopped."""
        session = self.context.session
        if session.state is SessionState.READY:
            self._keep(session.incarnation)

    def on_receive(self, message: Inbox) -> None:
        """Handle one message."""
        match message:
            case SessionReady():
                self._keep(message.incarnation)
            case _KeepAliveDue():
                self._on_keep_alive_due(message)
            case _:
                assert_never(message)

    def _keep(self, incarnation: Incarnation) -> None:
        if incarnation != self._kept:  # after a crash it may have begun before this is heard
            self._kept = incarnation
            self._wait(incarnation)

    def _on_keep_alive_due(self, due: _KeepAliveDue) -> None:
        if self.context.session == SessionView(due.incarnation, SessionState.READY):
            self.context.send(keep_alive())
            self._wait(due.incarnation)

    def _wait(self, incarnation: Incarnation) -> None:
        self.context.after(PERIOD_SECONDS, _KeepAliveDue(incarnation=incarnation))

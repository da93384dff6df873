"""A user's reconnect callback, as an actor: it has a thread of its own, and a deadline.

Decides that it is called once for each login, and that one that raises is reported and no crash: however often it does,
it must not use up the restarts that all actors share. Does not know what it does.
"""

from collections.abc import Callable
from typing import ClassVar

from actors.base import Actor, Context
from actors.failures import summary, trace
from messages.errors import ActorCrashed
from messages.session import RestoreSession, SessionRestored


class CallbackActor(Actor[RestoreSession]):
    """Calls ``callback`` when the session is restored."""

    listens: ClassVar = ()

    def __init__(self, context: Context, callback: Callable[[], None]) -> None:
        super().__init__(context)
        self._callback = callback

    def on_receive(self, message: RestoreSession) -> None:
        """Handle one message."""
        try:
            self._callback()
        except Exception as error:  # noqa: BLE001 - the user's code; reported
            self.context.log("ERROR", trace(error))
            self.context.fail(message, ActorCrashed(self.context.name, self.context.system.redact(summary(error))))
            return
        restored = SessionRestored(request_id=message.request_id, incarnation=message.incarnation)
        self.context.reply(message, restored)

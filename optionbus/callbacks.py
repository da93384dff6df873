"""A user's reconnect callback, as an actor: it has a thread of its own, and a deadline.

Decides that it is called once for each login. Does not know what it does.
"""

from collections.abc import Callable
from typing import ClassVar

from actors.base import Actor, Context
from messages.session import RestoreSession, SessionRestored


class CallbackActor(Actor[RestoreSession]):
    """Calls ``callback`` when the session is restored; if it raises, its supervisor is told, like of any crash."""

    listens: ClassVar = ()

    def __init__(self, context: Context, callback: Callable[[], None]) -> None:
        super().__init__(context)
        self._callback = callback

    def on_receive(self, message: RestoreSession) -> None:
        """Handle one message."""
        self._callback()
        restored = SessionRestored(request_id=message.request_id, incarnation=message.incarnation)
        self.context.reply(message, restored)

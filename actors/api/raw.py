"""Whatever the other modules have no words for: frames sent as they are, and frames picked by a rule.

Decides who has a handler, and what is sent again for it on a new connection. Does not know what is in a frame; the
router finds those that match.
"""

from typing import ClassVar, assert_never

from actors.address import Addressee
from actors.base import Actor, Context
from actors.rules import Rule
from messages.base import AddressName, Done
from messages.errors import NotConnected, UnknownAddress
from messages.raw import AddRawHandler, RemoveRawHandler, SendRaw
from messages.session import RestoreSession, SessionRestored

Inbox = SendRaw | AddRawHandler | RemoveRawHandler | RestoreSession


class RawMemory:
    """What outlives connections and crashes: the handlers, each with what is to be sent for it."""

    def __init__(self) -> None:
        self.handlers: dict[AddressName, tuple[Addressee, str | bytes | None]] = {}


class RawActor(Actor[Inbox]):
    """Sends raw frames and keeps the raw handlers."""

    listens: ClassVar = ()

    def __init__(self, context: Context, memory: RawMemory) -> None:
        super().__init__(context)
        self._handlers = memory.handlers
        self._routes = context.system.routes

    def on_receive(self, message: Inbox) -> None:
        """Handle one message."""
        match message:
            case SendRaw():
                self._on_send_raw(message)
            case AddRawHandler():
                self._on_add_raw_handler(message)
            case RemoveRawHandler():
                self._on_remove_raw_handler(message)
            case RestoreSession():
                self._on_restore_session(message)
            case _:
                assert_never(message)

    def _on_send_raw(self, command: SendRaw) -> None:
        if self.context.send(command.data):
            self.context.reply(command, Done(request_id=command.request_id))
        else:
            self.context.fail(command, NotConnected(self.context.session.state.value))

    def _on_add_raw_handler(self, command: AddRawHandler) -> None:
        listener = self.context.system.directory.get(command.name)
        if listener is None:
            self.context.fail(command, UnknownAddress(command.name, ()))
            return
        self._remove(command.name)
        self._routes.add_rule(Rule(f"raw({command.name})", command.matches), listener)
        self._handlers[command.name] = (listener, command.keep_alive)
        self.context.reply(command, Done(request_id=command.request_id))

    def _on_remove_raw_handler(self, command: RemoveRawHandler) -> None:
        self._remove(command.name)
        self.context.reply(command, Done(request_id=command.request_id))

    def _remove(self, name: AddressName) -> None:
        if name in self._handlers:
            listener, _ = self._handlers.pop(name)
            self._routes.remove_rules(listener)

    def _on_restore_session(self, command: RestoreSession) -> None:
        for _, keep_alive in self._handlers.values():
            if keep_alive is not None:
                self.context.send(keep_alive)
        restored = SessionRestored(request_id=command.request_id, incarnation=command.incarnation)
        self.context.reply(command, restored)

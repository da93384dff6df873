"""Whatever the other modules have no words for: frames sent as they are, and frames picked by a rule.

Decides who has a handler, what is sent again for it on a new connection, and that no order is sent here. Does not know
what is in a frame that came; the router finds those that match.
"""

from typing import ClassVar, assert_never

from actors.address import Addressee
from actors.base import Actor, Context
from actors.rules import Rule
from messages.base import AddressName, Done
from messages.errors import NotConnected, RawOrderRefused, UnknownAddress
from messages.raw import AddRawHandler, RemoveRawHandler, SendRaw
from messages.session import RestoreSession, SessionRestored
from messages.wire.commands import order_in

Inbox = SendRaw | AddRawHandler | RemoveRawHandler | RestoreSession


class RawMemory:
    """What outlives connections and crashes, beside the routes: what is to be sent for the handlers, by their names."""

    def __init__(self) -> None:
        self.keep_alives: dict[AddressName, str | bytes] = {}


class RawActor(Actor[Inbox]):
    """Sends raw frames and keeps the raw handlers."""

    listens: ClassVar = ()

    def __init__(self, context: Context, memory: RawMemory) -> None:
        super().__init__(context)
        self._keep_alives = memory.keep_alives
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
        if (order := order_in(command.data)) is not None:
            self.context.fail(command, RawOrderRefused(order))
        elif self.context.send(command.data):
            self.context.reply(command, Done(request_id=command.request_id))
        else:
            self.context.fail(command, NotConnected(self.context.session.state.value))

    def _on_add_raw_handler(self, command: AddRawHandler) -> None:
        listener = self.context.system.directory.get(command.name)
        order = order_in(command.keep_alive or "")
        if listener is None:
            self.context.fail(command, UnknownAddress(command.name, ()))
        elif order is not None:
            self.context.fail(command, RawOrderRefused(order))
        else:
            self._add(command, listener)
            self.context.reply(command, Done(request_id=command.request_id))

    def _add(self, command: AddRawHandler, listener: Addressee) -> None:
        self._routes.add_rule(Rule(f"raw({command.name})", command.matches), listener, command.name)
        if command.keep_alive is None:
            self._keep_alives.pop(command.name, None)
        else:
            self._keep_alives[command.name] = command.keep_alive

    def _on_remove_raw_handler(self, command: RemoveRawHandler) -> None:
        self._routes.remove_rule(command.name)
        self._keep_alives.pop(command.name, None)
        self.context.reply(command, Done(request_id=command.request_id))

    def _on_restore_session(self, command: RestoreSession) -> None:
        for keep_alive in self._keep_alives.values():
            self.context.send(keep_alive)
        restored = SessionRestored(request_id=command.request_id, incarnation=command.incarnation)
        self.context.reply(command, restored)

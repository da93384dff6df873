"""What one incarnation of an actor has of the world.

Decides how actors speak: to a name, to everybody who listens, to themselves later. Does not know what is said.
"""

from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any, Final

from actors.address import Address
from actors.line import USABLE, Line, SessionView
from actors.mailbox import Mailbox
from actors.ports import Clock, Timer
from actors.system import System
from messages.base import NOBODY, AddressName, Incarnation, Message, Reply, Request, RequestFailed
from messages.errors import BusError
from messages.session import SendFrame

SOON_SECONDS: Final = 0.005
"""How long an actor that is to be woken soon sleeps on."""


class Reminder(Message, frozen=True, kw_only=True):
    """What one incarnation wants to be told later; in whatever mailbox it survives, no other is told it."""

    incarnation: Incarnation
    message: Message


class Context:
    """What one incarnation of an actor has of the world: its name, the clock, its line, and ways to speak."""

    def __init__(
        self, system: System, address: Address[Any], incarnation: Incarnation, parent: AddressName, line: int = 0
    ) -> None:
        self.name = address.name
        self.incarnation = incarnation
        self.address = address
        self.system = system
        self.line = system.lines[line]
        self.clock: Clock = system.runtime.clock
        self.random: Random = system.runtime.random
        self.parent = parent
        self.tell: Callable[[AddressName, Message], None] = system.directory.tell
        self.publish: Callable[[Message], None] = self._publish_on_line if line else system.publish

    @property
    def session(self) -> SessionView:
        """Where the session of one's line stands, as its supervisor last said."""
        return self.line.session

    def send(self, data: str | bytes, line: Line | None = None) -> bool:
        """Have a message sent on the present connection of a line, one's own if not given.

        False, and nothing is sent, where there is none to use.
        """
        line = line or self.line
        session = line.session
        if session.state not in USABLE:
            return False
        self.tell(line.connection, SendFrame(incarnation=session.incarnation, data=data))
        return True

    def reply(self, request: Request, reply: Reply) -> None:
        """Answer a request, if anybody waits for the answer."""
        if request.reply_to != NOBODY:
            self.tell(request.reply_to, reply)

    def fail(self, request: Request, error: BusError) -> None:
        """Answer a request with an error."""
        self.reply(request, RequestFailed(request_id=request.request_id, error=error))

    def after(self, delay_seconds: float, message: Message) -> Timer:
        """Tell oneself the message later, by the monotonic clock; a later incarnation does not hear it."""
        return self.system.runtime.scheduler.call_later(delay_seconds, lambda: self._remind(message))

    def at(self, utc_seconds: float, message: Message) -> Timer:
        """Tell oneself the message when the wall clock, which may run fast in a simulation, says so."""
        return self.after((utc_seconds - self.clock.now()) / self.clock.scale, message)

    def wake_soon(self, name: AddressName) -> None:
        """Let an actor look at what it has overheard, once whoever is in a hurry has had the processor."""
        address = self.system.directory.get(name)
        if isinstance(address, Address) and not address.mailbox.is_wake_due:
            address.mailbox.is_wake_due = True
            self.system.runtime.scheduler.call_later(SOON_SECONDS, partial(_wake, address.mailbox))

    def log(self, level: str, text: str) -> None:
        """Have a line logged under one's own name."""
        self.system.log(level, self.name, text)

    def _publish_on_line(self, event: Message) -> None:
        self.system.publish(event, self.line.topic(type(event)))

    def _remind(self, message: Message) -> None:
        if self.address.vitals.incarnation == self.incarnation:
            self.address.tell(Reminder(incarnation=self.incarnation, message=message))


def _wake(mailbox: Mailbox) -> None:
    mailbox.is_wake_due = False  # first: what is put from now on needs another
    mailbox.wake()

"""Names that outlive the actors behind them.

Theory of operation. Nobody holds an actor. An Address owns the mailbox and the vital signs of
whoever lives there at the moment; the Directory finds it, or a waiting caller, by name.

Decides what ``tell`` does when nobody is there: a counted dead letter, never an exception in the
sender. Does not know who starts or restarts actors.
"""

from collections.abc import Callable, Iterable
from typing import Any, Generic, Protocol, TypeVar

from actors.mailbox import Mailbox
from messages.base import AddressName, Incarnation, Message
from messages.errors import UnexpectedMessage

M = TypeVar("M")


class Vitals:
    """What can be seen of an actor from outside; written by its own thread, read by any."""

    __slots__ = ("handled", "incarnation", "message", "since", "state", "thread")

    def __init__(self) -> None:
        self.incarnation = Incarnation(0)
        self.state = "not started"
        self.thread: str | None = None
        self.message: Message | None = None
        """The message being handled."""
        self.since: float | None = None
        """When the latest message was taken up, on the monotonic clock."""
        self.handled = 0


class Unhurried:
    """Tells an actor without waking it: it hears of that before anything that it is told from then on."""

    __slots__ = ("tell",)

    def __init__(self, mailbox: Mailbox) -> None:
        self.tell: Callable[[Message], None] = mailbox.put_unhurried


class Address(Generic[M]):
    """A name that owns a mailbox. ``accepts`` are the classes of message its actor handles, if known."""

    __slots__ = ("accepts", "mailbox", "name", "tell", "unhurried", "vitals")

    def __init__(self, name: AddressName, mailbox: Mailbox) -> None:
        self.name = name
        self.mailbox = mailbox
        self.vitals = Vitals()
        self.accepts: tuple[type[Any], ...] | None = None
        # The mailbox's own method, so that telling costs no further call.
        self.tell: Callable[[M], None] = mailbox.put  # type: ignore[assignment]
        self.unhurried = Unhurried(mailbox)

    def refuse_strange(self, kind: type[Any]) -> None:
        """Raises UnexpectedMessage where the actor is known not to take messages of this class."""
        if self.accepts is not None and not issubclass(kind, self.accepts):
            raise UnexpectedMessage(self.name, kind.__name__, tuple(taken.__name__ for taken in self.accepts))

    def __repr__(self) -> str:
        return f"<Address {self.name}>"


class Addressee(Protocol):
    """Whatever stands in the directory: an address, a stream, a caller that waits."""

    @property
    def tell(self) -> Callable[[Any], None]:
        """Take a message; never blocks, never raises."""


class Directory:
    """Addressees by name."""

    def __init__(self, on_dead_letter: Callable[[AddressName, Message, str], None]) -> None:
        self._entries: dict[AddressName, Addressee] = {}
        self._on_dead_letter = on_dead_letter

    def tell(self, name: AddressName, message: Message) -> None:
        """Tell whoever has the name; what reaches nobody is a dead letter."""
        addressee = self._entries.get(name)
        if addressee is None:
            self._on_dead_letter(name, message, "nobody has this name")
        else:
            addressee.tell(message)

    def enter(self, name: AddressName, addressee: Addressee) -> None:
        """Give the addressee this name."""
        self._entries[name] = addressee

    def leave(self, name: AddressName) -> None:
        """Let nobody have the name."""
        self._entries.pop(name, None)

    def get(self, name: AddressName) -> Addressee | None:
        """Who has the name."""
        return self._entries.get(name)

    def addresses(self) -> "Iterable[Address[Any]]":
        """The addresses of actors, in the order they were entered."""
        return [entry for entry in self._entries.copy().values() if isinstance(entry, Address)]

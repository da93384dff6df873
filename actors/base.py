"""What every actor is: a pykka ThreadingActor with a typed inbox and a life of its own.

Decides what a subclass may say of itself and what it must define. How it lives and dies is in ``actors.life``,
what it has of the world in ``actors.context``.
"""

from collections.abc import Callable
from types import UnionType
from typing import Any, ClassVar, Generic, Self, TypeVar, Union, get_args, get_origin

import pykka
from pykka.messages import _ActorStop

from actors.context import Context
from actors.life import Life
from actors.mailbox import Mailbox
from actors.rules import Predicate
from messages.base import Message

M = TypeVar("M")

__all__ = ["Actor", "Context"]


class Actor(pykka.ThreadingActor, Generic[M]):
    """The base of all actors. Subclass as ``class Mine(Actor[InboxUnion])`` and define ``on_receive``.

    ``listens`` names the classes of events, and the Rules or Validators for frames, that are to be told to it.
    ``overhears`` names the events that it hears of without being woken for them: before whatever it is told next, or
    once somebody wakes it (``context.wake_soon``).
    ``on_start``, ``on_stop`` and ``on_failure`` are pykka's. The answer to a request is a message:
    ``self.context.reply(request, …)``.
    """

    use_daemon_thread = True
    listens: ClassVar[tuple[type[Message] | Predicate, ...]] = ()
    overhears: ClassVar[tuple[type[Message], ...]] = ()

    def __init__(self, context: Context) -> None:
        self.context = context
        super().__init__()
        self.__life = Life(self)

    @classmethod
    def maker(cls) -> Callable[[Context], Self]:
        """What makes each incarnation, where the class alone is given."""
        return cls

    def on_receive(self, message: M) -> None:
        """Handle one message. What it returns is ignored; what it raises ends this incarnation."""
        raise TypeError(f"{type(self).__name__} defines no on_receive for {type(message).__name__}")

    def request_stop(self) -> None:
        """Let it end before the next message; any thread may ask."""
        self.__life.stop()

    @property
    def mailbox(self) -> Mailbox:
        """Where its messages wait."""
        return self.__life.mailbox

    @classmethod
    def inbox(cls) -> tuple[type[Any], ...] | None:
        """The classes of message it handles, as its base was parametrised; None where it was not."""
        for base in (base for kind in cls.__mro__ for base in getattr(kind, "__orig_bases__", ())):
            origin, arguments = get_origin(base), get_args(base)
            if isinstance(origin, type) and issubclass(origin, Actor) and not isinstance(arguments[0], TypeVar):
                inbox = arguments[0]
                return get_args(inbox) if get_origin(inbox) in (Union, UnionType) else (inbox,)
        return None

    def _create_actor_inbox(self) -> Any:  # type: ignore[override]  # noqa: ANN401 - pykka's ActorInbox
        return _PykkaInbox(self)

    def _start_actor_loop(self) -> None:
        self.context.system.runtime.start(self.__life)


class _PykkaInbox:
    """What pykka's own references see, so that its registry can stop our actors too."""

    def __init__(self, actor: Actor[Any]) -> None:
        self._actor = actor

    def put(self, envelope: Any) -> None:  # noqa: ANN401 - pykka's Envelope
        if isinstance(envelope.message, _ActorStop):
            self._actor.request_stop()
        else:
            self._actor.mailbox.put(envelope.message)
        if envelope.reply_to is not None:
            envelope.reply_to.set(None)

    def get(self) -> Any:  # noqa: ANN401
        return self._actor.mailbox.get()

    def empty(self) -> bool:
        return not len(self._actor.mailbox)

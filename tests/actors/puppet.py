"""An actor that does whatever a test tells it, and the words for it."""

from collections.abc import Callable
from typing import NoReturn, assert_never

from actors.base import Actor, Context
from messages.base import Command, Message, Query, Reply

Act = Callable[["Puppet"], object]


class Note(Message, frozen=True, kw_only=True):
    """Something to take note of; redelivered."""

    number: int


class Passing(Message, frozen=True, kw_only=True):
    """As a note, but it may be shed."""

    sheddable = True
    number: int


class Do(Message, frozen=True, kw_only=True):
    """Do this."""

    act: Act


class Order(Command, frozen=True, kw_only=True):
    """Do this and answer; reported where it waited behind a crash."""

    act: Act


class Question(Query, frozen=True, kw_only=True):
    """Do this and answer; redelivered where it waited behind a crash."""

    act: Act


class Answer(Reply, frozen=True, kw_only=True):
    """What came of it."""

    value: object


def nothing(_puppet: "Puppet") -> None:
    """Do nothing."""


def raising(error: BaseException) -> Act:
    """Have the error raised."""

    def act(_puppet: "Puppet") -> NoReturn:
        raise error

    return act


class Puppet(Actor[Note | Passing | Do | Order | Question]):
    """Notes what it was told in ``noted``, which outlives it."""

    def __init__(
        self,
        context: Context,
        noted: list[int] | None = None,
        *,
        on_start: Act = nothing,
        on_stop: Act = nothing,
        on_failure: Act = nothing,
    ) -> None:
        super().__init__(context)
        self.noted = [] if noted is None else noted
        self._on_start, self._on_stop, self._on_failure = on_start, on_stop, on_failure

    def on_start(self) -> None:
        self._on_start(self)

    def on_stop(self) -> None:
        self._on_stop(self)

    def on_failure(self, *_failure: object) -> None:
        self._on_failure(self)

    def on_receive(self, message: Note | Passing | Do | Order | Question) -> None:
        match message:
            case Note() | Passing():
                self.noted.append(message.number)
            case Do():
                message.act(self)
            case Order() | Question():
                self.context.reply(message, Answer(request_id=message.request_id, value=message.act(self)))
            case _:
                assert_never(message)

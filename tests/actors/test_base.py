"""Covers actors.base."""

from typing import Any, Generic, TypeVar

import pykka
import pytest

from actors.base import Actor, Context
from messages.base import NOBODY, AddressName, Incarnation, Message
from messages.supervision import ExitReason
from tests.actors.ground import Ground
from tests.actors.puppet import Do, Note, Order, Passing, Puppet, Question, nothing

M = TypeVar("M")
NOTE = Note(number=1)


class _Single(Actor[Note]):
    pass


class _Inherited(_Single):
    pass


class _Base(Actor[M], Generic[M]):
    pass


class _Specialised(_Base[Note | Do]):
    pass


class _Other(Generic[M]):
    pass


class _Mixed(_Other[int], Actor[Do]):
    pass


class _Untyped(Actor):  # type: ignore[type-arg]
    pass


@pytest.mark.parametrize(
    ("kind", "inbox"),
    [
        (Puppet, (Note, Passing, Do, Order, Question)),
        (_Single, (Note,)),
        (_Inherited, (Note,)),
        (_Specialised, (Note, Do)),
        (_Mixed, (Do,)),
        (_Base, None),
        (_Untyped, None),
        (Actor, None),
    ],
)
def test_the_inbox_is_what_the_base_was_parametrised_with(
    kind: type[Actor[Any]], inbox: tuple[type[Message], ...] | None
) -> None:
    assert kind.inbox() == inbox


def test_an_actor_that_handles_nothing_dies_of_its_first_message(ground: Ground) -> None:
    ground.start("Single", _Single)

    ground.tell("Single", NOTE)

    (exit_,) = ground.exits(1)
    assert (exit_.reason, exit_.failure) == (
        ExitReason.FAILED,
        "TypeError: _Single defines no on_receive for Note",
    )


def test_an_actor_listens_to_nothing_unless_it_says_so() -> None:
    assert Puppet.listens == ()


def test_what_an_actor_listens_to_reaches_every_life_once(ground: Ground) -> None:
    noted: list[int] = []

    class Listener(Puppet):
        listens = (Note,)

    child = ground.start("Listener", lambda context: Listener(context, noted))
    ground.tell("Listener", Do(act=Puppet.request_stop))
    ground.exits(1)
    child.start()

    ground.system.publish(NOTE)
    ground.ask("Listener", Question(act=nothing)).get()

    assert noted == [1]


def test_its_mailbox_is_that_of_its_address(ground: Ground) -> None:
    child = ground.start("Puppet", Puppet)

    answer = ground.ask("Puppet", Question(act=lambda puppet: puppet.mailbox))

    assert answer.get().value is child.address.mailbox


# What pykka sees of it.


@pytest.fixture
def reference(ground: Ground) -> "pykka.ActorRef[Puppet]":
    ground.start("Puppet", Puppet)
    reference: pykka.ActorRef[Puppet] = ground.ask("Puppet", Question(act=lambda puppet: puppet.actor_ref)).get().value
    return reference


def test_a_message_told_through_pykka_is_handled_like_any_other(
    ground: Ground, reference: "pykka.ActorRef[Puppet]"
) -> None:
    reference.tell(Do(act=lambda puppet: puppet.noted.append(7)))

    assert ground.ask("Puppet", Question(act=lambda puppet: puppet.noted)).get().value == [7]


def test_asking_through_pykka_is_answered_with_nothing_at_once(reference: "pykka.ActorRef[Puppet]") -> None:
    assert reference.ask(Do(act=nothing), timeout=1.0) is None


def test_stopping_through_pykka_is_a_stop(ground: Ground, reference: "pykka.ActorRef[Puppet]") -> None:
    assert reference.stop(timeout=1.0)

    assert [exit_.reason for exit_ in ground.exits(1)] == [ExitReason.STOPPED]


def test_pykka_sees_the_mailbox_as_its_inbox(ground: Ground) -> None:
    address = ground.system.address(AddressName("Puppet"))
    inbox = Puppet(Context(ground.system, address, Incarnation(1), NOBODY)).actor_inbox

    before = inbox.empty()
    address.tell(NOTE)

    assert (before, inbox.empty()) == (True, False)
    assert repr(inbox.get()) == repr(NOTE)

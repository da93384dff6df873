"""Covers actors.address."""

import pytest

from actors.address import Address, Directory
from actors.mailbox import Mailbox
from messages.base import AddressName, Message
from optionbus.testing import Probe
from tests.actors.puppet import Note

NAME, OTHER = AddressName("Trades"), AddressName("Deals")
NOTE = Note(number=1)


class _Cemetery:
    def __init__(self) -> None:
        self.buried: list[tuple[AddressName, Message, str]] = []

    def __call__(self, name: AddressName, message: Message, reason: str) -> None:
        self.buried.append((name, message, reason))


@pytest.fixture
def cemetery() -> _Cemetery:
    return _Cemetery()


@pytest.fixture
def directory(cemetery: _Cemetery) -> Directory:
    return Directory(cemetery)


def test_what_an_address_is_told_is_in_its_mailbox() -> None:
    address = Address[Note](NAME, Mailbox())

    address.tell(NOTE)

    assert address.mailbox.get(block=False) is NOTE


def test_an_address_shows_its_name_and_nothing_of_its_mailbox() -> None:
    address = Address[Note](NAME, Mailbox())
    address.tell(NOTE)

    assert repr(address) == "<Address Trades>"


def test_a_new_address_has_never_lived() -> None:
    vitals = Address[Note](NAME, Mailbox()).vitals

    assert (vitals.incarnation, vitals.state, vitals.thread, vitals.since) == (0, "not started", None, None)


def test_whoever_has_the_name_is_told(directory: Directory, cemetery: _Cemetery) -> None:
    probe = Probe()
    directory.enter(NAME, probe)

    directory.tell(NAME, NOTE)

    assert probe.messages == [NOTE]
    assert cemetery.buried == []


def test_a_message_to_nobody_is_a_dead_letter(directory: Directory, cemetery: _Cemetery) -> None:
    directory.tell(NAME, NOTE)

    assert cemetery.buried == [(NAME, NOTE, "nobody has this name")]


def test_who_has_left_is_told_nothing(directory: Directory, cemetery: _Cemetery) -> None:
    probe = Probe()
    directory.enter(NAME, probe)

    directory.leave(NAME)
    directory.tell(NAME, NOTE)

    assert probe.messages == []
    assert len(cemetery.buried) == 1
    assert directory.get(NAME) is None


def test_leaving_without_having_entered_is_no_error(directory: Directory) -> None:
    directory.leave(NAME)

    assert directory.get(NAME) is None


def test_a_name_belongs_to_whoever_entered_last(directory: Directory) -> None:
    first, last = Probe(), Probe()
    directory.enter(NAME, first)
    directory.enter(NAME, last)

    directory.tell(NAME, NOTE)

    assert (first.messages, last.messages) == ([], [NOTE])
    assert directory.get(NAME) is last


def test_addresses_are_listed_as_they_were_entered_and_callers_are_not(directory: Directory) -> None:
    trades, deals = Address[Note](NAME, Mailbox()), Address[Note](OTHER, Mailbox())

    directory.enter(NAME, trades)
    directory.enter(AddressName("Caller-1"), Probe())
    directory.enter(OTHER, deals)

    assert list(directory.addresses()) == [trades, deals]

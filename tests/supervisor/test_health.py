"""Covers supervisor.health."""

from typing import Any

import pytest

from actors.address import Address
from actors.mailbox import Mailbox
from messages.base import AddressName, Incarnation
from messages.supervision import ActorHealth
from supervisor.health import HANG_SECONDS, HangWatch, health_of
from tests.supervisor.troupe import Greet, Leave


@pytest.fixture
def address() -> Address[Any]:
    address: Address[Any] = Address(AddressName("A"), Mailbox())
    vitals = address.vitals
    vitals.incarnation, vitals.state, vitals.thread = Incarnation(3), "running", "A-3"
    return address


def test_who_has_heard_nothing_has_no_age(address: Address[Any]) -> None:
    assert health_of(address, now=100.0) == ActorHealth(
        name=AddressName("A"),
        state="running",
        thread="A-3",
        incarnation=Incarnation(3),
        restarts=2,
        mailbox=0,
        dropped=0,
        handled=0,
        last_message_age_seconds=None,
        busy_seconds=None,
    )


def test_who_waits_shows_how_old_its_last_message_is(address: Address[Any]) -> None:
    address.vitals.since, address.vitals.handled = 90.0, 5

    health = health_of(address, now=100.0)

    assert (health.last_message_age_seconds, health.busy_seconds, health.handled) == (10.0, None, 5)


def test_who_works_shows_for_how_long_and_what_waits_meanwhile(address: Address[Any]) -> None:
    address.vitals.since, address.vitals.message = 90.0, Greet()
    address.tell(Greet())

    health = health_of(address, now=100.0)

    assert (health.busy_seconds, health.mailbox) == (10.0, 1)


def test_a_handler_that_takes_too_long_is_said_to_hang(address: Address[Any]) -> None:
    address.vitals.since, address.vitals.message = 90.0, Leave()

    (hung,) = HangWatch().check([address], now=90.0 + HANG_SECONDS)

    assert (hung.name, hung.incarnation, hung.message, hung.seconds) == ("A", 3, "Leave", HANG_SECONDS)


def test_a_handler_is_given_its_time(address: Address[Any]) -> None:
    address.vitals.since, address.vitals.message = 90.0, Leave()

    assert list(HangWatch().check([address], now=90.0 + HANG_SECONDS * 0.99)) == []


def test_an_idle_actor_never_hangs(address: Address[Any]) -> None:
    address.vitals.since = 90.0

    assert list(HangWatch().check([address], now=1e9)) == []


def test_a_hanging_handler_is_reported_once(address: Address[Any]) -> None:
    watch = HangWatch()
    address.vitals.since, address.vitals.message = 90.0, Leave()
    first = list(watch.check([address], now=100.0))

    second = list(watch.check([address], now=200.0))

    assert (len(first), second) == (1, [])


def test_the_next_handler_that_hangs_is_reported_again(address: Address[Any]) -> None:
    watch = HangWatch()
    address.vitals.since, address.vitals.message = 90.0, Leave()
    first = list(watch.check([address], now=100.0))
    address.vitals.since = 300.0

    second = list(watch.check([address], now=310.0))

    assert [hung.seconds for hung in (*first, *second)] == [10.0, 10.0]

"""Covers actors.mailbox."""

import threading
from collections import deque
from collections.abc import Callable
from itertools import pairwise
from queue import Empty, SimpleQueue
from typing import Any

import pytest

from actors.mailbox import WAKE, Mailbox
from messages.base import Message
from tests.actors.puppet import Note, Order, Passing, nothing

PATIENCE_SECONDS = 10.0
PRODUCERS = 8


class _Numbered(Message, frozen=True, kw_only=True):
    producer: int
    number: int


class _Sheddable(_Numbered, frozen=True, kw_only=True):
    sheddable = True


def _drain(mailbox: Mailbox) -> list[Message]:
    return [mailbox.get(block=False) for _ in range(len(mailbox))]


def _in_threads(*works: Callable[[], None]) -> None:
    """Let all of them happen at once, and see them end."""
    start = threading.Barrier(len(works))

    def run(work: Callable[[], None]) -> None:
        start.wait(PATIENCE_SECONDS)
        work()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
        assert not thread.is_alive()


def _is_in_order(messages: list[_Numbered]) -> bool:
    by_producer = [[each.number for each in messages if each.producer == name] for name in range(PRODUCERS)]
    return all(before < after for numbers in by_producer for before, after in pairwise(numbers))


def test_messages_come_out_in_the_order_they_went_in() -> None:
    mailbox = Mailbox()
    messages = [Note(number=1), Passing(number=2), Note(number=3), Passing(number=4)]

    for message in messages:
        mailbox.put(message)

    assert _drain(mailbox) == messages


def test_an_empty_mailbox_gives_nothing_and_wakes_nobody() -> None:
    mailbox = Mailbox()

    with pytest.raises(Empty):
        mailbox.get(block=False)
    assert mailbox.is_wake_due is False


def test_its_length_is_what_waits() -> None:
    mailbox = Mailbox()
    mailbox.put(Note(number=1))
    mailbox.put(Passing(number=2))

    assert len(mailbox) == 2


def test_a_full_lane_drops_the_oldest_and_counts_them() -> None:
    mailbox = Mailbox(sheddable_capacity=2)

    for number in range(5):
        mailbox.put(Passing(number=number))

    assert _drain(mailbox) == [Passing(number=3), Passing(number=4)]
    assert mailbox.dropped == 3


def test_a_lane_holds_ten_thousand_unless_told_otherwise() -> None:
    mailbox = Mailbox()

    for number in range(10_001):
        mailbox.put(Passing(number=number))

    assert (len(mailbox), mailbox.dropped) == (10_000, 1)


def test_a_lane_that_was_emptied_has_room_again() -> None:
    mailbox = Mailbox(sheddable_capacity=2)
    for number in (1, 2):
        mailbox.put(Passing(number=number))
    _drain(mailbox)

    mailbox.put(Passing(number=3))

    assert _drain(mailbox) == [Passing(number=3)]
    assert mailbox.dropped == 0


def test_what_may_not_be_shed_is_never_dropped() -> None:
    mailbox = Mailbox(sheddable_capacity=1)
    notes = [Note(number=number) for number in range(100)]

    for note in notes:
        mailbox.put(Passing(number=0))
        mailbox.put(note)

    assert [message for message in _drain(mailbox) if isinstance(message, Note)] == notes


def test_concurrent_producers_lose_nothing_but_what_is_counted_as_dropped() -> None:
    mailbox = Mailbox(sheddable_capacity=50)
    each, taken = 2000, list[_Numbered]()

    def produce(producer: int) -> Callable[[], None]:
        def work() -> None:
            for number in range(each):
                kind = _Sheddable if number % 2 else _Numbered
                mailbox.put(kind(producer=producer, number=number))

        return work

    def consume() -> None:
        while (message := mailbox.get()) is not WAKE:
            taken.append(message)

    reader = threading.Thread(target=consume)
    reader.start()
    _in_threads(*(produce(producer) for producer in range(PRODUCERS)))
    mailbox.wake()
    reader.join(PATIENCE_SECONDS)

    shed = [message for message in taken if isinstance(message, _Sheddable)]
    kept = [message for message in taken if not isinstance(message, _Sheddable)]
    assert len(kept) == PRODUCERS * each // 2
    assert len(shed) + mailbox.dropped == PRODUCERS * each // 2
    assert len(mailbox) == 0
    assert _is_in_order(kept)
    assert _is_in_order(list(shed))


def test_a_wake_lets_a_reader_look_up() -> None:
    mailbox = Mailbox()

    mailbox.wake()

    assert mailbox.get() is WAKE


def test_after_a_crash_what_may_be_redelivered_comes_first_and_in_order() -> None:
    mailbox = Mailbox()
    for message in (Note(number=1), Passing(number=2), Note(number=3)):
        mailbox.put(message)

    mailbox.retain()
    mailbox.put(Note(number=4))

    assert _drain(mailbox) == [Note(number=1), Passing(number=2), Note(number=3), Note(number=4)]


def test_after_a_crash_what_may_only_be_reported_is_given_back() -> None:
    mailbox = Mailbox()
    order = Order(act=nothing)
    for message in (Note(number=1), order, Note(number=2)):
        mailbox.put(message)

    assert mailbox.retain() == [order]
    assert _drain(mailbox) == [Note(number=1), Note(number=2)]


def test_a_second_crash_changes_nothing_about_the_order() -> None:
    mailbox = Mailbox()
    mailbox.put(Note(number=1))
    mailbox.retain()
    mailbox.put(Note(number=2))

    mailbox.retain()

    assert _drain(mailbox) == [Note(number=1), Note(number=2)]


NOTE, LATER, LAST = (Note(number=number) for number in range(3))


def test_what_is_put_without_hurry_wakes_nobody_and_comes_before_what_does() -> None:
    mailbox = Mailbox()

    mailbox.put_unhurried(NOTE)
    mailbox.put_unhurried(LATER)
    waiting = len(mailbox)
    with pytest.raises(Empty):
        mailbox.get(block=False)
    mailbox.put(LAST)

    assert waiting == 0
    assert [mailbox.get(block=False) for _ in range(3)] == [NOTE, LATER, LAST]


def test_a_wake_brings_what_was_put_without_hurry() -> None:
    mailbox = Mailbox()
    mailbox.put_unhurried(NOTE)

    mailbox.wake()

    assert [mailbox.get(block=False), mailbox.get(block=False)] == [WAKE, NOTE]


def test_what_may_be_shed_comes_after_what_was_put_without_hurry() -> None:
    mailbox = Mailbox()
    sheddable = _Sheddable(producer=0, number=0)
    mailbox.put_unhurried(NOTE)

    mailbox.put(sheddable)

    assert [mailbox.get(block=False), mailbox.get(block=False)] == [NOTE, sheddable]


@pytest.mark.parametrize("end", [Mailbox.retain, Mailbox.settle])
def test_what_is_put_without_hurry_while_a_reader_ends_reorders_nothing(end: Callable[[Mailbox], object]) -> None:
    class _Late(SimpleQueue[Message]):
        """Somebody puts something at the moment when the last message is taken."""

        def get(self, *given: Any, **named: Any) -> Message:
            taken = super().get(*given, **named)
            if taken == LAST:
                mailbox.put_unhurried(Note(number=9))
            return taken

    mailbox = Mailbox()
    mailbox._queue = _Late()
    for message in (NOTE, LATER, LAST):
        mailbox.put(message)

    end(mailbox)

    assert _drain(mailbox) == [NOTE, LATER, LAST]
    mailbox.wake()
    assert [mailbox.get(), mailbox.get()] == [WAKE, Note(number=9)]


def test_what_was_put_without_hurry_outlives_a_stop_and_a_crash() -> None:
    mailbox = Mailbox()

    mailbox.put_unhurried(NOTE)
    mailbox.settle()
    mailbox.put_unhurried(LATER)
    mailbox.retain()

    assert _drain(mailbox) == [NOTE, LATER]


def test_what_was_put_without_hurry_is_handed_back_on_closing_and_after_it() -> None:
    mailbox, handed_back = Mailbox(), list[Message]()

    mailbox.put_unhurried(NOTE)
    mailbox.close(handed_back.append)
    mailbox.put_unhurried(LATER)

    assert handed_back == [NOTE, LATER]


def test_a_wake_does_not_outlive_a_crash() -> None:
    mailbox = Mailbox()
    mailbox.wake()

    assert mailbox.retain() == []
    assert len(mailbox) == 0


def test_a_wake_does_not_outlive_a_stop() -> None:
    mailbox = Mailbox()
    order = Order(act=nothing)
    mailbox.put(order)
    mailbox.wake()

    mailbox.settle()

    assert _drain(mailbox) == [order]


def test_closing_hands_back_everything_that_waits() -> None:
    mailbox = Mailbox()
    order, handed_back = Order(act=nothing), list[Message]()
    mailbox.put(Note(number=1))
    mailbox.retain()
    mailbox.put(Passing(number=2))
    mailbox.put(order)
    mailbox.wake()

    mailbox.close(handed_back.append)

    assert handed_back == [Note(number=1), Passing(number=2), order]
    assert len(mailbox) == 0


@pytest.mark.parametrize("message", [Note(number=1), Passing(number=1)])
def test_what_comes_after_closing_is_handed_back(message: Message) -> None:
    mailbox, handed_back = Mailbox(), list[Message]()
    mailbox.close(handed_back.append)

    mailbox.put(message)

    assert handed_back == [message]


def test_what_races_with_closing_is_handed_back_once() -> None:
    mailbox, handed_back = Mailbox(), list[_Numbered]()
    each = 1000
    for number in range(each):
        mailbox.put(_Numbered(producer=PRODUCERS, number=number))
    mailbox.retain()

    def produce(producer: int) -> Callable[[], None]:
        def work() -> None:
            for number in range(each):
                mailbox.put((_Sheddable if number % 2 else _Numbered)(producer=producer, number=number))

        return work

    _in_threads(
        *(produce(producer) for producer in range(PRODUCERS)),
        lambda: mailbox.close(handed_back.append),  # type: ignore[arg-type]
    )

    came_back = {(message.producer, message.number) for message in handed_back}
    assert len(handed_back) + mailbox.dropped == each * (PRODUCERS + 1)
    assert len(came_back) == len(handed_back)
    assert len(mailbox) == 0


def test_a_message_that_another_thread_hands_back_meanwhile_is_no_error() -> None:
    class Vanishing(deque[Message]):
        def __bool__(self) -> bool:
            there = len(self) > 0
            self.clear()  # as another thread would
            return there

    mailbox, handed_back = Mailbox(), list[Message]()
    mailbox._retained = Vanishing([Note(number=1)])
    mailbox.close(handed_back.append)

    mailbox.put(Note(number=2))

    assert handed_back == [Note(number=2)]

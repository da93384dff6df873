"""Covers optionbus.subscription."""

import asyncio
from typing import Any

import pytest

from actors.future import Future
from messages.base import AddressName
from messages.errors import DeadlineExceeded, UnknownAsset
from messages.market import Chunk, Symbol
from optionbus.stream import Stream
from optionbus.subscription import Subscription
from optionbus.testing import SteppedRuntime


class World:
    """A subscription, its stream, and the platform's answer to it."""

    def __init__(self) -> None:
        self.runtime = SteppedRuntime()
        self.stream: Stream[int] = Stream("Numbers", self.runtime, lambda message: message, buffer=2)
        self.closed: list[Subscription[Any]] = []
        name = AddressName("Stream-1")
        symbol = Symbol("EURUSD_otc")
        self.subscription: Subscription[int] = Subscription(symbol, Chunk(5), name, self.stream, self.closed.append)
        self.answer: Future[None] = Future(self.runtime, "The answer", 10.0)
        self.subscription.watch(self.answer)


@pytest.fixture
def world() -> World:
    return World()


def test_it_is_read_like_its_stream(world: World) -> None:
    world.stream.tell((1, 2))

    assert [next(world.subscription), world.subscription.get(timeout=1.0)] == [1, 2]


def test_iterating_ends_when_it_is_closed(world: World) -> None:
    world.stream.tell((1, 2))

    world.subscription.close()

    assert list(world.subscription) == [1, 2]
    assert world.closed == [world.subscription]


def test_it_is_read_in_asyncio_code(world: World) -> None:
    world.stream.tell((1, 2))

    async def main() -> list[int]:
        first = await anext(world.subscription)
        world.subscription.close()
        return [first, *[item async for item in world.subscription]]

    assert asyncio.run(main()) == [1, 2]


def test_what_a_slow_reader_lost_is_counted(world: World) -> None:
    world.stream.tell((1, 2, 3))

    assert world.subscription.dropped == 1


def test_it_can_be_read_before_it_is_confirmed(world: World) -> None:
    world.runtime.call_later(1.0, lambda: world.stream.tell((1,)))

    assert world.subscription.get() == 1
    assert not world.subscription.confirmed.done


def test_a_confirmation_changes_nothing_about_reading(world: World) -> None:
    world.answer.set(None)
    world.stream.tell((1,))

    assert world.subscription.confirmed.get() is None
    assert world.subscription.get() == 1


def test_a_refusal_is_raised_by_the_confirmation_and_by_the_first_read(world: World) -> None:
    world.runtime.call_later(1.0, lambda: world.answer.set_exception(UnknownAsset("EURUSD_otc")))

    with pytest.raises(UnknownAsset):
        next(world.subscription)
    with pytest.raises(UnknownAsset):
        world.subscription.confirmed.get()


def test_a_refusal_that_was_there_before_is_one_too() -> None:
    world = World()
    world.answer.set_exception(UnknownAsset("EURUSD_otc"))

    world.subscription.watch(world.answer)

    with pytest.raises(UnknownAsset):
        world.subscription.get(timeout=1.0)


def test_a_late_confirmation_ends_nothing(world: World) -> None:
    world.answer.expire()
    world.stream.tell((1,))

    assert world.subscription.get() == 1
    with pytest.raises(DeadlineExceeded):
        world.subscription.confirmed.get()


def test_it_shows_what_was_subscribed(world: World) -> None:
    assert repr(world.subscription) == "<Subscription EURUSD_otc Chunk(ticks=5)>"

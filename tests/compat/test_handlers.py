"""Covers optionbus.compat.strategies.handlers: who runs when, on threads and where time is virtual."""

import asyncio
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

import pytest

from optionbus.compat import InvalidParameterError, UninitializedError
from optionbus.compat.strategies.handlers import Answer, Handlers


@pytest.fixture
def turns() -> Iterator[Handlers]:
    """Where time is virtual."""
    handlers = Handlers(takes_turns=True)
    yield handlers
    handlers.close()


@pytest.fixture
def threads() -> Iterator[Handlers]:
    handlers = Handlers(takes_turns=False)
    yield handlers
    handlers.close()


def finished(handlers: Handlers) -> None:
    """Return once everything that was to be called was."""
    is_over = threading.Event()
    handlers.call(is_over.set)
    assert is_over.wait(10)


def waiting_for(handlers: Handlers, asked: "Future[Any]", heard: list[object]) -> Callable[[], None]:
    def wait() -> None:
        heard.append("asks")
        try:
            heard.append(Answer(handlers, asked).get())
        except UninitializedError as error:
            heard.append(type(error))

    return wait


def test_where_time_is_virtual_a_handler_has_ended_when_its_call_returns(turns: Handlers) -> None:
    heard: list[object] = []

    turns.call(lambda: heard.append(threading.current_thread().name))

    assert heard == ["PyStrategy"]


def test_so_it_has_however_quick_it_was(turns: Handlers) -> None:
    ended = 0
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # the threads take turns of their own as often as can be

    def end() -> None:
        nonlocal ended
        ended += 1

    try:
        for number in range(1, 20_000):
            turns.call(end)
            assert ended == number
    finally:
        sys.setswitchinterval(interval)


def test_a_handler_that_asks_gives_the_turn_back_until_it_is_answered(turns: Handlers) -> None:
    asked: Future[Any] = Future()
    heard: list[object] = []

    turns.call(waiting_for(turns, asked, heard))
    turns.call(lambda: heard.append("next"))
    assert heard == ["asks"]
    turns.answer(asked, "told")

    assert heard == ["asks", "told", "next"]


def test_what_was_answered_before_it_is_waited_for_costs_no_turn(turns: Handlers) -> None:
    asked: Future[Any] = Future()
    heard: list[object] = []
    turns.answer(asked, "told")

    turns.call(waiting_for(turns, asked, heard))
    turns.call(lambda: heard.append("next"))

    assert heard == ["asks", "told", "next"]


def test_on_threads_a_call_returns_though_the_handler_blocks(threads: Handlers) -> None:
    asked: Future[Any] = Future()
    heard: list[object] = []

    threads.call(waiting_for(threads, asked, heard))
    threads.call(lambda: heard.append("next"))
    threads.answer(asked, "told")
    finished(threads)

    assert heard == ["asks", "told", "next"]


@pytest.mark.parametrize("takes_turns", [True, False])
def test_once_closed_nothing_is_called_and_a_question_fails(takes_turns: bool) -> None:  # noqa: FBT001 - a parameter
    handlers = Handlers(takes_turns=takes_turns)
    asked: Future[Any] = Future()
    heard: list[object] = []
    has_begun, is_over = threading.Event(), threading.Event()

    def handler() -> None:
        has_begun.set()
        waiting_for(handlers, asked, heard)()
        waiting_for(handlers, Future(), heard)()
        is_over.set()

    handlers.call(handler)
    handlers.call(lambda: heard.append("next"))
    assert has_begun.wait(10)
    handlers.close()
    handlers.answer(asked, error=UninitializedError("stopped"))
    handlers.call(lambda: heard.append("later"))

    assert is_over.wait(10)
    assert heard == ["asks", UninitializedError, "asks", UninitializedError]


def test_an_answer_that_was_given_up_is_nothing_to_the_answerer(threads: Handlers) -> None:
    asked: Future[Any] = Future()

    async def impatient() -> None:
        await asyncio.wait_for(Answer(threads, asked), 0.001)

    with pytest.raises(TimeoutError):
        asyncio.run(impatient())

    threads.answer(asked, "too late")
    assert asked.cancelled()


def test_elsewhere_an_answer_is_awaited_and_not_waited_for_in_virtual_time(turns: Handlers) -> None:
    asked: Future[Any] = Future()

    async def both() -> object:
        with pytest.raises(InvalidParameterError, match="await it"):
            Answer(turns, asked).get()
        asyncio.get_running_loop().call_soon(turns.answer, asked, "told")
        return await Answer(turns, asked)

    assert asyncio.run(both()) == "told"


def test_elsewhere_on_threads_it_is_waited_for(threads: Handlers) -> None:
    asked: Future[Any] = Future()
    threads.call(lambda: threads.answer(asked, "told"))

    assert Answer(threads, asked).get() == "told"

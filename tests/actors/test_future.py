"""Covers actors.future; waiting is tried on both runtimes."""

import asyncio
import math
import threading
import time
import traceback
from collections.abc import Callable

import pytest

from actors.future import Future, failed
from actors.runtime import Runtime, ThreadedRuntime
from messages.errors import BlockingInHandler, DeadlineExceeded, NotConnected, RequestCancelled, UsageError
from optionbus.testing import SteppedRuntime
from tests.actors.ground import PATIENCE_SECONDS, Ground
from tests.actors.puppet import Do, Puppet, raising

LATE_SECONDS = 0.1
"""No future ends later than so long after its deadline."""

ERROR = NotConnected("held")

Complete = Callable[[Future[int]], None]


def _with_1(future: Future[int]) -> None:
    future.set(1)


def _with_2(future: Future[int]) -> None:
    future.set(2)


def _with_error(future: Future[int]) -> None:
    future.set_exception(ERROR)


def _by_expiring(future: Future[int]) -> None:
    future.expire()


@pytest.fixture
def future(runtime: Runtime) -> Future[int]:
    return Future(runtime, "The answer", 5.0)


@pytest.mark.parametrize("later", [_with_2, _with_error, _by_expiring])
def test_a_value_stays_what_it_is(future: Future[int], later: Complete) -> None:
    future.set(1)

    later(future)

    assert future.get() == 1
    assert future.error is None


@pytest.mark.parametrize("later", [_with_1, _by_expiring])
def test_an_error_stays_what_it_is(future: Future[int], later: Complete) -> None:
    future.set_exception(ERROR)

    later(future)

    with pytest.raises(NotConnected):
        future.get()
    assert future.error is ERROR


def test_of_many_completers_one_wins_and_every_reader_sees_it() -> None:
    future: Future[int] = Future(ThreadedRuntime(), "The answer")
    start, seen = threading.Barrier(16), list[int]()

    def complete(value: int) -> None:
        start.wait(PATIENCE_SECONDS)
        future.set(value)

    def read() -> None:
        start.wait(PATIENCE_SECONDS)
        seen.append(future.get(timeout=PATIENCE_SECONDS))

    threads = [threading.Thread(target=complete, args=(value,)) for value in range(8)]
    threads += [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)

    assert seen == [future.get()] * 8


def test_it_is_done_once_it_has_ended(future: Future[int]) -> None:
    before = future.done

    future.set(1)

    assert (before, future.done) == (False, True)


def test_it_shows_what_is_awaited_and_never_the_value(future: Future[int]) -> None:
    pending = repr(future)
    future.set(1234)

    assert pending == "<Future of The answer: pending>"
    assert repr(future) == "<Future of The answer: done>"


def test_a_pending_future_has_no_error(future: Future[int]) -> None:
    assert future.error is None


def test_an_error_from_elsewhere_is_raised_but_not_shown(future: Future[int]) -> None:
    future.set_exception(ZeroDivisionError())

    assert future.error is None
    with pytest.raises(ZeroDivisionError):
        future.get()


def test_an_error_raised_twice_does_not_drag_its_tracebacks_along(future: Future[int]) -> None:
    future.set_exception(ERROR)
    lengths = []

    for _ in range(3):
        with pytest.raises(NotConnected) as raised:
            future.get()
        lengths.append(len(traceback.extract_tb(raised.tb)))

    assert len(set(lengths)) == 1


def test_a_refusal_is_a_future_that_has_ended(runtime: Runtime) -> None:
    future = failed(runtime, "The answer", ERROR)

    assert future.done
    assert future.error is ERROR


# Callbacks.


def test_a_callback_is_called_once_when_it_has_ended(future: Future[int]) -> None:
    calls: list[int] = []
    future.on_done(lambda: calls.append(1))

    future.set(1)
    future.set(2)

    assert calls == [1]


def test_a_callback_that_comes_late_is_called_at_once(future: Future[int]) -> None:
    calls: list[int] = []
    future.set(1)

    future.on_done(lambda: calls.append(1))

    assert calls == [1]


@pytest.mark.parametrize("complete", [_with_1, _with_error, _by_expiring])
def test_a_callback_that_raises_harms_neither_completer_nor_other_callbacks(
    future: Future[int], complete: Complete
) -> None:
    calls: list[int] = []
    future.on_done(lambda: calls.remove(2))  # a ValueError
    future.on_done(lambda: calls.__delitem__(2))  # an IndexError
    future.on_done(lambda: calls.append(1))

    complete(future)

    assert calls == [1]


# Waiting.


def test_a_value_that_is_there_is_not_waited_for(future: Future[int]) -> None:
    future.set(7)

    assert future.get(timeout=0) == 7


def test_a_value_that_comes_is_waited_for(runtime: Runtime, future: Future[int]) -> None:
    runtime.scheduler.call_later(0.01, lambda: future.set(7))

    assert future.get(timeout=PATIENCE_SECONDS) == 7


def test_what_is_not_there_in_time_is_a_timeout(future: Future[int]) -> None:
    with pytest.raises(TimeoutError) as raised:
        future.get(timeout=0.01)

    assert isinstance(raised.value, DeadlineExceeded)
    assert str(raised.value) == "The answer: no answer within 0.01 s."


def test_waiting_in_vain_leaves_it_pending(future: Future[int]) -> None:
    with pytest.raises(DeadlineExceeded):
        future.get(timeout=0.01)
    future.set(1)

    assert future.get() == 1


def test_expiring_says_how_long_it_was_allowed(future: Future[int]) -> None:
    future.expire()

    with pytest.raises(DeadlineExceeded, match=r"The answer: no answer within 5 s\."):
        future.get()


def test_without_a_deadline_of_its_own_expiring_says_zero(runtime: Runtime) -> None:
    future: Future[int] = Future(runtime, "The answer")

    future.expire()

    with pytest.raises(DeadlineExceeded, match="within 0 s"):
        future.get()


def _lateness(wait: Callable[[], object], seconds: float) -> float:
    began = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        wait()
    return time.monotonic() - began - seconds


def test_on_threads_a_deadline_is_kept() -> None:
    future: Future[int] = Future(ThreadedRuntime(), "The answer")

    lateness = [_lateness(lambda: future.get(timeout=0.02), 0.02) for _ in range(5)]

    # The machine may be busy now and then; it is not busy every time.
    assert min(lateness) >= 0
    assert sorted(lateness)[len(lateness) // 2] < LATE_SECONDS


def test_in_virtual_time_a_deadline_is_kept_exactly() -> None:
    runtime = SteppedRuntime()
    future: Future[int] = Future(runtime, "The answer")

    with pytest.raises(DeadlineExceeded):
        future.get(timeout=2.5)

    assert runtime.clock.monotonic() == 2.5


def test_in_virtual_time_waiting_without_an_end_for_what_never_comes_ends() -> None:
    future: Future[int] = Future(SteppedRuntime(), "The answer")

    with pytest.raises(DeadlineExceeded):
        future.get()


# Waiting where nothing may wait, on both runtimes.


def _wait_for_ever(puppet: Puppet) -> object:
    return Future[int](puppet.context.system.runtime, "The answer").get()


def test_a_handler_that_waits_is_refused(ground: Ground) -> None:
    ground.start("Puppet", Puppet)

    ground.tell("Puppet", Do(act=_wait_for_ever))

    (exit_,) = ground.exits(1)
    assert isinstance(exit_.error, BlockingInHandler)
    assert str(exit_.error).startswith("Waiting for The answer would block the actor 'Puppet-1'.")


@pytest.mark.parametrize("hook", ["on_start", "on_stop"])
def test_a_hook_that_waits_is_refused(ground: Ground, hook: str) -> None:
    child = ground.start("Puppet", lambda context: Puppet(context, [], **{hook: _wait_for_ever}))

    if hook == "on_stop":
        child.request_stop()

    (exit_,) = ground.exits(1)
    assert isinstance(exit_.error, BlockingInHandler)


def test_a_last_hook_that_waits_is_refused_too(ground: Ground) -> None:
    refused: list[BlockingInHandler] = []

    def try_to_wait(puppet: Puppet) -> None:
        with pytest.raises(BlockingInHandler) as raised:
            _wait_for_ever(puppet)
        refused.append(raised.value)

    ground.start("Puppet", lambda context: Puppet(context, on_failure=try_to_wait))
    ground.tell("Puppet", Do(act=raising(ValueError())))

    ground.exits(1)
    assert len(refused) == 1


def test_a_future_is_not_read_in_a_handler_though_it_has_ended(ground: Ground) -> None:
    ground.start("Puppet", Puppet)
    future: Future[int] = Future(ground.runtime, "The answer")
    future.set(7)

    ground.tell("Puppet", Do(act=lambda _puppet: future.get()))

    (exit_,) = ground.exits(1)
    assert isinstance(exit_.error, BlockingInHandler)


@pytest.mark.parametrize("timeout", [0.0, -1.0, -math.inf])
def test_who_has_no_time_does_not_wait(future: Future[int], timeout: float) -> None:
    with pytest.raises(DeadlineExceeded):
        future.get(timeout=timeout)


@pytest.mark.parametrize("timeout", [1e10, math.inf])
def test_who_has_all_the_time_waits_for_the_value(runtime: Runtime, future: Future[int], timeout: float) -> None:
    runtime.scheduler.call_later(0.01, lambda: future.set(7))

    assert future.get(timeout=timeout) == 7


def test_a_timeout_that_is_no_number_is_refused(future: Future[int]) -> None:
    with pytest.raises(UsageError, match="not a number"):
        future.get(timeout=math.nan)


# Awaiting.


async def _result(future: Future[int]) -> int:
    return await future


def test_awaiting_gives_the_value(runtime: Runtime, future: Future[int]) -> None:
    runtime.scheduler.call_later(0.01, lambda: future.set(7))

    assert asyncio.run(_result(future)) == 7


def test_awaiting_raises_the_error(runtime: Runtime, future: Future[int]) -> None:
    runtime.scheduler.call_later(0.01, lambda: future.set_exception(ERROR))

    with pytest.raises(NotConnected):
        asyncio.run(_result(future))


def test_awaiting_what_is_there_needs_no_loop_to_turn(future: Future[int]) -> None:
    future.set(7)

    assert asyncio.run(_result(future)) == 7


def test_awaiting_does_not_block_the_loop() -> None:
    future: Future[int] = Future(ThreadedRuntime(), "The answer")

    async def main() -> int:
        asyncio.get_running_loop().call_soon(future.set, 7)  # never called by a loop that is blocked
        return await asyncio.wait_for(_result(future), PATIENCE_SECONDS)

    assert asyncio.run(main()) == 7


def test_two_loops_may_await_the_same_future() -> None:
    future: Future[int] = Future(ThreadedRuntime(), "The answer")
    seen: list[int] = []
    threads = [threading.Thread(target=lambda: seen.append(asyncio.run(_result(future)))) for _ in range(2)]
    for thread in threads:
        thread.start()

    future.set(7)

    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert seen == [7, 7]


async def _cancelled(future: Future[int]) -> None:
    """Await it, and be cancelled."""
    task = asyncio.ensure_future(_result(future))
    asyncio.get_running_loop().call_soon(task.cancel)
    with pytest.raises(asyncio.CancelledError):
        await task


def test_a_cancelled_await_gives_the_answer_up() -> None:
    future: Future[int] = Future(ThreadedRuntime(), "The answer")

    asyncio.run(_cancelled(future))
    future.set(1)

    with pytest.raises(RequestCancelled, match="The answer"):
        future.get()


def test_a_cancelled_await_leaves_nothing_of_its_request() -> None:
    ground = Ground(ThreadedRuntime())
    future, name, _ = ground.system.expect("The answer", 5.0, lambda reply: reply)
    assert ground.system.directory.get(name) is not None

    asyncio.run(_cancelled(future))

    assert ground.system.directory.get(name) is None
    assert ground.system._ends == {}
    timers = ground.runtime.scheduler._timers._entries  # type: ignore[attr-defined]
    assert [entry.action for _, _, entry in timers if entry.action is not None] == []
    ground.close()


def test_a_cancelled_await_leaves_it_to_who_else_waits() -> None:
    future: Future[int] = Future(ThreadedRuntime(), "The answer")

    async def main() -> int:
        other = asyncio.ensure_future(_result(future))
        await asyncio.sleep(0)
        await _cancelled(future)
        future.set(1)
        return await other

    assert asyncio.run(main()) == 1


def test_a_cancelled_await_leaves_it_to_a_thread_that_waits() -> None:
    future: Future[int] = Future(ThreadedRuntime(), "The answer")
    answers: list[int] = []
    thread = threading.Thread(target=lambda: answers.append(future.get(timeout=PATIENCE_SECONDS)))
    thread.start()
    while not future._waiting:
        time.sleep(0)

    asyncio.run(_cancelled(future))
    future.set(1)
    thread.join(PATIENCE_SECONDS)

    assert answers == [1]


def test_who_stops_waiting_at_a_timeout_may_ask_for_the_answer_again(future: Future[int]) -> None:
    with pytest.raises(DeadlineExceeded):
        future.get(timeout=0.01)

    future.set(1)

    assert future.get() == 1


@pytest.mark.parametrize("complete", [_with_1, _with_error, _by_expiring])
def test_a_loop_that_was_closed_is_no_concern_of_the_completer(complete: Complete) -> None:
    future: Future[int] = Future(ThreadedRuntime(), "The answer")

    async def begin_to_wait() -> None:
        next(future.__await__())

    asyncio.run(begin_to_wait())
    complete(future)

    assert future.done


def test_awaiting_in_a_stepped_world_moves_it_on() -> None:
    runtime = SteppedRuntime()
    future: Future[int] = Future(runtime, "The answer")
    runtime.call_later(3600.0, lambda: future.set(7))

    value = asyncio.run(_result(future))

    assert (value, runtime.clock.monotonic()) == (7, 3600.0)

"""Covers optionbus.stream."""

import asyncio
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterator

import pytest

from actors.runtime import Runtime, ThreadedRuntime
from messages.errors import BlockingInHandler, DeadlineExceeded, StreamOverflow, SystemFailed, UsageError
from optionbus.stream import Overflow, Stream
from optionbus.testing import SteppedRuntime
from tests.actors.ground import PATIENCE_SECONDS, Ground, see_threads_end
from tests.actors.puppet import Do, Puppet

ERROR = SystemFailed("it was stopped")


@pytest.fixture(params=[ThreadedRuntime, SteppedRuntime], ids=["threads", "steps"])
def runtime(request: pytest.FixtureRequest) -> Iterator[Runtime]:
    runtime: Runtime = request.param()
    yield runtime
    runtime.close()
    see_threads_end()


def _stream(runtime: Runtime, buffer: int = 10_000, overflow: Overflow = Overflow.DROP_OLDEST) -> Stream[int]:
    """A stream that is told tuples of numbers."""
    return Stream("Numbers", runtime, lambda message: message, buffer=buffer, overflow=overflow)


@pytest.fixture
def stream(runtime: Runtime) -> Stream[int]:
    return _stream(runtime)


def _numbers(runtime: Runtime, overflow: Overflow) -> Stream[int]:
    return _stream(runtime, 3, overflow)


# Reading.


def test_items_come_out_oldest_first(stream: Stream[int]) -> None:
    stream.tell((1, 2))
    stream.tell((3,))

    assert [stream.get(), next(stream), stream.get()] == [1, 2, 3]


def test_its_length_is_what_waits_to_be_read(stream: Stream[int]) -> None:
    stream.tell((1, 2))

    assert len(stream) == 2


def test_a_message_may_hold_nothing(stream: Stream[int]) -> None:
    stream.tell(())

    assert len(stream) == 0


def test_a_read_waits_for_what_comes(runtime: Runtime, stream: Stream[int]) -> None:
    runtime.scheduler.call_later(0.01, lambda: stream.tell((7,)))

    assert stream.get(timeout=PATIENCE_SECONDS) == 7


def test_iterating_waits_for_what_comes_and_ends_with_the_stream(runtime: Runtime, stream: Stream[int]) -> None:
    runtime.scheduler.call_later(0.01, lambda: stream.tell((1, 2)))
    runtime.scheduler.call_later(0.02, lambda: stream.tell((3,)))
    runtime.scheduler.call_later(0.03, stream.end)

    assert list(stream) == [1, 2, 3]


def test_nothing_in_time_is_a_timeout(stream: Stream[int]) -> None:
    with pytest.raises(DeadlineExceeded, match=r"The next item of Numbers: no answer within 0\.01 s\."):
        stream.get(timeout=0.01)


def test_a_reader_whose_item_another_took_still_gives_up_in_time() -> None:
    runtime = SteppedRuntime()
    stream = _stream(runtime)

    def tell_and_take() -> None:
        stream.tell((1,))
        stream.get()

    runtime.call_later(6.0, tell_and_take)

    with pytest.raises(DeadlineExceeded):
        stream.get(timeout=10.0)
    assert runtime.clock.monotonic() == pytest.approx(10.0)


def test_readers_that_gave_up_are_not_kept(stream: Stream[int]) -> None:
    for _ in range(3):
        with pytest.raises(DeadlineExceeded):
            stream.get(timeout=0.0)

    assert len(stream._readers) == 0


def test_many_threads_may_read_and_each_item_is_read_once() -> None:
    stream, taken = _stream(ThreadedRuntime()), list[int]()
    threads = [threading.Thread(target=lambda: taken.extend(stream)) for _ in range(4)]
    for thread in threads:
        thread.start()

    for number in range(0, 4000, 2):
        stream.tell((number, number + 1))
    stream.end()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)

    assert not any(thread.is_alive() for thread in threads)
    assert sorted(taken) == list(range(4000))
    assert stream.dropped == 0


@pytest.mark.parametrize("items", [(), (1,)], ids=["empty", "filled"])
@pytest.mark.parametrize("read", [next, Stream.get])
def test_reading_in_a_handler_is_refused(
    runtime: Runtime, stream: Stream[int], read: Callable[[Stream[int]], int], items: tuple[int, ...]
) -> None:
    stream.tell(items)
    ground = Ground(runtime)
    ground.start("Puppet", Puppet)

    ground.tell("Puppet", Do(act=lambda _puppet: read(stream)))

    (exit_,) = ground.exits(1)
    assert isinstance(exit_.error, BlockingInHandler)
    ground.close()


# Slow readers.


def test_a_full_stream_drops_the_oldest_and_counts_them(runtime: Runtime) -> None:
    stream = _numbers(runtime, Overflow.DROP_OLDEST)

    stream.tell((1, 2, 3))
    stream.tell((4, 5))
    stream.end()

    assert list(stream) == [3, 4, 5]
    assert stream.dropped == 2


@pytest.mark.parametrize("buffer", [0, -1, 1.5, "10"])
@pytest.mark.parametrize("overflow", list(Overflow))
def test_a_stream_has_room_for_one_item_at_least(runtime: Runtime, buffer: int, overflow: Overflow) -> None:
    with pytest.raises(UsageError, match="1 or more"):
        _stream(runtime, buffer, overflow)


def test_a_conflating_stream_keeps_the_newest_alone(runtime: Runtime) -> None:
    stream = _numbers(runtime, Overflow.CONFLATE)

    stream.tell((1, 2, 3))
    stream.tell((4,))
    stream.end()

    assert list(stream) == [4]
    assert stream.dropped == 3


def test_a_stream_that_may_lose_nothing_ends_after_what_it_holds(runtime: Runtime) -> None:
    stream = _numbers(runtime, Overflow.FAIL)

    stream.tell((1, 2, 3))
    stream.tell((4,))
    stream.tell((5,))
    read = [stream.get() for _ in range(4)]

    assert read == [1, 2, 3, 4]
    assert stream.dropped == 0
    with pytest.raises(StreamOverflow, match="holds 3 items"):
        stream.get()


@pytest.mark.parametrize("overflow", list(Overflow))
def test_a_reader_who_keeps_up_loses_nothing(runtime: Runtime, overflow: Overflow) -> None:
    stream, read = _numbers(runtime, overflow), list[int]()

    for number in range(10):
        stream.tell((number,))
        read.append(stream.get())

    assert read == list(range(10))
    assert stream.dropped == 0


# The end.


def test_a_stream_that_has_ended_gives_what_it_holds_first(stream: Stream[int]) -> None:
    stream.tell((1,))
    stream.end()

    assert stream.get() == 1
    with pytest.raises(StopIteration):
        stream.get()


def test_a_stream_that_has_ended_takes_nothing_more(stream: Stream[int]) -> None:
    stream.end()

    stream.tell((1,))

    assert list(stream) == []


def test_who_waits_at_the_end_is_told(runtime: Runtime, stream: Stream[int]) -> None:
    runtime.scheduler.call_later(0.01, lambda: stream.end(ERROR))

    with pytest.raises(SystemFailed):
        next(stream)


def test_the_first_end_is_the_one_that_counts(stream: Stream[int]) -> None:
    stream.end(ERROR)
    stream.end()

    with pytest.raises(SystemFailed):
        stream.get()


# Asyncio.


async def _collect(stream: Stream[int]) -> list[int]:
    return [item async for item in stream]


def test_it_can_be_read_in_asyncio_code(runtime: Runtime, stream: Stream[int]) -> None:
    stream.tell((1,))
    runtime.scheduler.call_later(0.01, lambda: stream.tell((2, 3)))
    runtime.scheduler.call_later(0.02, stream.end)

    assert asyncio.run(_collect(stream)) == [1, 2, 3]


def test_reading_in_asyncio_code_does_not_block_the_loop() -> None:
    stream = _stream(ThreadedRuntime())

    async def main() -> list[int]:
        loop = asyncio.get_running_loop()
        loop.call_soon(stream.tell, (7,))  # never called by a loop that is blocked
        loop.call_soon(stream.end)
        return await asyncio.wait_for(_collect(stream), PATIENCE_SECONDS)

    assert asyncio.run(main()) == [7]


def test_an_error_ends_reading_in_asyncio_code(stream: Stream[int]) -> None:
    stream.tell((1,))
    stream.end(ERROR)

    async def main() -> int:
        first = await anext(stream)
        with pytest.raises(SystemFailed):
            await anext(stream)
        return first

    assert asyncio.run(main()) == 1


def test_an_error_read_twice_does_not_drag_its_tracebacks_along(stream: Stream[int]) -> None:
    stream.end(ERROR)
    lengths = []

    async def main() -> None:
        for _ in range(3):
            with pytest.raises(SystemFailed) as raised:
                await anext(stream)
            lengths.append(len(traceback.extract_tb(raised.tb)))

    asyncio.run(main())

    assert len(set(lengths)) == 1


def test_giving_up_in_asyncio_code_loses_nothing() -> None:
    stream = _stream(ThreadedRuntime())

    async def main() -> int:
        task = asyncio.ensure_future(anext(stream))
        asyncio.get_running_loop().call_soon(task.cancel)
        with pytest.raises(asyncio.CancelledError):
            await task
        stream.tell((7,))
        return await anext(stream)

    assert asyncio.run(main()) == 7
    assert len(stream._readers) == 0


def test_two_readers_in_asyncio_code_share_what_comes() -> None:
    stream = _stream(ThreadedRuntime())

    async def main() -> list[int]:
        readers = [asyncio.ensure_future(anext(stream)) for _ in range(2)]
        loop = asyncio.get_running_loop()
        loop.call_soon(stream.tell, (1,))
        loop.call_soon(stream.tell, (2,))
        return await asyncio.wait_for(asyncio.gather(*readers), PATIENCE_SECONDS)

    assert sorted(asyncio.run(main())) == [1, 2]


def test_an_ending_that_another_thread_calls_meanwhile_is_called_once(stream: Stream[int]) -> None:
    class Raced(deque[Callable[[], None]]):
        def append(self, callback: Callable[[], None], /) -> None:
            super().append(callback)
            stream.end()  # as another thread would

    calls: list[int] = []
    stream._endings = Raced()

    stream.on_end(lambda: calls.append(1))

    assert calls == [1]

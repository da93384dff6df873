"""Raw handlers on threads: many come and go, are told and read at once, and nothing is left of them."""

import asyncio
import threading
from collections.abc import Awaitable, Iterator
from contextlib import suppress

import pytest

from actors.future import Future
from actors.runtime import ThreadedRuntime
from optionbus.raw_frame import RawFrame
from optionbus.raw_handler import RawHandler
from optionbus.raw_iterator import RawIterator
from optionbus.validator import Validator
from tests.actors.ground import PATIENCE_SECONDS, see_threads_end
from tests.optionbus.raw_stage import RawStage

ECHO = Validator.starts_with('42["echo"')


@pytest.fixture
def raw() -> Iterator[RawStage]:
    raw = RawStage(ThreadedRuntime())
    yield raw
    raw.close()
    see_threads_end()


def test_handlers_come_and_go_without_a_thread_of_their_own(raw: RawStage) -> None:
    before, threads = raw.kept(), threading.active_count()

    handlers = [raw.raw_handler(ECHO) for _ in range(1000)]
    waiting = [handler.wait_next(timeout=PATIENCE_SECONDS) for handler in handlers]
    raw.push("1")
    answers = [future.get().json() for future in waiting]
    # The timers of deadlines have a thread, one for all.
    assert threading.active_count() <= threads + 1
    handlers.clear()
    waiting.clear()

    assert answers == [1] * 1000
    assert raw.kept() == before


def test_a_reader_gets_all_beside_one_who_reads_nothing(raw: RawStage) -> None:
    idle, busy = raw.raw_handler(ECHO, buffer=10), raw.raw_handler(ECHO)
    read: list[int] = []
    reader = threading.Thread(
        target=lambda: read.extend(busy.get(timeout=PATIENCE_SECONDS).json() for _ in range(2000))
    )
    reader.start()

    raw.push(*map(str, range(2000)))
    reader.join(PATIENCE_SECONDS)

    assert read == list(range(2000))
    assert idle.dropped == 1990


def test_frames_and_waiting_meet_whatever_comes_first(raw: RawStage) -> None:
    handler, got = raw.raw_handler(ECHO), list[int]()

    def wait(reader: RawHandler) -> None:
        got.extend(reader.wait_next(timeout=PATIENCE_SECONDS).get().json() for _ in range(500))

    readers = [threading.Thread(target=wait, args=(handler,)) for _ in range(4)]
    for reader in readers:
        reader.start()
    raw.push(*map(str, range(2000)))
    for reader in readers:
        reader.join(PATIENCE_SECONDS)

    assert sorted(got) == list(range(2000))


def test_an_await_that_was_cancelled_takes_no_frame(raw: RawStage) -> None:
    async def cancel(awaited: Awaitable[object]) -> None:
        task = asyncio.ensure_future(awaited)
        await asyncio.sleep(0)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    async def wait(handler: RawHandler, frames: RawIterator) -> None:
        await cancel(_await(handler.wait_next()))
        await cancel(anext(handler))
        await cancel(anext(frames))
        raw.push("1")
        assert (await handler.wait_next(PATIENCE_SECONDS)).json() == 1
        assert (await anext(frames)).json() == 1

    asyncio.run(wait(raw.raw_handler(ECHO), raw.raw_iterator('42["echo",1]', ECHO)))


async def _await(future: Future[RawFrame]) -> RawFrame:
    return await future

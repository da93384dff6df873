"""Covers optionbus.raw_calls and optionbus.raw_iterator; raw handlers have tests of their own."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from messages.errors import (
    BusError,
    DeadlineExceeded,
    InvalidArgument,
    NotConnected,
    RawOrderRefused,
    SystemFailed,
    UsageError,
)
from optionbus.testing import SteppedRuntime
from optionbus.validator import Validator
from tests.optionbus.raw_stage import RawStage

ECHO = Validator.starts_with('42["echo"')
ASK = '42["echo"]'


@pytest.fixture
def raw() -> Iterator[RawStage]:
    raw = RawStage(SteppedRuntime())
    yield raw
    raw.close()


def now(raw: RawStage) -> float:
    return raw.system.runtime.clock.monotonic()


def test_a_raw_stream_has_every_inbound_frame(raw: RawStage) -> None:
    stream = raw.raw_stream()

    raw.push("1")
    raw.push("2", event="signals")
    raw.settle()

    assert [stream.get().text for _ in range(2)] == ['42["echo",1]', '42["signals",2]']


# One answer.


def test_a_raw_order_ends_in_the_first_frame_that_matches(raw: RawStage) -> None:
    before = raw.kept()

    answer = raw.raw_order(ASK, ECHO)
    raw.push("0", event="signals")
    raw.push("1", "2")

    assert answer.get().json() == 1
    assert raw.kept() == before
    assert raw.sent == [ASK]


def test_an_answer_that_comes_at_once_is_not_missed() -> None:
    for seed in range(10):
        raw = RawStage(SteppedRuntime(seed))
        answer = raw.raw_order(ASK, ECHO)
        raw.push("1")
        assert answer.get().json() == 1
        raw.close()


def test_no_answer_in_time_is_a_timeout(raw: RawStage) -> None:
    before, began = raw.kept(), now(raw)

    with pytest.raises(DeadlineExceeded):
        raw.raw_order(ASK, ECHO, timeout=5.0).get()

    assert now(raw) - began == pytest.approx(5.0)
    assert raw.sent == [ASK]
    assert raw.kept() == before


def test_a_message_is_sent_again_after_each_timeout(raw: RawStage) -> None:
    began = now(raw)

    answer = raw.raw_order(ASK, ECHO, timeout=5.0, retries=2)
    counts = []
    for _ in range(3):
        raw.settle()
        counts.append(len(raw.sent))
        raw.advance(5.0)

    with pytest.raises(DeadlineExceeded):
        answer.get()
    assert counts == [1, 2, 3]
    assert now(raw) - began == pytest.approx(15.0)
    raw.advance(10.0)
    assert raw.sent.count(ASK) == 3


def test_an_answer_ends_the_retries(raw: RawStage) -> None:
    answer = raw.raw_order(ASK, ECHO, timeout=5.0, retries=5)
    raw.advance(6.0)
    raw.push("1")

    assert answer.get().json() == 1
    raw.advance(10.0)
    assert raw.sent.count(ASK) == 2


def test_without_a_session_nothing_is_sent(raw: RawStage) -> None:
    raw.lose()
    before = raw.kept()

    with pytest.raises(NotConnected):
        raw.raw_order(ASK, ECHO).get()

    assert raw.kept() == before


def test_a_retry_outlasts_a_lost_connection(raw: RawStage) -> None:
    raw.lose()
    answer = raw.raw_order(ASK, ECHO, timeout=5.0, retries=1)
    raw.advance(1.0)
    raw.stage.accept()
    raw.advance(4.5)
    raw.push("1")

    assert answer.get().json() == 1
    assert raw.sent == [ASK]


def test_the_last_sending_without_a_session_is_the_end(raw: RawStage) -> None:
    raw.lose()

    answer = raw.raw_order(ASK, ECHO, timeout=5.0, retries=1)
    raw.advance(4.0)
    pending = not answer.done

    with pytest.raises(NotConnected):
        answer.get()
    assert pending


def test_a_thousand_raw_orders_leave_nothing(raw: RawStage) -> None:
    before = raw.kept()

    answers = [raw.raw_order(ASK, ECHO, timeout=5.0) for _ in range(1000)]
    raw.push("1")
    answered = [answer.get().json() for answer in answers[:500]]

    assert answered == [1] * 500
    assert raw.kept() == before


def test_a_raw_order_ends_with_the_client(raw: RawStage) -> None:
    answer = raw.raw_order(ASK, ECHO)

    raw.close()

    for future in (answer, raw.raw_order(ASK, ECHO)):
        with pytest.raises(SystemFailed):
            future.get()
    assert raw.system.routes.rules == ()


# Many answers.


def test_a_raw_iterator_yields_until_nothing_has_come_for_a_while(raw: RawStage) -> None:
    before = raw.kept()
    frames = raw.raw_iterator(ASK, ECHO, timeout=5.0)
    for seconds in (0.0, 4.0, 8.0):
        raw.system.runtime.scheduler.call_later(seconds, lambda: raw.push("1"))
    began = now(raw)

    read = [frame.json() for frame in frames]

    assert read == [1, 1, 1]
    assert now(raw) - began == pytest.approx(13.0)
    assert raw.sent == [ASK]
    del frames
    assert raw.kept() == before


def test_a_raw_iterator_is_read_in_asyncio_code(raw: RawStage) -> None:
    async def read() -> list[Any]:
        frames = raw.raw_iterator(ASK, ECHO, timeout=5.0)
        raw.push("1", "2")
        return [frame.json() async for frame in frames]

    assert asyncio.run(read()) == [1, 2]


def test_a_raw_iterator_without_a_timeout_ends_when_it_is_closed(raw: RawStage) -> None:
    frames = raw.raw_iterator(ASK, ECHO)
    raw.push("1")
    first = next(frames).json()
    raw.system.runtime.scheduler.call_later(1000.0, frames.close)

    assert (first, list(frames), frames.dropped) == (1, [], 0)


def test_a_raw_iterator_that_could_not_send_says_so(raw: RawStage) -> None:
    raw.lose()
    before = raw.kept()
    frames = raw.raw_iterator(ASK, ECHO)

    for _ in range(2):
        with pytest.raises(NotConnected):
            next(frames)
    with pytest.raises(NotConnected):
        asyncio.run(anext(frames))
    del frames
    assert raw.kept() == before


def test_a_raw_iterator_that_is_dropped_is_gone(raw: RawStage) -> None:
    before = raw.kept()
    frames = raw.raw_iterator(ASK, ECHO)
    raw.settle()

    del frames

    assert raw.kept() == before


# What is refused.


@pytest.mark.parametrize("order", ['42["openOrder",{"amount":1}]', '42["openPendingOrder",{}]'])
@pytest.mark.parametrize(
    "send",
    [
        lambda raw, order: raw.raw_order(order, ECHO),
        lambda raw, order: raw.raw_order(order, ECHO, retries=3),
        lambda raw, order: raw.raw_iterator(order, ECHO),
        lambda raw, order: raw.raw_handler(ECHO, keep_alive=order),
        lambda raw, order: raw.raw_handler(ECHO).send_text(order),
        lambda raw, order: raw.raw_handler(ECHO).send_and_wait(order),
    ],
)
def test_an_order_is_sent_by_no_raw_call(raw: RawStage, send: Callable[[RawStage, str], object], order: str) -> None:
    before = raw.kept()

    with pytest.raises(RawOrderRefused, match=r"Use buy\(\), sell\(\) or open_pending_order\(\)"):
        send(raw, order)

    assert raw.sent == []
    assert raw.kept() == before


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (lambda raw: raw.raw_order(5, ECHO), InvalidArgument),
        (lambda raw: raw.raw_order(ASK, "echo"), InvalidArgument),
        (lambda raw: raw.raw_order(ASK, ECHO, timeout="5"), InvalidArgument),
        (lambda raw: raw.raw_order(ASK, ECHO, timeout=float("nan")), InvalidArgument),
        (lambda raw: raw.raw_order(ASK, ECHO, retries=-1), InvalidArgument),
        (lambda raw: raw.raw_order(ASK, ECHO, retries=1.5), InvalidArgument),
        (lambda raw: raw.raw_order(ASK, ECHO, retries=True), InvalidArgument),
        (lambda raw: raw.raw_iterator(None, ECHO), InvalidArgument),
        (lambda raw: raw.raw_iterator(ASK, None), InvalidArgument),
        (lambda raw: raw.raw_iterator(ASK, ECHO, timeout=float("nan")), UsageError),
    ],
)
def test_what_cannot_be_asked_leaves_nothing(
    raw: RawStage, wrong: Callable[[RawStage], object], error: type[BusError]
) -> None:
    before = raw.kept()

    with pytest.raises(error):
        wrong(raw)

    assert raw.sent == []
    assert raw.kept() == before

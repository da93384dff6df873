"""Covers optionbus.raw_handler and optionbus.raw_stream."""

import asyncio
import gc
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from actors.rules import Predicate, Rule
from messages.errors import (
    BlockingInHandler,
    BusError,
    DeadlineExceeded,
    InvalidArgument,
    NotConnected,
    RawOrderRefused,
    StreamClosed,
    StreamOverflow,
    SystemFailed,
    UsageError,
)
from optionbus.raw_calls import RawCalls
from optionbus.raw_handler import RawHandler
from optionbus.stream import Overflow
from optionbus.testing import SteppedRuntime
from optionbus.validator import Validator
from tests.optionbus.edge_stage import EdgeStage
from tests.optionbus.raw_stage import RawStage

ECHO = Validator.starts_with('42["echo"')


@pytest.fixture
def raw() -> Iterator[RawStage]:
    raw = RawStage(SteppedRuntime())
    yield raw
    raw.close()


def unread(handler: RawHandler) -> list[Any]:
    """The payloads of the frames that wait to be read."""
    return [handler.get().json() for _ in range(len(handler._stream))]


# Frames.


@pytest.mark.parametrize(
    "predicate", [ECHO, Rule.event("echo"), ECHO & ~Rule.event("signals"), Validator.regex("echo")]
)
def test_a_handler_gets_the_frames_that_match_and_no_others(raw: RawStage, predicate: Predicate) -> None:
    handler = raw.raw_handler(predicate)

    raw.push("1")
    raw.push("2", event="signals")
    raw.push("3")
    raw.stage.transport.channel.push('42["echo",4]')
    raw.settle()

    assert unread(handler) == [1, 3, 4]


@pytest.mark.parametrize("seed", range(10))
def test_no_frame_after_the_call_is_missed(seed: int) -> None:
    raw = RawStage(SteppedRuntime(seed))

    handler = raw.raw_handler(ECHO)
    raw.push("1")  # its actors have not had a moment

    assert handler.get(timeout=1.0).text == '42["echo",1]'
    raw.close()


def test_a_handler_stays_over_reconnects(raw: RawStage) -> None:
    handler = raw.raw_handler(ECHO)

    raw.reconnect()
    raw.push("1")
    raw.settle()

    assert unread(handler) == [1]


def test_frames_are_iterated_until_the_handler_is_closed(raw: RawStage) -> None:
    read: list[Any] = []
    with raw.raw_handler(ECHO) as handler:
        raw.push("1", "2")
        for frame in handler.iterate():
            read.append(frame.json())
            if read == [1, 2]:
                handler.close()

    assert read == [1, 2]


def test_frames_are_iterated_in_asyncio_code(raw: RawStage) -> None:
    async def read() -> list[Any]:
        async with raw.raw_handler(ECHO) as handler:
            raw.push("1", "2")
            raw.settle()
            handler.close()
            return [frame.json() async for frame in handler]

    assert asyncio.run(read()) == [1, 2]


def test_what_was_not_read_when_it_was_closed_can_still_be(raw: RawStage) -> None:
    handler = raw.raw_handler(ECHO)
    raw.push("1", "2")
    raw.settle()

    handler.close()
    handler.close()
    raw.push("3")
    raw.settle()

    assert [frame.json() for frame in handler] == [1, 2]


def test_each_handler_has_a_name_of_its_own(raw: RawStage) -> None:
    one, two = raw.raw_handler(ECHO), raw.raw_handler(ECHO)

    assert one.id != two.id
    assert repr(one) == f"<RawHandler {one.id}>"


def test_a_slow_reader_loses_the_oldest_and_is_told_how_many(raw: RawStage) -> None:
    handler = raw.raw_handler(ECHO, buffer=2)

    raw.push("1", "2", "3")
    raw.settle()

    assert handler.dropped == 1
    assert unread(handler) == [2, 3]


def test_a_reader_who_may_lose_nothing_is_told_when_he_does(raw: RawStage) -> None:
    handler = raw.raw_handler(ECHO, buffer=1, overflow=Overflow.FAIL)

    raw.push("1", "2")
    raw.settle()

    assert [handler.get().json(), handler.wait_next().get().json()] == [1, 2]
    with pytest.raises(StreamOverflow):
        handler.wait_next().get()


def test_a_predicate_that_raises_matches_nothing_and_is_counted(raw: RawStage) -> None:
    broken = raw.raw_handler(Validator.custom(lambda text: text[10_000] == "x"))
    sound = raw.raw_handler(ECHO)

    raw.push(*["1"] * 50)
    raw.settle()

    assert (len(broken._stream), len(sound._stream)) == (0, 50)
    assert raw.system.traffic.predicates_failed == 50
    lines = [line for line in raw.stage.sink.lines if "IndexError" in line]
    assert len(lines) == 1
    assert broken.id in lines[0]


# Sending.


def test_text_and_bytes_are_sent_as_they_are(raw: RawStage) -> None:
    handler = raw.raw_handler(ECHO)

    sent = [handler.send_text('42["a"]'), handler.send_binary(b"\x00\xff"), handler.send("42[1]")]

    assert [future.get() for future in sent] == [None] * 3
    raw.settle()
    assert raw.sent == ['42["a"]', b"\x00\xff", "42[1]"]


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (lambda handler: handler.send_text(b"42"), InvalidArgument),
        (lambda handler: handler.send_text("\ud800"), InvalidArgument),
        (lambda handler: handler.send_binary("42"), InvalidArgument),
        (lambda handler: handler.send_and_wait(5), InvalidArgument),
        (lambda handler: handler.send_and_wait("42", timeout="1"), InvalidArgument),
        (lambda handler: handler.send_and_wait("42", timeout=float("nan")), InvalidArgument),
        (lambda handler: handler.wait_next(timeout=True), InvalidArgument),
        (lambda handler: handler.send_text('42["openOrder",{}]'), RawOrderRefused),
        (lambda handler: handler.send_and_wait('42["openPendingOrder",{}]'), RawOrderRefused),
    ],
)
def test_what_cannot_or_may_not_be_done_is_refused_at_once(
    raw: RawStage, wrong: Callable[[RawHandler], object], error: type[BusError]
) -> None:
    handler = raw.raw_handler(ECHO)
    before = raw.kept()

    with pytest.raises(error):
        wrong(handler)

    assert raw.kept() == before
    assert raw.sent == []


def test_without_a_session_nothing_is_sent_and_nobody_waits(raw: RawStage) -> None:
    handler = raw.raw_handler(ECHO)
    raw.lose()

    sent, answer = handler.send_text("42"), handler.send_and_wait("42")

    for future in (sent, answer):
        with pytest.raises(NotConnected):
            future.get()
    assert not handler._stream._awaiting


def test_an_answer_is_the_next_frame_after_the_sending(raw: RawStage) -> None:
    handler = raw.raw_handler(ECHO)
    raw.push("1", "2")
    raw.settle()

    answer = handler.send_and_wait('42["echo",3]')
    raw.push("3", "4")

    assert answer.get().json() == 3
    raw.settle()
    assert unread(handler) == [1, 2, 4]


def test_answers_go_to_who_waits_in_order(raw: RawStage) -> None:
    handler = raw.raw_handler(ECHO)

    answers = [handler.send_and_wait("42[1]"), handler.wait_next(), handler.send_and_wait(b"2")]
    raw.push("1", "2", "3", "4")

    assert [answer.get().json() for answer in answers] == [1, 2, 3]
    raw.settle()
    assert unread(handler) == [4]
    assert raw.sent == ["42[1]", b"2"]


def test_no_answer_in_time_is_a_timeout_and_takes_no_later_frame(raw: RawStage) -> None:
    handler = raw.raw_handler(ECHO)

    answer = handler.send_and_wait("42[1]", timeout=5.0)
    began = raw.system.runtime.clock.monotonic()
    with pytest.raises(DeadlineExceeded, match=handler.id):
        answer.get()
    raw.push("1")
    raw.settle()

    assert raw.system.runtime.clock.monotonic() - began == pytest.approx(5.0)
    assert unread(handler) == [1]


def test_an_answer_has_the_deadline_of_requests_unless_told_otherwise(raw: RawStage) -> None:
    handler = raw.raw_handler(ECHO)

    answer = handler.send_and_wait("42[1]")

    assert answer.timeout_seconds == raw._edge.settings.requests.timeout_seconds


def test_a_connection_that_is_lost_half_way_leaves_the_answer_its_deadline(raw: RawStage) -> None:
    handler = raw.raw_handler(ECHO)

    answer = handler.send_and_wait("42[1]", timeout=5.0)
    raw.settle()
    raw.reconnect()

    with pytest.raises(DeadlineExceeded):
        answer.get()
    assert raw.sent == []  # it is not sent again


# Waiting.


def test_the_next_frame_is_the_oldest_unread_one(raw: RawStage) -> None:
    handler = raw.raw_handler(ECHO)
    raw.push("1", "2")
    raw.settle()

    assert [handler.wait_next().get().json() for _ in range(2)] == [1, 2]


def test_the_next_frame_may_be_awaited(raw: RawStage) -> None:
    handler = raw.raw_handler(ECHO)

    async def wait() -> Any:
        raw.push("1")
        return (await handler.wait_next(timeout=1.0)).json()

    assert asyncio.run(wait()) == 1


def test_a_frame_goes_to_no_future_that_gave_up(raw: RawStage) -> None:
    handler = raw.raw_handler(ECHO)
    late, waiting = handler.wait_next(), handler.wait_next()
    late._callbacks.clear()  # it gives up in the very moment in which the frame is given to it
    late.expire()

    raw.push("1")
    raw.settle()

    assert waiting.get().json() == 1


def test_who_waits_for_a_closed_handler_is_told(raw: RawStage) -> None:
    handler = raw.raw_handler(ECHO)
    waiting, answer = handler.wait_next(), handler.send_and_wait("42[1]")

    handler.close()

    for future in (waiting, answer, handler.wait_next(), handler.send_text("42"), handler.send_and_wait("42")):
        with pytest.raises(StreamClosed, match=handler.id):
            future.get()
    raw.settle()
    assert raw.sent == ["42[1]"]


def test_who_waits_when_the_client_stops_is_told(raw: RawStage) -> None:
    handler = raw.raw_handler(ECHO)
    waiting = handler.wait_next()

    raw.close()

    for read in (waiting.get, handler.get, handler.wait_next().get, handler.send_text("42").get, lambda: next(handler)):
        with pytest.raises(SystemFailed):
            read()
    assert raw.raw_handler(ECHO).wait_next().done


def test_reading_inside_an_actor_is_refused(raw: RawStage) -> None:
    handler, failures = raw.raw_handler(ECHO), list[BaseException]()

    def read(_frame: object) -> bool:
        try:
            next(handler)
        except BlockingInHandler as error:
            failures.append(error)
        return False

    raw.raw_handler(Rule.custom(read))
    raw.push("1")
    raw.settle()

    assert len(failures) == 1


# Keep-alives.


def test_a_keep_alive_is_sent_again_on_every_new_connection(raw: RawStage) -> None:
    handler = raw.raw_handler(ECHO, keep_alive='42["signals/subscribe"]')
    raw.settle()
    at_first = raw.sent

    raw.reconnect()
    again = raw.sent
    raw.reconnect()

    assert (at_first, again, raw.sent) == ([], ['42["signals/subscribe"]'], ['42["signals/subscribe"]'])
    handler.close()


@pytest.mark.parametrize("end", [RawHandler.close, lambda _handler: None], ids=["closed", "collected"])
def test_the_keep_alive_of_a_handler_that_is_gone_is_sent_no_more(
    raw: RawStage, end: Callable[[RawHandler], None]
) -> None:
    handler = raw.raw_handler(ECHO, keep_alive=b"1")
    end(handler)
    del handler
    gc.collect()

    raw.reconnect()

    assert raw.sent == []


# Being gone.


def _close(handlers: list[RawHandler]) -> None:
    for handler in handlers:
        handler.close()


@pytest.mark.parametrize("end", [_close, list.clear], ids=["closed", "collected"])
def test_a_thousand_handlers_come_and_go_without_a_trace(
    raw: RawStage, end: Callable[[list[RawHandler]], None]
) -> None:
    before = raw.kept()
    handlers = [raw.raw_handler(ECHO, keep_alive="42[1]") for _ in range(1000)]
    meanwhile = raw.kept()
    raw.push("1")
    raw.settle()
    received = sum(len(unread(handler)) for handler in handlers)

    end(handlers)

    assert received == 1000
    assert raw.kept() == before
    assert meanwhile > before
    assert raw.system.dead_letters == 0
    raw.reconnect()
    assert raw.sent == []


def test_a_handler_somebody_waits_for_is_not_collected(raw: RawStage) -> None:
    answer = raw.raw_handler(ECHO).send_and_wait("42[1]")
    gc.collect()
    raw.push("1")

    assert answer.get().json() == 1


def test_a_handler_is_collected_once_nobody_waits_for_it(raw: RawStage) -> None:
    before = raw.kept()
    handler = raw.raw_handler(ECHO)
    seen, waiting = weakref.ref(handler), handler.wait_next(timeout=1.0)
    del handler

    raw.push("1")
    waiting.get()

    assert raw.kept() == before
    assert seen() is None


def test_a_handler_that_is_iterated_is_not_collected(raw: RawStage) -> None:
    read: list[Any] = []
    raw.push("0")
    for frame in raw.raw_handler(ECHO):
        gc.collect()
        read.append(frame.json())
        if len(read) == 3:
            break
        raw.push(str(len(read)))

    assert read == [0, 1, 2]


def test_handlers_nobody_reads_delay_no_other() -> None:
    def steps_until_read(idle: int) -> int:
        runtime = SteppedRuntime(3)
        raw = RawStage(runtime)
        unread = [raw.raw_handler(ECHO, buffer=10) for _ in range(idle)]
        handler = raw.raw_handler(ECHO)
        raw.settle()
        before = runtime.steps
        raw.push(*map(str, range(1000)))
        assert [handler.get().json() for _ in range(1000)] == list(range(1000))
        taken, dropped = runtime.steps - before, {each.dropped for each in unread}
        assert dropped <= {990}
        raw.close()
        return taken

    assert steps_until_read(idle=20) == steps_until_read(idle=0)


# Before it is there.


@pytest.mark.parametrize(
    "wrong",
    [
        lambda raw: raw.raw_handler('42["echo"'),
        lambda raw: raw.raw_handler(len),
        lambda raw: raw.raw_handler(ECHO, 5),
        lambda raw: raw.raw_handler(ECHO, '42["openOrder",{}]'),
        lambda raw: raw.raw_handler(ECHO, buffer=0),
        lambda raw: raw.raw_handler(ECHO, overflow="drop oldest"),
        lambda raw: raw.raw_stream(buffer="5"),
    ],
)
def test_a_handler_that_cannot_be_is_refused_and_leaves_nothing(
    raw: RawStage, wrong: Callable[[RawStage], object]
) -> None:
    before = raw.kept()

    with pytest.raises(UsageError):
        wrong(raw)

    assert raw.kept() == before


@pytest.mark.parametrize(
    "call",
    [
        lambda calls: calls.raw_handler(ECHO),
        lambda calls: calls.raw_stream(),
        lambda calls: calls.raw_order("42", ECHO),
        lambda calls: calls.raw_iterator("42", ECHO),
    ],
)
def test_before_the_client_is_started_it_is_a_wrong_call(call: Callable[[RawCalls], object]) -> None:
    stage = EdgeStage(SteppedRuntime())
    calls = RawCalls()
    calls._edge = stage.edge

    with pytest.raises(UsageError, match="not been started"):
        call(calls)

    assert stage.system.routes.rules == ()
    stage.system.close()

"""Covers actors.runtime, and the contract that both runtimes keep."""

import math
import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest

from actors.future import Future
from actors.mailbox import Mailbox
from actors.runtime import (
    BELIEVED_SECONDS,
    ActorThread,
    Runtime,
    SystemClock,
    ThreadedRuntime,
    TimerThread,
)
from messages.errors import BlockingInHandler, DeadlineExceeded
from optionbus.testing import SteppedRuntime
from tests.actors.ground import PATIENCE_SECONDS, Ground, see_threads_end
from tests.actors.puppet import Do, Note, Puppet, Question, nothing

FAR_SECONDS = 86_400.0


def _let_pass(runtime: Runtime, seconds: float) -> None:
    """Return when everything that was due within that time has happened."""
    future: Future[None] = Future(runtime, "a while")
    runtime.scheduler.call_later(seconds, lambda: future.set(None))
    future.get(timeout=PATIENCE_SECONDS)


# The contract of both.


def test_timers_fire_in_the_order_they_are_due(runtime: Runtime) -> None:
    fired: list[float] = []

    for delay in (0.3, 0.1, 0.2):
        runtime.scheduler.call_later(delay, lambda delay=delay: fired.append(delay))  # type: ignore[misc]
    _let_pass(runtime, 0.4)

    assert fired == [0.1, 0.2, 0.3]


def test_a_moment_that_has_passed_is_now(runtime: Runtime) -> None:
    fired: list[float] = []

    runtime.scheduler.call_later(-1.0, lambda: fired.append(runtime.clock.monotonic()))
    _let_pass(runtime, 0.01)

    assert len(fired) == 1


def test_timers_due_at_once_fire_in_the_order_they_were_set(runtime: Runtime) -> None:
    fired: list[int] = []

    for number in range(20):
        runtime.scheduler.call_later(0.0, lambda number=number: fired.append(number))  # type: ignore[misc]
    _let_pass(runtime, 0.0)

    assert fired == list(range(20))


def test_a_timer_that_was_cancelled_does_not_fire(runtime: Runtime) -> None:
    fired: list[int] = []
    timers = [runtime.scheduler.call_later(0.01, lambda: fired.append(1)) for _ in range(3)]

    timers[0].cancel()
    timers[2].cancel()
    _let_pass(runtime, 0.02)

    assert fired == [1]


def test_cancelling_too_late_or_twice_is_no_error(runtime: Runtime) -> None:
    timer = runtime.scheduler.call_later(0.0, lambda: None)
    _let_pass(runtime, 0.01)

    timer.cancel()
    timer.cancel()


def test_a_timer_may_set_another(runtime: Runtime) -> None:
    fired: list[int] = []

    def first() -> None:
        fired.append(1)
        runtime.scheduler.call_later(0.0, lambda: fired.append(2))

    runtime.scheduler.call_later(0.0, first)
    _let_pass(runtime, 0.01)

    assert fired == [1, 2]


def test_the_clocks_do_not_go_back(runtime: Runtime) -> None:
    moments = []

    for _ in range(5):
        moments.append((runtime.clock.monotonic(), runtime.clock.now()))
        _let_pass(runtime, 0.001)

    assert all(before[0] < after[0] and before[1] <= after[1] for before, after in pairwise(moments))
    assert runtime.clock.scale == 1.0


def test_each_mailbox_is_another(runtime: Runtime) -> None:
    assert isinstance(runtime.mailbox(), Mailbox)
    assert runtime.mailbox() is not runtime.mailbox()


@pytest.mark.parametrize("make", [lambda: ThreadedRuntime(seed=7), lambda: SteppedRuntime(7)], ids=["threads", "steps"])
def test_chance_follows_the_seed(make: Callable[[], Runtime]) -> None:
    assert make().random.random() == make().random.random()


def test_an_actor_handles_what_it_is_told_in_order(ground: Ground) -> None:
    noted: list[int] = []
    ground.start("Puppet", lambda context: Puppet(context, noted))

    for number in range(1000):
        ground.tell("Puppet", Note(number=number))
    ground.ask("Puppet", Question(act=nothing)).get()

    assert noted == list(range(1000))


def test_actors_talk_to_each_other_until_they_are_done(ground: Ground) -> None:
    def pass_on(puppet: Puppet) -> None:
        other = "Pong" if puppet.context.name == "Ping" else "Ping"
        puppet.noted.append(1)
        if len(puppet.noted) < 50:
            ground.tell(other, Do(act=pass_on))
        else:
            ground.tell("Referee", Note(number=len(puppet.noted)))

    referee = ground.witness("Referee")
    for name in ("Ping", "Pong"):
        ground.start(name, Puppet)

    ground.tell("Ping", Do(act=pass_on))
    referee.wait_for(1)

    assert referee.messages == [Note(number=50)]


# Threads alone.


def test_the_clock_is_that_of_the_computer() -> None:
    clock = SystemClock()

    before, now, after = time.time(), clock.now(), time.time()

    assert before <= now <= after
    assert clock.monotonic is time.monotonic


class Hands:
    """The computer's clocks, to be set by a test."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wall, self.since_boot = 1_000_000.0, 50.0
        monkeypatch.setattr(time, "time", lambda: self.wall)
        monkeypatch.setattr(time, "clock_gettime", lambda _clock: self.since_boot)

    def pass_(self, seconds: float) -> None:
        self.wall += seconds
        self.since_boot += seconds


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Hands:
    return Hands(monkeypatch)


@pytest.mark.parametrize("jump", [3600.0, -3600.0, 5.1, -5.1])
def test_a_wall_clock_that_jumps_is_not_followed(hands: Hands, jump: float) -> None:
    clock = SystemClock()
    hands.wall += jump
    hands.pass_(10.0)

    assert clock.now() == 1_000_010.0


@pytest.mark.parametrize("correction", [4.9, -4.9])
def test_a_wall_clock_that_is_put_right_is_followed(hands: Hands, correction: float) -> None:
    clock = SystemClock()
    for _ in range(3):
        hands.wall += correction
        assert clock.now() == hands.wall


def test_a_jump_that_has_lasted_is_believed(hands: Hands) -> None:
    clock = SystemClock()
    hands.wall += 3600.0
    told = []
    for _ in range(3):
        told.append(clock.now())
        hands.pass_(BELIEVED_SECONDS / 2)

    assert told == [1_000_000.0, 1_000_300.0, 1_004_200.0]
    assert clock.now() == hands.wall


def test_a_jump_that_is_taken_back_was_none(hands: Hands) -> None:
    clock = SystemClock()
    hands.wall += 3600.0
    clock.now()
    hands.wall -= 3600.0
    clock.now()
    hands.wall += 3600.0
    hands.pass_(BELIEVED_SECONDS - 1.0)

    assert clock.now() == 1_000_599.0


def test_a_fast_clock_does_not_jump_either(hands: Hands) -> None:
    clock = SystemClock(60.0)
    hands.wall += 3600.0
    hands.pass_(1.0)

    assert clock.now() == 1_000_060.0


def test_a_fast_clock_begins_now_and_runs_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1000.0)
    clock = SystemClock(60.0)
    began = clock.now()

    monkeypatch.setattr(time, "time", lambda: 1001.5)

    assert (began, clock.now(), clock.scale) == (1000.0, 1090.0, 60.0)


@pytest.fixture
def timers() -> Iterator[TimerThread]:
    timers = TimerThread()
    yield timers
    timers.close()
    see_threads_end()


def _timer_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "Timers"]


def test_there_is_no_timer_thread_before_there_is_a_timer(timers: TimerThread) -> None:
    before = _timer_threads()
    timers.call_later(1000.0, lambda: None)
    timers.call_later(1000.0, lambda: None)

    assert before == []
    assert [thread.daemon for thread in _timer_threads()] == [True]


def test_a_timer_that_is_due_sooner_is_not_kept_waiting(timers: TimerThread) -> None:
    fired = threading.Event()
    timers.call_later(1000.0, lambda: None)

    timers.call_later(0.0, fired.set)

    assert fired.wait(PATIENCE_SECONDS)


def test_closing_ends_the_thread_and_what_was_still_to_come(timers: TimerThread) -> None:
    fired: list[int] = []
    timers.call_later(1000.0, lambda: fired.append(1))

    timers.close()
    see_threads_end()
    timers.call_later(0.0, lambda: fired.append(2))

    assert _timer_threads() == []
    assert fired == []


@pytest.mark.parametrize("delay_seconds", [1e10, math.inf])
def test_a_moment_that_never_comes_stops_no_other_timer(timers: TimerThread, delay_seconds: float) -> None:
    fired = threading.Event()
    timers.call_later(delay_seconds, lambda: None)

    timers.call_later(0.05, fired.set)

    assert fired.wait(PATIENCE_SECONDS)


@pytest.mark.parametrize("failure", [ValueError, SystemExit])
def test_a_timer_that_raises_is_shown_and_stops_no_other(
    timers: TimerThread, failure: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    fired, shown = threading.Event(), list[threading.ExceptHookArgs]()
    monkeypatch.setattr(threading, "excepthook", shown.append)

    def fail() -> None:
        raise failure

    timers.call_later(0.0, fail)
    timers.call_later(0.01, fired.set)

    assert fired.wait(PATIENCE_SECONDS)
    assert [(each.exc_type, each.thread.name if each.thread else None) for each in shown] == [(failure, "Timers")]


def test_nothing_waits_on_the_thread_of_the_timers() -> None:
    runtime, raised = ThreadedRuntime(), list[BaseException]()
    expiring: Future[None] = Future(runtime, "The answer")
    done: Future[None] = Future(runtime, "The test")

    def wait() -> None:
        try:
            Future[None](runtime, "Another answer").get(timeout=PATIENCE_SECONDS)
        except BlockingInHandler as error:
            raised.append(error)
        done.set(None)

    expiring.on_done(wait)
    runtime.scheduler.call_later(0.0, expiring.expire)
    done.get(timeout=2 * PATIENCE_SECONDS)
    runtime.close()
    see_threads_end()

    assert [type(each) for each in raised] == [BlockingInHandler]


def test_a_timer_may_close_the_timers(timers: TimerThread) -> None:
    timers.call_later(0.0, timers.close)

    see_threads_end()

    assert _timer_threads() == []


def test_every_actor_has_a_daemon_thread_of_its_own() -> None:
    ground = Ground(ThreadedRuntime())
    for name in ("One", "Two"):
        ground.start(name, Puppet)

    threads = [
        ground.ask(name, Question(act=lambda _puppet: threading.current_thread())).get().value
        for name in ("One", "Two")
    ]

    assert [(type(thread), thread.name, thread.daemon) for thread in threads] == [
        (ActorThread, "One-1", True),
        (ActorThread, "Two-1", True),
    ]
    ground.close()
    see_threads_end()


def test_a_handler_that_hangs_keeps_nobody_else_waiting() -> None:
    ground, release = Ground(ThreadedRuntime()), threading.Event()
    for name in ("Hanging", "Other"):
        ground.start(name, Puppet)

    hanging = ground.ask("Hanging", Question(act=lambda _puppet: release.wait(PATIENCE_SECONDS)))
    answer = ground.ask("Other", Question(act=lambda _puppet: hanging.done)).get()
    with pytest.raises(DeadlineExceeded):
        hanging.get(timeout=0.01)
    release.set()

    assert answer.value is False
    assert hanging.get().value is True
    ground.close()
    see_threads_end()


def test_a_seed_that_nobody_gave_is_drawn_and_told() -> None:
    drawn, other, given = ThreadedRuntime(), ThreadedRuntime(), ThreadedRuntime(seed=7)

    assert drawn.seed != other.seed
    assert ThreadedRuntime(seed=drawn.seed).random.random() == drawn.random.random()
    assert given.seed == 7

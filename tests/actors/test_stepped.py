"""Covers actors.stepped; what it shares with threads is in test_runtime."""

import gc
import math
from collections.abc import Callable

import pytest

from actors.future import Future
from actors.stepped import START, ManualClock, TimeStandsStill
from messages.base import AddressName, Message
from messages.errors import BlockingInHandler
from optionbus.testing import SteppedRuntime
from tests.actors.ground import Ground
from tests.actors.puppet import Do, Note, Puppet, Question, nothing, raising

NAMES = ("A", "B", "C", "D")
Step = tuple[float, str, str]


def _trace(seed: int) -> list[Step]:
    """What happens where four actors tell each other things at random, with timers, and one dies now and then."""
    steps: list[Step] = []
    runtime = SteppedRuntime(seed, on_step=lambda now, name, message: steps.append((now, name, repr(message))))
    ground = Ground(runtime)
    noted: list[int] = []
    children = [ground.start(name, lambda context: Puppet(context, noted, on_start=_remember)) for name in NAMES]

    for number in range(60):
        ground.tell(runtime.random.choice(NAMES), Note(number=number))
    runtime.advance(10.0)
    ground.tell("A", Do(act=_die))
    runtime.run_until_idle()
    children[0].start()
    runtime.advance(10.0)
    ground.close()
    return steps


def _remember(puppet: Puppet) -> None:
    puppet.context.after(puppet.context.random.random(), Note(number=1000))


def _go_round(puppet: Puppet) -> None:
    puppet.context.address.tell(Do(act=_go_round))


def _die(_puppet: Puppet) -> None:
    raise ValueError


def _order(seed: int) -> list[int]:
    """In which order four actors with one message each have their turns."""
    runtime = SteppedRuntime(seed)
    ground, noted = Ground(runtime), list[int]()
    for number, name in enumerate(NAMES):
        ground.start(name, lambda context: Puppet(context, noted))
        ground.tell(name, Note(number=number))
    runtime.run_until_idle()
    return noted


@pytest.fixture
def runtime() -> SteppedRuntime:
    return SteppedRuntime()


# Order.


def test_the_same_seed_gives_the_same_trace() -> None:
    assert _trace(7) == _trace(7)
    assert len(_trace(7)) > 60


def test_different_seeds_give_different_orders() -> None:
    orders = {tuple(_order(seed)) for seed in range(20)}

    assert len(orders) > 10


def test_no_seed_changes_the_order_in_front_of_one_actor() -> None:
    for seed in range(10):
        runtime = SteppedRuntime(seed)
        ground, noted = Ground(runtime), list[int]()
        for name in NAMES[1:]:
            ground.start(name, Puppet)
        ground.start("A", lambda context, noted=noted: Puppet(context, noted))  # type: ignore[misc]
        for number in range(10):
            ground.tell("A", Note(number=number))

        runtime.run_until_idle()

        assert noted == list(range(10))


def test_one_step_is_one_message(runtime: SteppedRuntime) -> None:
    ground, noted = Ground(runtime), list[int]()
    ground.start("A", lambda context: Puppet(context, noted))
    for number in (1, 2):
        ground.tell("A", Note(number=number))

    seen = []
    while runtime.step():
        seen.append(list(noted))

    assert seen == [[], [1], [1, 2]]
    assert runtime.steps == 3


def test_actors_that_never_come_to_rest_are_noticed() -> None:
    runtime = SteppedRuntime(most_turns_a_second=100)
    ground = Ground(runtime)
    ground.start("A", lambda context: Puppet(context, on_start=_go_round))

    with pytest.raises(TimeStandsStill, match=r"^100 steps and timers within a virtual second, 0\.0+ s .* of A-1\."):
        runtime.run_until_idle()


def test_timers_that_let_no_time_pass_are_noticed() -> None:
    runtime = SteppedRuntime(most_turns_a_second=100)

    def again() -> None:
        runtime.call_later(1e-300, again)

    runtime.advance(7.5)
    again()

    with pytest.raises(TimeStandsStill, match="of a timer"):
        runtime.advance(1.0)


def test_as_many_turns_as_may_be_pass_in_each_second() -> None:
    runtime = SteppedRuntime(most_turns_a_second=100)
    fired: list[float] = []

    def again() -> None:
        fired.append(runtime.clock.monotonic())
        runtime.call_later(1 / 64, again)

    again()
    runtime.advance(20.0)

    assert len(fired) == 20 * 64 + 1


def test_without_messages_there_is_no_step(runtime: SteppedRuntime) -> None:
    assert not runtime.step()
    assert runtime.steps == 0


def test_each_message_is_shown_before_it_is_handled() -> None:
    steps: list[tuple[float, str, Message]] = []
    runtime = SteppedRuntime(on_step=lambda now, name, message: steps.append((now, name, message)))
    ground = Ground(runtime)
    ground.start("A", Puppet)
    ground.tell("A", Note(number=1))
    runtime.advance(5.0)
    ground.tell("A", Note(number=2))

    ground.close()

    assert steps == [(START, "A-1", Note(number=1)), (START + 5.0, "A-1", Note(number=2))]


def test_an_actor_that_has_ended_has_no_more_turns(runtime: SteppedRuntime) -> None:
    ground, noted = Ground(runtime), list[int]()
    ground.start("A", lambda context: Puppet(context, noted))
    ground.tell("A", Do(act=raising(ValueError())))
    runtime.run_until_idle()

    ground.tell("A", Note(number=1))
    runtime.run_until_idle()

    assert noted == []
    assert len(ground.system.address(AddressName("A")).mailbox) == 1


def test_an_actor_told_something_by_its_last_words_has_no_more_turns(runtime: SteppedRuntime) -> None:
    ground, noted = Ground(runtime), list[int]()
    talk: Callable[[Puppet], object] = lambda puppet: puppet.context.address.tell(Note(number=1))  # noqa: E731
    ground.start("A", lambda context: Puppet(context, noted, on_stop=talk))
    runtime.run_until_idle()

    ground.tell("A", Do(act=Puppet.request_stop))
    runtime.run_until_idle()

    assert noted == []


def test_a_mailbox_that_was_closed_meanwhile_is_no_error(runtime: SteppedRuntime) -> None:
    ground = Ground(runtime)
    ground.start("A", Puppet)
    runtime.run_until_idle()
    ground.tell("A", Note(number=1))

    ground.system.close_address(AddressName("A"))
    runtime.run_until_idle()

    assert ground.system.dead_letters == 1
    ground.close()


def test_a_mailbox_without_an_actor_may_be_told_and_woken(runtime: SteppedRuntime) -> None:
    mailbox = runtime.mailbox()

    mailbox.put(Note(number=1))
    mailbox.wake()

    assert len(mailbox) == 2
    assert not runtime.step()


def test_actors_are_held_though_nobody_else_holds_them(runtime: SteppedRuntime) -> None:
    ground, noted = Ground(runtime), list[int]()
    ground.start("A", lambda context: Puppet(context, noted)).exited()  # its supervisor lets it go

    gc.collect()
    ground.tell("A", Note(number=1))
    runtime.run_until_idle()

    assert noted == [1]


# Time.


def test_virtual_time_begins_where_it_is_told_to() -> None:
    runtime = SteppedRuntime(start=86_400.0)

    assert (runtime.clock.now(), runtime.clock.monotonic()) == (86_400.0, 0.0)


def test_the_clock_stands_still_while_anybody_has_a_message(runtime: SteppedRuntime) -> None:
    ground, times = Ground(runtime), list[float]()
    ground.start("A", Puppet)
    for _ in range(100):
        ground.tell("A", Do(act=lambda puppet: times.append(puppet.context.clock.monotonic())))
    runtime.call_later(1.0, lambda: ground.tell("A", Do(act=lambda p: times.append(p.context.clock.monotonic()))))

    runtime.run_until(lambda: len(times) == 101, 10.0)

    assert times == [0.0] * 100 + [1.0]


def test_running_until_idle_takes_no_time(runtime: SteppedRuntime) -> None:
    runtime.call_later(1.0, lambda: None)

    runtime.run_until_idle()

    assert runtime.clock.monotonic() == 0.0


def test_a_timer_fires_at_its_moment(runtime: SteppedRuntime) -> None:
    times: list[float] = []
    for delay in (3.0, 1.0, 2.0):
        runtime.call_later(delay, lambda: times.append(runtime.clock.monotonic()))

    runtime.advance(10.0)

    assert times == [1.0, 2.0, 3.0]
    assert runtime.clock.monotonic() == 10.0


def test_advancing_fires_what_is_due_at_its_end_and_not_later(runtime: SteppedRuntime) -> None:
    fired: list[float] = []
    for delay in (1.0, 1.001):
        runtime.call_later(delay, lambda delay=delay: fired.append(delay))  # type: ignore[misc]

    runtime.advance(1.0)

    assert fired == [1.0]


def test_what_a_timer_brings_about_happens_before_the_next(runtime: SteppedRuntime) -> None:
    ground, noted = Ground(runtime), list[int]()
    ground.start("A", lambda context: Puppet(context, noted))
    runtime.call_later(1.0, lambda: ground.tell("A", Note(number=1)))
    runtime.call_later(1.0, lambda: noted.append(2))

    runtime.advance(1.0)

    assert noted == [1, 2]


def test_a_cancelled_timer_does_not_move_the_clock(runtime: SteppedRuntime) -> None:
    runtime.call_later(5.0, lambda: None).cancel()
    runtime.call_later(9.0, lambda: None)

    runtime.run_until(lambda: runtime.clock.monotonic() > 0.0, 60.0)

    assert runtime.clock.monotonic() == 9.0


def test_a_condition_that_holds_takes_no_time(runtime: SteppedRuntime) -> None:
    runtime.call_later(1.0, lambda: None)

    assert runtime.run_until(lambda: True, 60.0)
    assert runtime.clock.monotonic() == 0.0


def test_a_condition_that_comes_to_hold_ends_the_run_at_once(runtime: SteppedRuntime) -> None:
    runtime.call_later(1.0, lambda: None)
    runtime.call_later(2.0, lambda: None)

    assert runtime.run_until(lambda: runtime.clock.monotonic() >= 1.0, 60.0)
    assert runtime.clock.monotonic() == 1.0


def test_a_condition_that_never_holds_takes_all_its_time(runtime: SteppedRuntime) -> None:
    runtime.call_later(100.0, lambda: None)

    assert not runtime.run_until(lambda: False, 60.0)
    assert runtime.clock.monotonic() == 60.0


def test_without_an_end_it_gives_up_when_nothing_can_happen_any_more(runtime: SteppedRuntime) -> None:
    runtime.call_later(100.0, lambda: None)

    assert not runtime.run_until(lambda: False, math.inf)
    assert runtime.clock.monotonic() == 100.0


def test_a_day_passes_in_no_time(runtime: SteppedRuntime) -> None:
    ticks: list[float] = []

    def tick() -> None:
        ticks.append(runtime.clock.monotonic())
        runtime.call_later(60.0, tick)

    tick()
    runtime.advance(86_400.0)

    assert len(ticks) == 1441
    assert ticks[-1] == 86_400.0


def test_the_manual_clock_moves_when_it_is_moved_and_never_back() -> None:
    clock = ManualClock(1000.0)

    clock.move_to(5.0)
    clock.move_to(3.0)

    assert (clock.now(), clock.monotonic(), clock.scale) == (1005.0, 5.0, 1.0)


# Waiting.


def test_waiting_from_outside_is_what_moves_the_world(runtime: SteppedRuntime) -> None:
    ground = Ground(runtime)
    ground.start("A", Puppet)

    answer = ground.ask("A", Question(act=lambda puppet: puppet.context.clock.monotonic()))

    assert not answer.done
    assert answer.get().value == 0.0


def test_after_a_handler_was_refused_to_wait_others_may_still(runtime: SteppedRuntime) -> None:
    ground = Ground(runtime)
    for name in ("A", "B"):
        ground.start(name, Puppet)
    ground.tell("A", Do(act=lambda _puppet: Future[int](runtime, "The answer").get()))

    (exit_,) = ground.exits(1)

    assert isinstance(exit_.error, BlockingInHandler)
    assert ground.ask("B", Question(act=nothing)).get().value is None


def test_a_fresh_runtime_may_become_another_one() -> None:
    runtime, other = SteppedRuntime(1), SteppedRuntime(7, start=5.0)
    assert runtime.is_fresh

    runtime.restart_as(7, 5.0)

    assert (runtime.seed, runtime.clock.now()) == (7, 5.0)
    assert runtime.random.random() == other.random.random()


def test_a_runtime_with_a_past_is_not_fresh() -> None:
    timed, moved = SteppedRuntime(), SteppedRuntime()
    timed.call_later(1.0, lambda: None)
    moved.advance(1.0)

    assert not timed.is_fresh
    assert not moved.is_fresh


def test_a_timer_may_be_set_for_a_very_moment() -> None:
    runtime, fired = SteppedRuntime(), list[float]()
    runtime.advance(1.3023041057167575)
    runtime.call_at(1048578.1036394446, lambda: fired.append(runtime.clock.monotonic()))
    runtime.call_at(1.0, lambda: fired.append(runtime.clock.monotonic()))

    runtime.advance(2e6)

    assert fired == [1.3023041057167575, 1048578.1036394446]

"""Covers replays on threads: recorded time at any speed, and the whole tree in it."""

import time
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest

from actors.ports import Timer
from actors.stepped import SteppedRuntime
from messages.errors import InvalidArgument, SystemFailed, UsageError
from optionbus import PocketOption
from optionbus.recording.playback import Speed
from optionbus.recording.replay_time import RecordedTime, ReplayRuntime
from tests.optionbus.backtest.some_strategies import Diary, Restless

PATIENCE_SECONDS = 20.0


def wait(event: Event) -> None:
    assert event.wait(PATIENCE_SECONDS)


def test_recorded_clocks_stand_until_they_begin() -> None:
    recorded = RecordedTime(1_700_000_000.0, 60.0, 1000.0)
    assert (recorded.now(), recorded.monotonic(), recorded.scale) == (1_700_000_000.0, 0.0, 60.0)

    recorded.begin()
    while (elapsed := recorded.monotonic()) < 5.0:
        pass
    recorded.close()

    assert recorded.now() >= 1_700_000_000.0 + elapsed * 60


@pytest.mark.parametrize("speed", [0.0, 1e6])
def test_timers_come_in_their_order_and_the_clock_stands_at_each(speed: float) -> None:
    recorded, fired, over = RecordedTime(1000.0, 2.0, speed), list[tuple[str, float]](), Event()

    def set_timer(name: str, delay_seconds: float) -> Timer:
        return recorded.call_later(delay_seconds, lambda: fired.append((name, recorded.now())))

    set_timer("second", 3600.0)
    set_timer("first", 60.0)
    set_timer("never", 100.0).cancel()
    recorded.call_later(7200.0, over.set)
    recorded.begin()
    wait(over)
    recorded.close()
    set_timer("late", 0.0)

    assert [name for name, _ in fired] == ["first", "second"]
    assert fired[0][1] == pytest.approx(1120.0, abs=0.0 if not speed else 7000)
    assert fired[0][1] < fired[1][1]


def test_the_speed_is_kept() -> None:
    recorded, over = RecordedTime(0.0, 1.0, 100.0), Event()
    recorded.call_later(10.0, over.set)
    began = time.monotonic()
    recorded.begin()
    wait(over)
    recorded.close()

    assert time.monotonic() - began >= 0.1


@pytest.mark.parametrize("speed", [0.0, 1000.0])
def test_time_stands_still_while_somebody_is_busy(speed: float) -> None:
    recorded, asked, fired, busy = RecordedTime(0.0, 1.0, speed), Event(), Event(), [True]

    def is_settled() -> bool:
        asked.set()
        return not busy[0]

    recorded.is_settled = is_settled
    recorded.call_later(5.0, fired.set)
    recorded.begin()
    wait(asked)
    assert not fired.is_set()
    assert recorded.monotonic() <= 5.0

    busy[0] = False
    wait(fired)
    recorded.close()


def recorded(folder: Path, kind: type[Diary]) -> Path:
    runtime = SteppedRuntime(1)
    client = PocketOption.simulated(seed=1, runtime=runtime, actors=[kind])
    client.record(folder / "a.rec")
    with client:
        client.wait_ready(timeout=10)
        runtime.advance(120)
        assert client.simulation is not None
        client.simulation.cut()
        runtime.advance(120)
    return folder / "a.rec"


def twins() -> tuple[type[Diary], type[Diary]]:
    class Then(Restless):
        params = Restless.Params(every=41)

    class Now(Restless):
        params = Restless.Params(every=41)

    return Then, Now


def play(file: Path, kind: type[Diary], speed: Speed) -> PocketOption:
    with PocketOption.replay(file, speed=speed, actors=[kind]) as client:
        assert client.playback is not None
        client.playback.over().get(timeout=PATIENCE_SECONDS)
        assert client.playback.is_over
    return client


@pytest.mark.parametrize("speed", [0, "max"])
def test_threads_at_full_speed_decide_as_virtual_time_did(tmp_path: Path, speed: Speed) -> None:
    then, now = twins()

    play(recorded(tmp_path, then), now, speed)

    assert now.of("tick") == then.of("tick")
    assert now.of("order", "average") == then.of("order", "average")
    assert len(now.of("closed")) == len(then.of("closed"))


def test_threads_in_a_hurry_hear_the_same_ticks_and_trade_at_the_same_ones(tmp_path: Path) -> None:
    then, now = twins()

    play(recorded(tmp_path, then), now, 100)

    assert now.of("tick", "average") == then.of("tick", "average")
    assert [entry[:4] for entry in now.of("order")] == [entry[:4] for entry in then.of("order")]


def test_its_clock_is_the_recorded_one(tmp_path: Path) -> None:
    file = recorded(tmp_path, twins()[0])

    client = PocketOption.replay(file)

    assert client.playback is not None
    assert isinstance(client.playback.runtime, ReplayRuntime)
    assert client.playback.runtime.clock.now() == client.playback.recording.header.started


def test_a_client_that_is_stopped_before_the_end_says_so(tmp_path: Path) -> None:
    file = recorded(tmp_path, twins()[0])

    with PocketOption.replay(file) as client:
        assert client.playback is not None
        over = client.playback.over()

    with pytest.raises(SystemFailed):
        over.get(timeout=PATIENCE_SECONDS)
    assert not client.playback.is_over


@pytest.mark.parametrize("speed", [-1, float("nan"), float("inf"), True, "fast", None])
def test_a_speed_that_is_none_is_refused(tmp_path: Path, speed: Speed) -> None:
    with pytest.raises(InvalidArgument, match="'max'"):
        PocketOption.replay(tmp_path / "a.rec", speed=speed)


@pytest.mark.parametrize(
    ("runtime", "error"), [(lambda: ReplayRuntime(0, 0.0, 1.0, 1.0), InvalidArgument), (SteppedRuntime, UsageError)]
)
def test_a_runtime_with_a_clock_of_its_own_takes_no_speed(
    tmp_path: Path, runtime: Callable[[], SteppedRuntime], error: type[Exception]
) -> None:
    with pytest.raises(error):
        PocketOption.replay(tmp_path / "a.rec", speed=2.0, runtime=runtime())

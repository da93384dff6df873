"""Covers recordings of sessions in which a strategy heard of things in an order that its frames do not tell."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from random import Random
from threading import Event, Thread
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from actors.stepped import SteppedRuntime
from messages.account import BalanceChanged
from messages.base import AddressName, Message
from messages.market import TicksReceived
from messages.orders import OrderStateChanged
from messages.trading import DealClosed, Direction, TradePlaced
from optionbus import PocketOption
from optionbus.recording.recording import Recording
from optionbus.recording.records import Asked, Heard
from tests.optionbus.backtest.some_strategies import Diary, Restless
from tests.optionbus.recording.some_recording import write

NAME = AddressName("Impressed")
THREAD_TICKS = 250
LATE = (TradePlaced, DealClosed, OrderStateChanged, BalanceChanged)


class Nervous(Restless):
    """Decides on all it has heard, in the order in which it has; writes down the ids of its orders as well."""

    params = Restless.Params(every=17)

    def go(self, why: str) -> None:
        context = self.context
        known = len(self.heard), len(context.open_deals), context.unanswered, context.balance
        direction = Direction.CALL if Random(str(known)).random() < 0.5 else Direction.PUT
        order_id = context.trade(self.assets[0], direction, self.stake, 5 + len(self.heard) % 20, allow_duplicate=True)
        drawn = order_id, context.random.random()
        self.heard.append(("order", why, context.time, direction, self.stake, *drawn, *known))


def impressed() -> type[Diary]:
    return type(NAME, (Nervous,), {"__module__": __name__})


def diary(kind: type[Diary]) -> bytes:
    return msgspec.json.encode(kind.heard, enc_hook=str)


def decided(kind: type[Diary]) -> list[tuple[Any, ...]]:
    """Its orders, without what is drawn at random."""
    return [entry[:5] for entry in kind.of("order")]


def starve(client: PocketOption, seed: int) -> None:
    """Let word of orders, deals and money reach the strategy some ticks late, as where who tells it gets no turn."""
    address, chance = client._edge.system.address(NAME), Random(seed)
    put, held = address.tell, list[list[Any]]()

    def tell(message: Message) -> None:
        if isinstance(message, LATE):
            held.append([chance.randrange(4), message])
            return
        put(message)
        if not isinstance(message, TicksReceived):
            return
        for waiting in held:
            waiting[0] -= 1
        while held and held[0][0] < 0:
            put(held.pop(0)[1])

    address.tell = tell


def record_starved(file: Path, kind: type[Diary], seed: int) -> None:
    runtime = SteppedRuntime(seed)
    client = PocketOption.simulated(seed=seed, runtime=runtime, actors=[kind])
    client.record(file)
    starve(client, seed)
    with client:
        client.wait_ready(timeout=10)
        runtime.advance(400)


@contextmanager
def load() -> Iterator[None]:
    """Let threads change places as often as they can, and one of them do nothing else."""
    over, interval = Event(), sys.getswitchinterval()

    def burn() -> None:
        while not over.is_set():
            pass

    burning = Thread(target=burn, daemon=True)
    sys.setswitchinterval(1e-5)
    burning.start()
    try:
        yield
    finally:
        over.set()
        burning.join()
        sys.setswitchinterval(interval)


def record_on_threads(file: Path, kind: type[Diary], seed: int) -> None:
    client = PocketOption.simulated(seed=seed, speed=60, actors=[kind])
    client.record(file)
    with load(), client:
        client.wait_ready(timeout=20)
        for _ in islice(client.subscribe(kind.assets[0]), THREAD_TICKS):
            pass


def play_stepped(file: Path, kind: type[Diary]) -> None:
    with PocketOption.replay(file, runtime=SteppedRuntime(), actors=[kind]) as client:
        assert client.playback is not None
        client.playback.over().get()


def play_on_threads(file: Path, kind: type[Diary]) -> None:
    with PocketOption.replay(file, speed="max", actors=[kind]) as client:
        assert client.playback is not None
        client.playback.over().get(timeout=60)


def frames_alone(file: Path) -> Path:
    """The same recording without what the strategy heard."""
    recording = Recording(file)
    kept = [record for record in recording.records() if not isinstance(record, Heard | Asked)]
    return write(file.with_suffix(".frames"), kept, header=recording.header)


@pytest.mark.parametrize(
    ("seed", "play"), [(1, play_stepped), (7, play_stepped), (42, play_stepped), (42, play_on_threads)]
)
def test_what_came_in_disorder_is_heard_in_the_same(
    tmp_path: Path, seed: int, play: Callable[[Path, type[Diary]], None]
) -> None:
    there, here = impressed(), impressed()
    record_starved(tmp_path / "a.rec", there, seed)

    play(tmp_path / "a.rec", here)

    assert diary(here) == diary(there)
    assert len(there.of("order")) > 10
    assert len(there.of("closed")) > 5


@pytest.mark.parametrize("seed", [1, 7, 42])
def test_frames_alone_do_not_tell_of_disorder(tmp_path: Path, seed: int) -> None:
    there, here = impressed(), impressed()
    record_starved(tmp_path / "a.rec", there, seed)

    play_stepped(frames_alone(tmp_path / "a.rec"), here)

    assert here.of("tick") == there.of("tick")
    assert decided(here) != decided(there)


def test_what_nobody_knows_any_more_is_left_out_and_said(tmp_path: Path) -> None:
    record_starved(tmp_path / "a.rec", impressed(), 1)
    recording = Recording(tmp_path / "a.rec")
    kept = [
        replace(record, kind="gone.Message") if isinstance(record, Heard) and "Balance" in record.kind else record
        for record in recording.records()
    ]
    runtime = SteppedRuntime()
    changed = write(tmp_path / "b.rec", kept, header=recording.header)

    with PocketOption.replay(changed, runtime=runtime, actors=[impressed()]) as client:
        logs = client.logs("WARNING")
        assert client.playback is not None
        client.playback.over().get()
        said = next(iter(logs))

    assert said.source == NAME
    assert "no gone.Message of that form is known now" in said.text


@pytest.mark.sockets
@pytest.mark.parametrize("seed", [1, 7, 42])
def test_a_session_on_loaded_threads_is_decided_on_again_byte_for_byte(tmp_path: Path, seed: int) -> None:
    there, stepped, threaded = (impressed() for _ in range(3))
    record_on_threads(tmp_path / "a.rec", there, seed)

    play_stepped(tmp_path / "a.rec", stepped)
    play_on_threads(tmp_path / "a.rec", threaded)

    assert len(there.of("order")) > 5
    assert diary(stepped) == diary(there)
    assert diary(threaded) == diary(there)

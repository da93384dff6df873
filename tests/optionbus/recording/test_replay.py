"""Covers the replay of a recording: what a strategy decided live it decides again, byte for byte."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from actors.stepped import SteppedRuntime
from optionbus import PocketOption
from tests.optionbus.backtest.some_strategies import Diary, Restless


def twins(*kinds: type[Diary]) -> tuple[type[Diary], ...]:
    """The same strategy several times, under one name, each with a diary of its own."""
    return tuple(type("Twin", (kind,), {"__module__": __name__}) for kind in kinds)


def diary(kind: type[Diary]) -> bytes:
    return msgspec.json.encode(kind.heard, enc_hook=str)


def record(file: Path, kind: type[Diary], seed: int, *, cut_at: float = 0.0, **options: Any) -> None:
    runtime = SteppedRuntime(seed)
    client = PocketOption.simulated(seed=seed, runtime=runtime, actors=[kind], **options)
    client.record(file, ticks=file.with_suffix(".csv"))
    with client:
        client.wait_ready(timeout=10)
        if cut_at:
            runtime.advance(cut_at)
            assert client.simulation is not None
            client.simulation.cut()
        runtime.advance(1800 - cut_at)


def replay(file: Path, kind: type[Diary], seed: int = 0) -> PocketOption:
    runtime = SteppedRuntime(seed)
    with PocketOption.replay(file, runtime=runtime, actors=[kind]) as client:
        client.wait_ready(timeout=10)
        assert client.playback is not None
        client.playback.over().get()
    return client


@pytest.mark.parametrize("seed", [1, 7, 42])
def test_a_replayed_session_is_decided_on_byte_for_byte_as_it_was(tmp_path: Path, seed: int) -> None:
    there, here = twins(Restless, Restless)
    record(tmp_path / "session.rec", there, seed)

    client = replay(tmp_path / "session.rec", here)

    assert diary(here) == diary(there)
    assert len(here.of("order")) > 10
    assert len(here.of("closed")) > 10
    assert client.playback is not None
    assert client.playback.messages_sent == client.playback.recording.contents.messages_sent
    assert client.playback.orders_sent == len(here.of("order")) - len(here.of("failed"))

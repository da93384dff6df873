"""Covers the replay of a recording: what a strategy decided live it decides again, byte for byte."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from actors.stepped import SteppedRuntime
from messages.errors import UsageError
from messages.market import Candle
from optionbus import PocketOption
from tests.optionbus.backtest.some_strategies import Diary, Restless
from tests.optionbus.recording.some_recording import HEADER, write


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


def play(file: Path, kind: type[Diary], seed: int = 0) -> PocketOption:
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

    client = play(tmp_path / "session.rec", here)

    assert diary(here) == diary(there)
    assert len(here.of("order")) > 10
    assert len(here.of("closed")) > 10
    assert client.playback is not None
    assert client.playback.messages_sent == client.playback.recording.contents.messages_sent
    assert client.playback.orders_sent == len(here.of("order")) - len(here.of("failed"))


def test_other_decisions_are_told_apart(tmp_path: Path) -> None:
    class Other(Restless):
        params = Restless.Params(every=299)

    there, here = twins(Restless, Other)
    record(tmp_path / "session.rec", there, 1)

    play(tmp_path / "session.rec", here)

    assert here.of("tick") == there.of("tick")
    assert diary(here) != diary(there)


def test_lost_connections_are_lost_again(tmp_path: Path) -> None:
    there, here = twins(Restless, Restless)
    record(tmp_path / "session.rec", there, 3, cut_at=700)

    client = play(tmp_path / "session.rec", here)

    assert diary(here) == diary(there)
    assert client.statistics().disconnections == 2  # the one that was recorded, and the end


@pytest.mark.parametrize("hardship", ["slow-broker=0.5", "acknowledgement-lost=0.3", "socket-dies=0.5"])
def test_what_went_wrong_with_orders_goes_wrong_again(tmp_path: Path, hardship: str) -> None:
    there, here = twins(Restless, Restless)
    record(tmp_path / "session.rec", there, 5, hardships=[hardship])

    play(tmp_path / "session.rec", here)

    assert diary(here) == diary(there)
    assert there.of("order")


def test_the_seed_is_that_of_the_recording(tmp_path: Path) -> None:
    there, here = twins(Restless, Restless)
    record(tmp_path / "session.rec", there, 11)

    client = play(tmp_path / "session.rec", here, seed=12)

    assert client.playback is not None
    assert client.playback.recording.header.seed == 11
    assert diary(here) == diary(there)


def test_ids_that_are_others_are_answered_all_the_same(tmp_path: Path) -> None:
    """Whoever looks on asks, and each question takes an id that an order or a request would have had."""
    there, here = twins(Restless, Restless)
    record(tmp_path / "session.rec", there, 1)
    runtime = SteppedRuntime()

    with PocketOption.replay(tmp_path / "session.rec", runtime=runtime, actors=[here]) as client:
        runtime.random.random()
        client.wait_ready(timeout=10)
        client.wait_ready(timeout=10)
        assert client.playback is not None
        client.playback.over().get()

    assert here.of("order") == there.of("order")
    assert here.of("closed", "failed", "average") == there.of("closed", "failed", "average")


def test_it_is_played_without_whoever_traded(tmp_path: Path) -> None:
    there, _ = twins(Restless, Restless)
    record(tmp_path / "session.rec", there, 1)
    runtime = SteppedRuntime()

    with PocketOption.replay(tmp_path / "session.rec", runtime=runtime) as client:
        client.wait_ready(timeout=10)
        ticks = client.subscribe("EURUSD_otc", buffer=100_000)
        assert client.playback is not None
        client.playback.over().get()
        deals = client.closed_deals().get()

    assert ticks.dropped == 0
    assert client.playback.orders_sent == 0
    assert len(deals) == len(there.of("closed"))


def test_a_recording_does_not_change_what_it_records(tmp_path: Path) -> None:
    recorded, alone = twins(Restless, Restless)
    record(tmp_path / "session.rec", recorded, 7)
    runtime = SteppedRuntime(7)

    with PocketOption.simulated(seed=7, runtime=runtime, actors=[alone]) as client:
        client.wait_ready(timeout=10)
        runtime.advance(1800)

    assert diary(alone) == diary(recorded)


def test_a_torn_recording_is_played_as_far_as_it_goes(tmp_path: Path) -> None:
    there, here = twins(Restless, Restless)
    whole = tmp_path / "session.rec"
    record(whole, there, 1)
    torn = tmp_path / "torn.rec"
    torn.write_bytes(whole.read_bytes()[:-1000])

    client = play(torn, here)

    assert client.playback is not None
    first, second = client.playback.recording.remarks
    assert first.startswith("its last block is torn; ")
    assert second == "it has no end: whoever recorded it was stopped in the middle"
    assert 100 < len(here.heard) < len(there.heard)
    assert there.heard[: len(here.of("tick"))] == here.heard[: len(here.of("tick"))]


def test_nothing_that_a_replay_sends_is_an_order_of_anybody(tmp_path: Path) -> None:
    there, here = twins(Restless, Restless)
    record(tmp_path / "session.rec", there, 1)

    client = play(tmp_path / "session.rec", here)

    assert client.simulation is None
    assert client.playback is not None
    assert client.playback.orders_sent > 10
    assert client.playback.is_over
    assert client.playback.seconds == client.playback.recording.seconds


def test_a_used_runtime_is_refused(tmp_path: Path) -> None:
    there, _ = twins(Restless, Restless)
    record(tmp_path / "session.rec", there, 1)
    runtime = SteppedRuntime()
    runtime.advance(1)

    with pytest.raises(UsageError, match=r"SteppedRuntime\(\)"):
        PocketOption.replay(tmp_path / "session.rec", runtime=runtime)


def test_a_client_that_runs_cannot_be_recorded_from_its_beginning(tmp_path: Path) -> None:
    with (
        PocketOption.simulated(runtime=SteppedRuntime()) as client,
        pytest.raises(UsageError, match="before the client is started"),
    ):
        client.record(tmp_path / "session.rec")

    assert not (tmp_path / "session.rec").exists()


def test_the_ticks_are_in_a_file_of_their_own(tmp_path: Path) -> None:
    there, _ = twins(Restless, Restless)

    record(tmp_path / "session.rec", there, 1)

    lines = (tmp_path / "session.csv").read_text().splitlines()
    assert lines[0] == "time,price,asset"
    heard = [f"{time!r},{price!r},{symbol}" for _, symbol, time, price in there.of("tick")]
    assert lines[1:] == heard


def test_each_of_several_connections_hears_what_it_heard(tmp_path: Path) -> None:
    there, here = twins(Several, Several)
    record(tmp_path / "session.rec", there, 2, cut_at=400, connections=2)

    client = play(tmp_path / "session.rec", here)

    assert diary(here) == diary(there)
    assert len({entry[1] for entry in here.of("tick")}) == 3
    assert client.statistics(1).frames_received > 0


class Several(Restless):
    """Follows assets of more than one connection."""

    assets = ("EURUSD_otc", "GBPUSD_otc", "AUDCAD_otc")

    def on_start(self) -> None:
        """Without an indicator, which would be one asset's."""
        self.stake, self.count = Decimal(5), 0

    def on_candle(self, candle: Candle) -> None:
        Diary.on_candle(self, candle)


def test_no_order_leaves_a_replay_of_a_real_account_and_no_opt_in_is_needed(tmp_path: Path) -> None:
    file = write(tmp_path / "a.rec", header=replace(HEADER, is_demo=False))

    client = PocketOption.replay(file, runtime=SteppedRuntime())

    assert not client.is_demo
    with client:
        assert client.playback is not None
        client.playback.over().get()

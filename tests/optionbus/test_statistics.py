"""Covers optionbus.statistics and the client's statistics()."""

from collections.abc import Iterator

import pytest

from messages.base import Incarnation
from messages.errors import ConnectionLost, InvalidArgument
from messages.session import Latency, SessionState, SessionStateChanged
from optionbus.client import PocketOption
from optionbus.statistics import KEPT_EVENTS, Record
from supervisor.settings import Settings, SubscriptionSettings
from tests.optionbus.stepped_client import SteppedClient

S = SessionState
LIFE = (S.CONNECTING, S.HANDSHAKING, S.AUTHENTICATING, S.RESTORING, S.READY)


@pytest.fixture
def stepped() -> Iterator[SteppedClient]:
    stepped = SteppedClient()
    yield stepped
    stepped.client.stop()


def _through(*states: SessionState, error: bool = False, step_seconds: float = 1.0) -> Record:
    """The record of these moves, a second apart; the last one because of an error."""
    record, before = Record(), S.IDLE
    for number, state in enumerate(states, start=1):
        lost = ConnectionLost("cut") if error and number == len(states) else None
        move = SessionStateChanged(incarnation=Incarnation(1), before=before, state=state, error=lost)
        record, before = record.after(move, 1000.0 + number, number * step_seconds), state
    return record


def _counts(record: Record) -> tuple[int, int, int, int]:
    return record.attempts, record.successes, record.failures, record.disconnections


@pytest.mark.parametrize(
    ("moves", "error", "counts"),
    [
        ((), False, (0, 0, 0, 0)),
        ((S.CONNECTING,), False, (1, 0, 0, 0)),
        ((S.CONNECTING, S.BACKING_OFF), True, (1, 0, 1, 0)),
        ((S.CONNECTING, S.HELD), False, (1, 0, 0, 0)),
        ((*LIFE[:3], S.REJECTED), True, (1, 0, 1, 0)),
        (LIFE[:4], False, (1, 1, 0, 0)),
        ((*LIFE[:4], S.BACKING_OFF), True, (1, 1, 0, 1)),
        (LIFE, False, (1, 1, 0, 0)),
        ((*LIFE, S.BACKING_OFF), True, (1, 1, 0, 1)),
        ((*LIFE, S.HELD), False, (1, 1, 0, 1)),
        ((*LIFE, S.CONNECTING), False, (2, 1, 0, 1)),
        ((*LIFE, S.CLOSED), False, (1, 1, 0, 1)),
    ],
)
def test_attempts_successes_failures_and_disconnections_are_told_apart(
    moves: tuple[SessionState, ...],
    error: bool,  # noqa: FBT001 - a row of the table
    counts: tuple[int, int, int, int],
) -> None:
    assert _counts(_through(*moves, error=error)) == counts


def test_connecting_and_login_are_timed() -> None:
    record = _through(*LIFE, step_seconds=0.5)

    assert record.connecting.latency == record.login.latency == Latency(last_seconds=0.5, mean_seconds=0.5)
    assert Record().login.latency == Latency()


def test_a_mean_is_over_all_of_them() -> None:
    assert Record().login.with_one(1.0).with_one(2.0).latency == Latency(last_seconds=2.0, mean_seconds=1.5)


def test_the_last_events_are_kept_with_their_time_and_reason() -> None:
    record = _through(*LIFE * 12, S.BACKING_OFF, error=True)

    assert len(record.events) == KEPT_EVENTS
    assert record.events[-1].time == 1061.0
    assert record.events[-1].what == "backing off: Network: cut"
    assert record.events[-2].what == "ready"


def test_a_client_tells_how_its_connection_has_been(stepped: SteppedClient) -> None:
    stepped.runtime.advance(60.0)
    stepped.network.cut()
    stepped.runtime.advance(30.0)

    statistics = stepped.client.statistics()

    assert (statistics.attempts, statistics.successes) == (2, 2)
    assert (statistics.failures, statistics.disconnections) == (0, 1)
    assert statistics.uptime_seconds == pytest.approx(30.0, abs=0.1)
    assert statistics.total_uptime_seconds == pytest.approx(90.0, abs=0.1)
    assert statistics.login.last_seconds == pytest.approx(0.002, abs=0.01)
    assert 0 < statistics.frames_sent < statistics.bytes_sent
    assert 0 < statistics.frames_received < statistics.bytes_received
    assert statistics.frames_sent_per_second == statistics.frames_sent / statistics.total_uptime_seconds
    assert [event.what for event in statistics.events][-1] == "ready"


def test_bytes_are_those_of_the_messages(stepped: SteppedClient) -> None:
    before = stepped.client.statistics()

    stepped.client.send_raw('42["é"]').get()
    stepped.client.send_raw(b"12345").get()
    stepped.runtime.run_until_idle()

    after = stepped.client.statistics()
    assert after.frames_sent - before.frames_sent == 2
    assert after.bytes_sent - before.bytes_sent == len('42["é"]'.encode()) + 5


def test_each_connection_has_numbers_of_its_own() -> None:
    stepped = SteppedClient(config=Settings(subscriptions=SubscriptionSettings(connections=2)))
    stepped.client.send_raw('42["hello"]').get()
    stepped.runtime.advance(30.0)

    first, second = (stepped.client.statistics(number) for number in range(2))

    assert first.successes == second.successes == 1
    assert first.frames_sent == second.frames_sent + 1
    with pytest.raises(InvalidArgument, match="0 to 1"):
        stepped.client.statistics(2)
    stepped.client.stop()


def test_before_the_start_there_is_nothing_to_tell() -> None:
    statistics = PocketOption.simulated().statistics()

    assert (statistics.attempts, statistics.uptime_seconds, statistics.events) == (0, 0.0, ())
    assert statistics.bytes_sent_per_second == 0.0

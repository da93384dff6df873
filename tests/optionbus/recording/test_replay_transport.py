"""Covers optionbus.recording.replay_transport: what a client hears of a recording, and when."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from actors.ports import Channel, Endpoint
from actors.stepped import SteppedRuntime
from messages.base import Incarnation
from messages.errors import BusError, ConnectionLost, SessionEnded, TransportError
from optionbus.recording.recording import Recording
from optionbus.recording.records import Closed, Ended, Opened, Opening, Received, Record, Sent
from optionbus.recording.replay_transport import ReplayTransport
from tests.optionbus.recording.some_recording import RECORDS, write

ENDPOINT = Endpoint(url="replay://recording")


class Inlet:
    """Keeps what it hears, and when."""

    incarnation = Incarnation(1)

    def __init__(self, runtime: SteppedRuntime) -> None:
        self._runtime = runtime
        self.heard: list[tuple[float, object]] = []

    def opened(self) -> None:
        self._note("opened")

    def received(self, messages: Sequence[tuple[bool, bytes]]) -> None:
        self._note(list(messages))

    def has_room(self) -> bool:
        return True

    def ponged(self) -> None:
        self._note("ponged")

    def closed(self, error: BusError) -> None:
        self._note(error)

    def _note(self, what: object) -> None:
        self.heard.append((self._runtime.clock.monotonic(), what))


class Stage:
    def __init__(self, folder: Path, records: Sequence[Record] = RECORDS, patience_seconds: float = 0.0) -> None:
        self.runtime = SteppedRuntime()
        recording = Recording(write(folder / "a.rec", records))
        self.transport = ReplayTransport(recording, self.runtime.clock, self.runtime, patience_seconds)
        self.transport.begin()

    def open(self) -> tuple[Channel, Inlet]:
        inlet = Inlet(self.runtime)
        return self.transport.open(ENDPOINT, inlet), inlet


FIRST, THIRD = [(True, b"first"), (False, b"second")], [(True, b"third")]


def test_everything_comes_at_its_recorded_time(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    _, inlet = stage.open()
    stage.runtime.advance(10)

    assert inlet.heard == [(0.5, "opened"), (1.0, FIRST), (2.0, THIRD)]
    assert (stage.transport.played, stage.transport.is_over) == (3, True)


def test_nothing_comes_before_a_connection_was_opened(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.runtime.advance(1.75)
    _, inlet = stage.open()
    stage.runtime.advance(0.05)
    assert inlet.heard == [(1.75, "opened"), (1.75, FIRST)]

    stage.runtime.advance(10)
    assert inlet.heard[2:] == [(2.0, THIRD)]


def test_what_is_sent_is_counted_and_goes_nowhere(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    channel, inlet = stage.open()
    with pytest.raises(TransportError):
        channel.send("too early")
    stage.runtime.advance(0.6)

    channel.send('42["openOrder",{}]')
    channel.send('42["openPendingOrder",{}]')
    channel.send("\ud800")
    channel.send(b"bytes")
    stage.runtime.advance(10)

    assert (stage.transport.sent, stage.transport.orders) == (4, 2)
    assert len(inlet.heard) == 3


def test_an_end_is_an_end_and_the_next_connection_is_the_next_one(tmp_path: Path) -> None:
    records: list[Record] = [
        *(Opening(100.0, 0, 0, ""), Opened(100.1, 0), Closed(101.0, 0, "SessionEnded", "politely", False)),
        *(Opening(101.1, 1, 0, ""), Closed(102.0, 1, "TransportError", "refused", False)),
        *(Opening(103.0, 2, 0, ""), Opened(103.1, 2), Closed(104.0, 2, "FutureError", "of late", False), Ended(105.0)),
    ]
    stage = Stage(tmp_path, records)
    ends = []
    for _ in range(3):
        channel, inlet = stage.open()
        stage.runtime.run_until(lambda: isinstance(inlet.heard and inlet.heard[-1][1], BusError), 10)  # noqa: B023
        ends.append(inlet.heard[-1])
        with pytest.raises(TransportError):
            channel.send("too late")

    assert [(round(time, 6), type(end), str(end)) for time, end in ends] == [
        (1.0, SessionEnded, "Network: politely"),
        (2.0, TransportError, "Network: refused"),
        (4.0, ConnectionLost, "Network: of late"),
    ]


def test_what_the_client_ended_then_is_lost_now_but_for_the_last(tmp_path: Path) -> None:
    records: list[Record] = [
        *(Opening(100.0, 0, 0, ""), Opened(100.1, 0), Closed(101.0, 0, "ConnectionLost", "it was aborted", True)),
        *(Opening(102.0, 1, 0, ""), Opened(102.1, 1), Closed(103.0, 1, "ConnectionLost", "it was aborted", True)),
        Ended(103.0),
    ]
    stage = Stage(tmp_path, records)
    _, first = stage.open()
    _, second = stage.open()
    stage.runtime.advance(10)

    assert "the recorded client ended" in str(first.heard[-1][1])
    assert [what for _, what in second.heard] == ["opened"]


def test_after_the_end_nothing_comes(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.open()
    stage.runtime.advance(10)

    _, late = stage.open()
    stage.runtime.advance(100)

    assert late.heard == []


def test_one_that_the_client_aborts_hears_no_more(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    channel, inlet = stage.open()
    stage.runtime.advance(1.5)
    channel.abort()
    channel.abort()
    stage.runtime.advance(10)

    assert [what for _, what in inlet.heard[:2]] == ["opened", FIRST]
    assert isinstance(inlet.heard[2][1], ConnectionLost)
    assert len(inlet.heard) == 3
    assert stage.transport.is_over


def test_an_answer_waits_for_what_it_answers(tmp_path: Path) -> None:
    stage = Stage(tmp_path, patience_seconds=1.0)
    channel, inlet = stage.open()
    stage.runtime.advance(2.5)
    assert inlet.heard[-1] == (1.0, FIRST)

    channel.send("at last")
    stage.runtime.advance(0.0)

    assert inlet.heard[-1] == (2.5, THIRD)


def test_an_answer_to_nothing_comes_when_patience_is_over_and_the_debt_is_forgiven(tmp_path: Path) -> None:
    more = [*RECORDS[:-1], Received(103.5, 0, ((True, b"fourth"),)), Ended(104.0)]
    stage = Stage(tmp_path, more, patience_seconds=1.0)
    _, inlet = stage.open()
    stage.runtime.advance(10)

    assert inlet.heard[2:] == [(3.0, THIRD), (3.5, [(True, b"fourth")])]


def test_an_answer_comes_under_the_id_of_now(tmp_path: Path) -> None:
    wish = '42["openOrder",{"asset":"X","amount":1,"action":"call","time":60,"requestId":"%s"}]'
    records: list[Record] = [
        *(Opening(100.0, 0, 0, ""), Opened(100.1, 0), Sent(101.0, 0, True, (wish % "then").encode())),
        *(Received(102.0, 0, ((False, b'{"requestId":"then"}'),)), Ended(103.0)),
    ]
    stage = Stage(tmp_path, records)
    channel, inlet = stage.open()
    stage.runtime.advance(1.5)
    channel.send(wish % "now")
    stage.runtime.advance(10)

    assert inlet.heard[-1] == (2.0, [(False, b'{"requestId":"now"}')])


def test_every_host_is_equally_near(tmp_path: Path) -> None:
    measured: list[object] = []
    Stage(tmp_path).transport.measure([ENDPOINT], measured.append)

    assert measured == [{"replay://recording": 0.001}]

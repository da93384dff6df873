"""Covers optionbus.recording.recording_transport: all that goes over a channel is told, and nothing is changed."""

from pathlib import Path

from actors.ports import Channel, Endpoint
from actors.stepped import ManualClock
from messages.errors import ConnectionLost
from optionbus.recording.recorder import Recorder
from optionbus.recording.recording import Recording
from optionbus.recording.recording_transport import RecordingTransport
from optionbus.recording.records import Closed, Ended, Opened, Opening, Received, Record, Sent
from optionbus.recording.redaction import HIDDEN_LOGIN, Redaction
from optionbus.testing import FakeTransport
from tests.actors.recording_inlet import RecordingInlet
from tests.optionbus.recording.some_recording import HEADER

LOGIN = '42["auth",{"session":"topsecret"}]'


class Stage:
    def __init__(self, folder: Path) -> None:
        self.clock, self.network, self.inlet = ManualClock(), FakeTransport(), RecordingInlet()
        self._file = folder / "a.rec"
        self.recorder = Recorder(self._file, HEADER, Redaction(()), self.clock)
        self.transport = RecordingTransport(self.network, self.recorder, self.clock)

    def open(self) -> Channel:
        return self.transport.open(Endpoint(url="ws://there"), self.inlet)

    @property
    def records(self) -> list[Record]:
        self.recorder.close()
        return list(Recording(self._file).records())


def test_everything_both_ways_is_told_with_its_moment(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    channel = stage.open()
    stage.clock.move_to(1.0)
    stage.network.channel.open()
    stage.network.channel.push("text", b"bytes")
    stage.clock.move_to(2.0)
    channel.send("hello")
    channel.send(b"\0\1")
    stage.network.channel.lose(ConnectionLost("cut"))

    assert stage.records == [
        Opening(0.0, 0, 0, "ws://there"),
        Opened(1.0, 0),
        Received(1.0, 0, ((True, b"text"), (False, b"bytes"))),
        Sent(2.0, 0, True, b"hello"),
        Sent(2.0, 0, False, b"\0\1"),
        Closed(2.0, 0, "ConnectionLost", "cut", False),
        Ended(2.0),
    ]


def test_the_inlet_hears_and_the_network_sends_what_they_would_without(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    channel = stage.open()
    stage.network.channel.open()
    stage.network.channel.push("text")
    channel.send(LOGIN)
    channel.abort()
    stage.inlet.wait_opened()

    assert stage.inlet.wait_messages(1) == [(True, b"text")]
    assert isinstance(stage.inlet.wait_closed(), ConnectionLost)
    assert stage.network.channel.sent == [LOGIN]
    assert stage.recorder.error is None
    stage.recorder.close()


def test_the_content_of_the_login_is_replaced(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    channel = stage.open()
    stage.network.channel.open()
    channel.send(LOGIN)

    assert Sent(0.0, 0, True, HIDDEN_LOGIN.encode()) in stage.records


def test_an_end_of_the_clients_own_is_told_from_one_that_came(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.open().abort()
    stage.open()
    stage.network.channel.lose()

    ends = [record for record in stage.records if isinstance(record, Closed)]

    assert [(end.channel, end.is_own) for end in ends] == [(0, True), (1, False)]


def test_measuring_is_left_to_the_network(tmp_path: Path) -> None:
    stage, measured = Stage(tmp_path), list[object]()
    stage.network.distances = {"ws://there": 0.5}
    stage.transport.measure([Endpoint(url="ws://there")], measured.append)

    assert measured == [{"ws://there": 0.5}]
    stage.recorder.close()

"""A canary in the SSID: it is nowhere in what a recording leaves behind, packed or unpacked."""

import threading
import traceback
from collections.abc import Sequence
from pathlib import Path

import pytest

from actors.ports import Endpoint, Inlet
from actors.stepped import ManualClock
from messages.base import Incarnation
from messages.errors import TransportError
from messages.session import SessionState
from optionbus import PocketOption
from optionbus.recording.blocks import MAGIC, blocks_in
from optionbus.recording.recorder import Recorder
from optionbus.recording.recording import Recording
from optionbus.recording.recording_transport import RecordingTransport
from optionbus.recording.records import Received, Sent
from optionbus.recording.redaction import HIDDEN_LOGIN, Redaction
from optionbus.testing import FakeTransport
from simulator.broker import Broker
from simulator.server import SimulatorServer
from tests.optionbus.recording.some_recording import HEADER

CANARY = "canaryc0ffee5ec2e7canaryc0ffee5e"
SSID = f'42["auth",{{"session":"{CANARY}","isDemo":1,"uid":12345,"platform":2}}]'


def unpacked(file: Path) -> bytes:
    """All that is in a recording, as it was before it was packed."""
    with file.open("rb") as blocks:
        blocks.seek(len(MAGIC))
        return b"".join(blocks_in(blocks))


def leaks(files: Sequence[Path]) -> list[str]:
    contents = [file.read_bytes() for file in files] + [unpacked(file) for file in files if file.suffix == ".rec"]
    return [text for text in (CANARY, CANARY[:12]) if any(text.encode() in content for content in contents)]


@pytest.mark.sockets
def test_the_session_is_nowhere_in_a_recording(tmp_path: Path) -> None:
    with SimulatorServer(Broker(seed=1)) as server:
        client = PocketOption(SSID, url=server.url)
        client.record(tmp_path / "a.rec", ticks=tmp_path / "a.csv")
        with client:
            client.wait_ready(timeout=10)
            ticks = client.subscribe("EURUSD_otc")
            ticks.get(timeout=10)
            states = client.states()
            server.drop_connections()
            while states.get(timeout=10).state is not SessionState.READY:
                pass
            ticks.get(timeout=10)

    sent = [record.data for record in Recording(tmp_path / "a.rec").records() if isinstance(record, Sent)]
    assert leaks([tmp_path / "a.rec", tmp_path / "a.csv"]) == []
    assert sent.count(HIDDEN_LOGIN.encode()) == 2
    assert len(sent) > 4


def test_a_platform_that_echoes_the_session_does_not_leak_it(tmp_path: Path) -> None:
    transport = FakeTransport()
    recorder = Recorder(tmp_path / "a.rec", HEADER, Redaction(PocketOption(SSID)._edge.system.secrets), ManualClock())
    recording = RecordingTransport(transport, recorder, ManualClock())
    recording.open(Endpoint(url=f"ws://there?session={CANARY}"), _Deaf())
    transport.channel.open()
    transport.channel.push(SSID, f"a {CANARY}", f'42["news",{{"session":"{CANARY}","balance":5}}]', CANARY.encode())
    transport.channel.lose(TransportError(f"no route for {CANARY}"))
    recorder.close()

    assert leaks([tmp_path / "a.rec"]) == []
    assert b'"session":"[hidden]","balance":5' in unpacked(tmp_path / "a.rec")


def test_a_leak_would_be_found(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "a.rec", HEADER, Redaction(()), ManualClock())
    recorder.note(Received(0.0, 0, ((True, CANARY.encode()),)))
    recorder.close()

    assert leaks([tmp_path / "a.rec"]) == [CANARY, CANARY[:12]]


def test_a_login_that_cannot_be_sent_is_in_no_traceback(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "a.rec", HEADER, Redaction(()), ManualClock())
    channel = RecordingTransport(FakeTransport(), recorder, ManualClock()).open(Endpoint(url="ws://there"), _Deaf())
    shown: list[str] = []

    def send(hidden: list[str]) -> None:
        try:
            channel.send(hidden.pop())
        except TransportError as error:
            frames = traceback.TracebackException.from_exception(error, capture_locals=True)
            shown.extend(line for frame in frames.stack for line in (str(frame), *(frame.locals or {}).values()))
            names = [frame.name for frame in frames.stack if "recording_transport" in frame.filename]
            kept = [frame.locals or {} for frame in frames.stack if "recording_transport" in frame.filename]
            assert names == ["send"]
            assert not any("data" in local for local in kept)

    thread = threading.Thread(target=send, args=([SSID],))
    thread.start()
    thread.join(10)
    recorder.close()

    assert shown
    assert leaks([tmp_path / "a.rec"]) == []


class _Deaf(Inlet):
    """Hears nothing."""

    incarnation = Incarnation(1)

    def opened(self) -> None:
        """Nothing."""

    def received(self, messages: object) -> None:
        """Nothing."""

    def has_room(self) -> bool:
        return True

    def ponged(self) -> None:
        """Nothing."""

    def closed(self, error: object) -> None:
        """Nothing."""

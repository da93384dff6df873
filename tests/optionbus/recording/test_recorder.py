"""Covers optionbus.recording.recorder: what is written, and what a disk that takes no more ends."""

import errno
import os
from pathlib import Path
from threading import Event

import pytest

from actors.stepped import ManualClock, SteppedRuntime
from messages.errors import UsageError
from messages.market import Symbol, Tick, TicksReceived
from messages.recording_errors import RecordingFailed
from messages.secret import Secret
from optionbus import PocketOption
from optionbus.recording.buffer import Buffer
from optionbus.recording.recorder import Recorder
from optionbus.recording.recording import Recording
from optionbus.recording.records import Closed, Ended, Missing, Opening, Received, Sent
from optionbus.recording.redaction import Redaction
from tests.optionbus.recording.some_recording import HEADER, RECORDS

EURUSD = Symbol("EURUSD_otc")
TICKS = TicksReceived(symbol=EURUSD, ticks=(Tick(EURUSD, 0.1 + 0.2, 1.1, 7200.3), Tick(EURUSD, 1.0, 1e-7, 7201.0)))


def recorder(file: Path, ticks: Path | None = None, buffer: Buffer | None = None) -> Recorder:
    return Recorder(file, HEADER, Redaction([Secret("topsecret")]), ManualClock(), ticks=ticks, buffer=buffer)


def test_what_it_is_told_is_read_again(tmp_path: Path) -> None:
    writing = recorder(tmp_path / "a.rec")
    for record in RECORDS[:-1]:
        writing.note(record, 10)
    writing.close()

    recording = Recording(tmp_path / "a.rec")

    assert tuple(recording.records()) == (*RECORDS[:-1], Ended(0.0))
    assert recording.remarks == ()
    assert (writing.records, writing.lost, writing.error) == (len(RECORDS), 0, None)
    assert writing.size == (tmp_path / "a.rec").stat().st_size


def test_secrets_are_cut_out_of_every_kind_of_record(tmp_path: Path) -> None:
    writing = recorder(tmp_path / "a.rec")
    writing.note(Opening(0.0, 0, 0, "ws://topsecret@there"))
    writing.note(Received(0.0, 0, ((True, b"topsecret"), (False, b"a topsecret"))))
    writing.note(Sent(0.0, 0, True, b"topsecret"))
    writing.note(Closed(0.0, 0, "ConnectionLost", "topsecret", False))
    writing.close()

    written = repr(list(Recording(tmp_path / "a.rec").records()))

    assert "topsecret" not in written
    assert written.count("[hidden]") == 5


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "time,price,asset\n0.30000000000000004,1.1,EURUSD_otc\n1.0,1e-07,EURUSD_otc\n"),
        (
            "a.jsonl",
            (
                '{"time":0.30000000000000004,"price":1.1,"asset":"EURUSD_otc"}\n'
                '{"time":1.0,"price":1e-7,"asset":"EURUSD_otc"}\n'
            ),
        ),
    ],
)
def test_ticks_are_written_so_that_they_come_back_exactly(tmp_path: Path, name: str, text: str) -> None:
    writing = recorder(tmp_path / "a.rec", tmp_path / name)
    writing.tell(TICKS)
    writing.close()

    assert (tmp_path / name).read_text() == text
    assert writing.ticks == 2


def test_ticks_of_no_known_format_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\.csv or \.jsonl"):
        recorder(tmp_path / "a.rec", tmp_path / "a.xls")

    assert not (tmp_path / "a.rec").exists()


def test_ticks_that_cannot_be_written_refuse_the_recording(tmp_path: Path) -> None:
    with pytest.raises(RecordingFailed, match="No such file"):
        recorder(tmp_path / "a.rec", tmp_path / "nowhere" / "a.csv")


def test_a_file_that_is_there_is_not_written_to(tmp_path: Path) -> None:
    (tmp_path / "a.rec").write_text("precious")

    with pytest.raises(RecordingFailed, match="File exists"):
        recorder(tmp_path / "a.rec")

    assert (tmp_path / "a.rec").read_text() == "precious"


def test_what_was_lost_is_missing_where_it_was(tmp_path: Path) -> None:
    buffer = Buffer(capacity_bytes=1000)
    buffer.put(RECORDS[0], 500)
    buffer.put(RECORDS[1], 500)
    buffer.put(RECORDS[2], 500)

    writing = recorder(tmp_path / "a.rec", buffer=buffer)
    writing.close()

    assert tuple(Recording(tmp_path / "a.rec").records()) == (RECORDS[0], Missing(100.0, 2), Ended(0.0))
    assert writing.lost == 2


class FullDisk:
    """Takes so many more flushes, and then none."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, left: int) -> None:
        self.left = left
        monkeypatch.setattr("optionbus.recording.appended_file.os.fsync", self.fsync)

    def fsync(self, _file: int) -> None:
        self.left -= 1
        if self.left < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_ends_the_recording_and_leaves_what_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    FullDisk(monkeypatch, 2)
    failed = Event()
    writing = Recorder(tmp_path / "a.rec", HEADER, Redaction(()), ManualClock(), on_failure=lambda _error: failed.set())
    writing.note(RECORDS[0], 1 << 17)
    while not writing.records:
        writing.note(RECORDS[1], 1 << 17)
    while not failed.is_set():
        writing.note(RECORDS[2], 1 << 17)
    writing.note(RECORDS[3], 1)
    writing.close()

    assert isinstance(writing.error, RecordingFailed)
    assert "No space left on device" in str(writing.error)
    assert str(tmp_path / "a.rec") in str(writing.error)
    recording = Recording(tmp_path / "a.rec")
    assert len(list(recording.records())) == writing.records
    assert recording.remarks[0] == "it has no end: whoever recorded it was stopped in the middle"


def test_a_session_goes_on_when_its_recording_has_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    FullDisk(monkeypatch, 1)
    runtime = SteppedRuntime(3)
    client = PocketOption.simulated(runtime=runtime)
    writing = client.record(tmp_path / "a.rec")

    with client:
        client.wait_ready(timeout=10)
        ticks = client.subscribe("EURUSD_otc")
        runtime.advance(600)
        deal = client.buy("EURUSD_otc", 1, 60).get()
        client.result(deal.id).get()
        next(ticks)
        assert client.errors == 0

    assert isinstance(writing.error, RecordingFailed)


def test_a_disk_that_takes_nothing_refuses_the_recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    FullDisk(monkeypatch, 0)

    with pytest.raises(RecordingFailed, match="No space left"):
        PocketOption.simulated(runtime=SteppedRuntime()).record(tmp_path / "a.rec")

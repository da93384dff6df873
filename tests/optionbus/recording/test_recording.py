"""Covers optionbus.recording.recording: what a file must be to be replayed, and what is said of one that is not."""

from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from messages.errors import UsageError
from messages.recording_errors import RecordingUnreadable
from optionbus import PocketOption
from optionbus.recording.blocks import MAGIC, block_of
from optionbus.recording.recording import Recording
from optionbus.recording.records import VERSION, Ended, Missing
from tests.optionbus.recording.some_recording import HEADER, RECORDS, write


def test_a_whole_one_is_read_and_gives_no_cause_for_remarks(tmp_path: Path) -> None:
    recording = Recording(write(tmp_path / "a.rec", RECORDS[:3], RECORDS[3:]))

    assert recording.header == HEADER
    assert tuple(recording.records()) == RECORDS
    assert recording.remarks == ()
    assert recording.seconds == 3.0
    contents = recording.contents
    assert (contents.messages_received, contents.messages_sent, contents.orders) == (3, 1, 1)


@pytest.mark.parametrize("cut", [1, 8, 20])
def test_a_torn_one_is_read_as_far_as_it_goes(tmp_path: Path, cut: int) -> None:
    file = write(tmp_path / "a.rec", RECORDS[:3], RECORDS[3:])
    last = len(block_of(msgspec.msgpack.encode(RECORDS[3:])))
    file.write_bytes(file.read_bytes()[:-cut])

    recording = Recording(file)

    assert tuple(recording.records()) == RECORDS[:3]
    assert recording.remarks == (
        f"its last block is torn; {last - cut} bytes are left out",
        "it has no end: whoever recorded it was stopped in the middle",
    )


def test_one_that_is_damaged_in_the_middle_ends_there(tmp_path: Path) -> None:
    file = write(tmp_path / "a.rec", RECORDS[:2], RECORDS[2:3], RECORDS[3:])
    start = len(write(tmp_path / "b.rec", RECORDS[:2]).read_bytes())
    data = bytearray(file.read_bytes())
    data[start + 10] ^= 1
    file.write_bytes(data)

    recording = Recording(file)

    assert tuple(recording.records()) == RECORDS[:2]
    assert recording.remarks[0] == f"it is damaged at byte {start}; {len(data) - start} bytes are left out"


def test_records_that_are_none_are_told(tmp_path: Path) -> None:
    file = write(tmp_path / "a.rec", RECORDS[:2])
    with file.open("ab") as more:
        more.write(block_of(b"\x93what"))

    assert "damaged before byte" in Recording(file).remarks[0]


def test_what_is_missing_is_told(tmp_path: Path) -> None:
    file = write(tmp_path / "a.rec", [*RECORDS[:3], Missing(101.0, 40), Missing(101.5, 2), Ended(103.0)])

    (remark,) = Recording(file).remarks

    assert remark == "42 records are missing: they came faster than the disk took them"


def refused(file: Path) -> RecordingUnreadable:
    with pytest.raises(RecordingUnreadable) as caught:
        PocketOption.replay(file)
    assert isinstance(caught.value, UsageError)
    assert str(file) in str(caught.value)
    return caught.value


def test_an_empty_file_is_told_from_one_that_is_no_recording(tmp_path: Path) -> None:
    file = tmp_path / "a.rec"
    file.touch()
    assert "it is empty. Its recording ended before it began: record again." in str(refused(file))

    file.write_text("time,price,asset\n1,2,EURUSD\n")
    assert "it is no recording. Give a file that run.py record has written." in str(refused(file))

    assert "No such file" in str(refused(tmp_path / "none.rec"))
    assert "directory" in str(refused(tmp_path))


@pytest.mark.parametrize("rest", [b"", b"\0\0", block_of(b"no header"), block_of(b"")], ids=repr)
def test_one_without_a_whole_header_is_refused(tmp_path: Path, rest: bytes) -> None:
    file = tmp_path / "a.rec"
    file.write_bytes(MAGIC + rest)

    assert "its beginning is missing or damaged" in refused(file).problem


def test_one_of_a_later_version_says_which(tmp_path: Path) -> None:
    error = refused(write(tmp_path / "a.rec", header=replace(HEADER, version=9)))

    assert error.problem == f"it is of format 9, and this program reads formats up to {VERSION}"
    assert error.remedy == "Replay it with the version of the program that wrote it, or a later one"


def test_a_later_version_may_have_another_header(tmp_path: Path) -> None:
    file = tmp_path / "a.rec"
    file.write_bytes(MAGIC + block_of(msgspec.msgpack.encode({"version": VERSION + 1, "news": True})))

    assert f"format {VERSION + 1}" in refused(file).problem

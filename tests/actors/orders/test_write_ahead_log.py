"""Covers actors.orders.write_ahead_log, on real files."""

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from actors.orders import write_ahead_log
from actors.orders.write_ahead_log import SIZE, WriteAheadLog

RECORDS = [b"first", b"second record", b"third"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "orders.log"


@pytest.fixture
def log(path: Path) -> Iterator[WriteAheadLog]:
    with closing(WriteAheadLog(path)) as log:
        log.begin(1)
        yield log


def test_records_are_read_in_the_order_they_were_added(log: WriteAheadLog) -> None:
    for number, record in enumerate(RECORDS):
        assert log.append(record, is_durable=number == 1)

    assert list(log.read(1)) == RECORDS


def test_the_next_process_goes_on_behind_what_is_there(log: WriteAheadLog, path: Path) -> None:
    log.append(RECORDS[0], is_durable=True)

    with closing(WriteAheadLog(path)) as again:
        assert again.resume(1) == RECORDS[:1]
        again.append(RECORDS[1], is_durable=True)

    assert list(log.read(1)) == RECORDS[:2]


def test_a_new_generation_shows_nothing_of_the_one_before(log: WriteAheadLog) -> None:
    for record in RECORDS:
        log.append(record, is_durable=False)

    log.begin(2)
    before = list(log.read(2))
    log.append(b"fresh", is_durable=False)  # as long as the first: the old second lies right behind it

    assert before == []
    assert list(log.read(2)) == [b"fresh"]
    assert list(log.read(1)) == []


@pytest.mark.parametrize("spoilt", range(8 + len(RECORDS[1])))
def test_a_record_of_which_any_byte_is_wrong_ends_the_list(log: WriteAheadLog, spoilt: int) -> None:
    log.append(RECORDS[0], is_durable=False)
    at = log._at + spoilt
    log.append(RECORDS[1], is_durable=False)
    log.append(RECORDS[2], is_durable=False)

    (byte,) = os.pread(log._file, 1, at)
    os.pwrite(log._file, bytes([byte ^ 0xFF]), at)

    assert list(log.read(1)) == RECORDS[:1]


def test_a_failed_write_is_written_over_by_the_next(log: WriteAheadLog, monkeypatch: pytest.MonkeyPatch) -> None:
    log.append(RECORDS[0], is_durable=False)
    with monkeypatch.context() as broken:
        broken.setattr(os, "pwritev", lambda file, data, at, _flag: os.pwrite(file, data[0][:9], at))
        with pytest.raises(OSError, match="only a part"):
            log.append(b"half of it", is_durable=True)
    seen = list(log.read(1))

    log.append(RECORDS[1], is_durable=True)

    assert seen == RECORDS[:1]
    assert list(log.read(1)) == RECORDS[:2]


def test_the_file_never_grows_and_says_when_it_is_full(log: WriteAheadLog, path: Path) -> None:
    size = path.stat().st_size

    count = 0
    while log.append(bytes(1000), is_durable=False):
        count += 1

    assert count == (SIZE - 4096) // 1008
    assert path.stat().st_size == size == SIZE
    assert len(list(log.read(1))) == count


def test_all_its_blocks_are_there_from_the_beginning(log: WriteAheadLog, path: Path) -> None:
    before = path.stat().st_blocks

    while log.append(b"x" * 4000, is_durable=False):
        pass
    os.fsync(log._file)

    assert path.stat().st_blocks == before >= SIZE // 512


def test_the_kill_switch_is_kept_beside_the_records(log: WriteAheadLog, path: Path) -> None:
    log.append(RECORDS[0], is_durable=True)
    before, log.mode = log.mode, b"halted"

    with closing(WriteAheadLog(path)) as other:
        assert (before, other.mode) == (b"", b"halted")
        other.mode = b"active"

    assert log.mode == b"active"
    assert list(log.read(1)) == RECORDS[:1]


def test_a_disk_with_too_little_room_is_refused(log: WriteAheadLog, monkeypatch: pytest.MonkeyPatch) -> None:
    log.refuse_full_disk()

    disk = os.fstatvfs(log._file)
    monkeypatch.setattr(write_ahead_log, "RESERVE_BYTES", disk.f_frsize * disk.f_blocks)

    with pytest.raises(OSError, match="No space left"):
        log.refuse_full_disk()


def test_a_file_that_was_cut_short_is_made_whole(path: Path) -> None:
    path.write_bytes(b"")

    with closing(WriteAheadLog(path)) as log:
        assert path.stat().st_size == SIZE
        assert log.resume(1) == []


def test_what_cannot_be_made_leaves_no_file_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(WriteAheadLog, "_make", fail)
    before = len(list(Path("/proc/self/fd").iterdir()))

    for _ in range(3):
        with pytest.raises(OSError, match="disk full"):
            WriteAheadLog(tmp_path / "orders.log")

    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_closed_log_holds_no_file_open(path: Path) -> None:
    def held() -> list[str]:
        return [link for file in Path("/proc/self/fd").iterdir() if str(path) in (link := os.path.realpath(file))]

    log = WriteAheadLog(path)
    assert held()

    log.close()

    assert held() == []
    assert str(path) not in Path("/proc/self/maps").read_text()

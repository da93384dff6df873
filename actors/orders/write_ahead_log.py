"""The write-ahead log: the latest words about orders, in a file that never grows.

Theory of operation. To write over blocks that are there already costs one flush of the disk; to let a file grow costs
several, and may find the disk full. So the file has its size from the beginning. Records follow each other from its
start; once there is no room, the journal moves them to its database and begins the next generation at the start again.
A record's checksum counts the generation in: what an older one has left behind, like a record half of which was
written, ends the list. The head, in a block of its own, holds the kill switch, where another process can move it.

Decides the form of a record and what a write waits for. Does not know what is in a record, nor when a generation ends.
"""

import errno
import os
import struct
import zlib
from collections.abc import Iterator
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Final

SIZE: Final = 256 * 1024
"""Bytes of the file: some 600 records."""

RESERVE_BYTES: Final = 4 * 1024 * 1024
"""No intent is taken on a disk that has no more than that left: what is in the log needs room in the database one day,
and what becomes of the order needs room in the log."""

_START: Final = 4096
_RECORD: Final = struct.Struct("<II")
"""What precedes a record: its length, and the checksum of its bytes."""
_MODE_BYTES: Final = 16


class WriteAheadLog:
    """The file. Every method raises OSError where it cannot do what it says, and has changed nothing."""

    def __init__(self, path: Path) -> None:
        self._at = _START
        self._generation = 0
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if os.fstat(self._file).st_size < SIZE:
                self._make(path.parent)
            # Each order looks there: what is mapped is looked at without a system call.
            self._head = mmap(self._file, _MODE_BYTES, access=ACCESS_READ)
        except BaseException:
            os.close(self._file)
            raise

    def append(self, record: bytes, *, is_durable: bool) -> bool:
        """Add a record; with ``is_durable`` it is on disk when this returns. False: there is no room."""
        data = _RECORD.pack(len(record), zlib.crc32(record, self._generation)) + record
        if self._at + len(data) > SIZE:
            return False
        self._write(data, self._at, is_durable=is_durable)
        self._at += len(data)
        return True

    def begin(self, generation: int) -> None:
        """Add to the list of this generation, which has to be a new one, from the start."""
        self._generation, self._at = generation, _START

    def resume(self, generation: int) -> list[bytes]:
        """The records of a generation, oldest first; what is added follows them."""
        self.begin(generation)
        records = []
        for record in self.read(generation):
            records.append(record)
            self._at += _RECORD.size + len(record)
        return records

    def read(self, generation: int) -> Iterator[bytes]:
        """The records of a generation, oldest first."""
        data, at = os.pread(self._file, SIZE - _START, _START), 0
        while at + _RECORD.size <= len(data):
            length, checksum = _RECORD.unpack_from(data, at)
            record = data[at + _RECORD.size : at + _RECORD.size + length]
            if not record or len(record) < length or zlib.crc32(record, generation) != checksum:
                return
            yield record
            at += _RECORD.size + length

    def refuse_full_disk(self) -> None:
        """Raise OSError where the disk is about to be full."""
        disk = os.fstatvfs(self._file)
        if disk.f_bavail * disk.f_frsize <= RESERVE_BYTES:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    @property
    def mode(self) -> bytes:
        """Where the kill switch was left; empty where it never was moved."""
        return self._head[:].rstrip(b"\0")

    @mode.setter
    def mode(self, mode: bytes) -> None:
        self._write(mode.ljust(_MODE_BYTES, b"\0"), 0, is_durable=True)

    def close(self) -> None:
        """Give the file back; twice is no error."""
        self._head.close()  # else the map keeps the file open
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _write(self, data: bytes, at: int, *, is_durable: bool) -> None:
        if os.pwritev(self._file, [data], at, os.RWF_DSYNC if is_durable else 0) < len(data):
            raise OSError(errno.ENOSPC, "only a part was written")

    def _make(self, folder: Path) -> None:
        """Give the file its blocks, and its name a place on disk."""
        os.pwrite(self._file, bytes(SIZE), 0)
        os.fsync(self._file)
        place = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(place)
        finally:
            os.close(place)

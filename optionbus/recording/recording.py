"""A recording, as it is read.

Decides what a file must be to be replayed, what is told of one that is not whole, and what is known of it before it is
played. Does not know how it is played.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from messages.recording_errors import RecordingUnreadable
from optionbus.recording.blocks import MAGIC, Torn, blocks_in
from optionbus.recording.records import VERSION, Asked, Ended, Header, Heard, Missing, Opening, Received, Record, Sent

_ANOTHER: Final = "Give a file that run.py record has written"


class _Dated(Struct):
    """The part of a header that every version has."""

    version: int


class Contents(Struct, kw_only=True):
    """What is in a recording, counted. Times are of the recorded monotonic clock."""

    end: float
    messages_received: int = 0
    messages_sent: int = 0
    orders: int = 0
    last_channels: dict[int, int] = {}
    """The number of the last connection, by line."""
    heard: set[str] = set()
    """The strategies whose messages are here."""
    asked: dict[str, dict[str, str]] = {}
    """By strategy, what it asked, with the id of the order that it was."""
    missing: int = 0
    has_ended: bool = False


class Recording:
    """A file that can be replayed.

    Raises:
        RecordingUnreadable: it cannot be read, is empty, is none, is damaged at its beginning or of a later version.
    """

    def __init__(self, file: str | Path) -> None:
        self.file = Path(file)
        self.header = self._header()
        self._problem = ""
        self.contents = self._count()
        self.remarks = self._remarks()
        """What is to be said of it before it is played; a whole one gives no cause."""

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.contents.end - self.header.begun

    def records(self) -> Iterator[Record]:
        """All records that can be read, oldest first."""
        with self.file.open("rb") as file:
            file.seek(len(MAGIC))
            blocks = blocks_in(file)
            next(blocks)
            try:
                for block in blocks:
                    yield from _RECORDS.decode(block)
            except Torn as torn:
                self._problem = _torn(torn, self.file.stat().st_size)
            except msgspec.MsgspecError:
                self._problem = f"it is damaged before byte {file.tell()}; what follows is left out"

    def _header(self) -> Header:
        try:
            with self.file.open("rb") as file:
                start = file.read(len(MAGIC))
                if not start:
                    raise self._unreadable("it is empty", "Its recording ended before it began: record again")
                if start != MAGIC:
                    raise self._unreadable("it is no recording", _ANOTHER)
                block = next(blocks_in(file), b"")
        except OSError as error:
            raise self._unreadable(error.strerror or str(error), _ANOTHER) from None
        except Torn:
            block = b""
        return self._read_header(block)

    def _read_header(self, block: bytes) -> Header:
        try:
            version = msgspec.msgpack.decode(block, type=_Dated).version
            if version <= VERSION:
                return msgspec.msgpack.decode(block, type=Header)
        except msgspec.MsgspecError:
            raise self._unreadable("its beginning is missing or damaged", _ANOTHER) from None
        problem = f"it is of format {version}, and this program reads formats up to {VERSION}"
        raise self._unreadable(problem, "Replay it with the version of the program that wrote it, or a later one")

    def _unreadable(self, problem: str, remedy: str) -> RecordingUnreadable:
        return RecordingUnreadable(str(self.file), problem, remedy)

    def _count(self) -> Contents:
        contents = Contents(end=self.header.begun)
        for record in self.records():
            contents.end = max(contents.end, record.time)
            match record:
                case Received():
                    contents.messages_received += len(record.messages)
                case Sent():
                    contents.messages_sent += 1
                    contents.orders += is_order(record.data)
                case Opening():
                    contents.last_channels[record.line] = record.channel
                case Heard():
                    contents.heard.add(record.strategy)
                case Asked():
                    contents.asked.setdefault(record.strategy, {})[record.question] = record.order_id
                case Missing():
                    contents.missing += record.records
                case Ended():
                    contents.has_ended = True
                case _:
                    pass
        return contents

    def _remarks(self) -> tuple[str, ...]:
        contents = self.contents
        remarks = [self._problem] if self._problem else []
        if not contents.has_ended:
            remarks.append("it has no end: whoever recorded it was stopped in the middle")
        if contents.missing:
            remarks.append(f"{contents.missing} records are missing: they came faster than the disk took them")
        return tuple(remarks)


def is_order(data: bytes) -> bool:
    """Whether a message that was sent is one that costs money."""
    return data.startswith((b'42["openOrder"', b'42["openPendingOrder"'))


def _torn(torn: Torn, size: int) -> str:
    if torn.is_last:
        return f"its last block is torn; {size - torn.position} bytes are left out"
    return f"it is damaged at byte {torn.position}; {size - torn.position} bytes are left out"


_RECORDS: Final = msgspec.msgpack.Decoder(list[Record])

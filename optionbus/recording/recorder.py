"""The recorder: writes down what it is told, on a thread of its own.

Theory of operation. Whoever notices something puts it into a buffer and goes on; the recorder's thread takes what is
there once a second, or when it is a block's worth, cuts out what must not be kept, and appends it. Where the disk takes
no more the recording ends, and nothing else does: what is told from then on goes nowhere.

Decides when something is written, and what a failure ends. Does not know where records come from
(``recording_transport``).
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Thread
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from actors.ports import Clock
from messages.market import TicksReceived
from messages.recording_errors import RecordingFailed
from optionbus.recording.appended_file import AppendedFile
from optionbus.recording.blocks import MAGIC, block_of
from optionbus.recording.buffer import Buffer, Item
from optionbus.recording.records import Closed, Ended, Header, Heard, Missing, Opening, Received, Record, Sent
from optionbus.recording.redaction import Redaction
from optionbus.recording.tick_file import TickOrder, tick_writer

END_SECONDS: Final = 5.0
"""How long an end waits for the disk."""

RECORDS_AT_ONCE: Final = 1000
_TICK_BYTES: Final = 100


class Recorder:
    """Writes a session to ``file``, and its ticks to ``ticks`` where that is given.

    Raises:
        RecordingFailed: one of them cannot be written, or is there already.
        UsageError: the ending of ``ticks`` names no format.
    """

    def __init__(
        self,
        file: Path,
        header: Header,
        redaction: Redaction,
        clock: Clock,
        *,
        ticks: Path | None = None,
        buffer: Buffer | None = None,
        on_failure: Callable[[RecordingFailed], None] = lambda _error: None,
    ) -> None:
        self._format = None if ticks is None else tick_writer(ticks)
        self._order = TickOrder()
        self._redaction, self._clock, self._on_failure = redaction, clock, on_failure
        self._buffer = buffer or Buffer()
        self._ended: float | None = None
        self.file = file
        self.records = self.ticks = 0
        """How many were written."""
        self.error: RecordingFailed | None = None
        """What it has ended in before its time."""
        self._records = AppendedFile(file)
        self._records.append(MAGIC + block_of(msgspec.msgpack.encode(header)))
        self._ticks = self._tick_file(ticks)
        self._thread = Thread(target=self._run, name="Recorder", daemon=True)
        self._thread.start()

    @property
    def lost(self) -> int:
        """How many records came faster than they could be written."""
        return self._buffer.lost

    @property
    def size(self) -> int:
        """How many bytes the recording has so far."""
        return self._records.size

    def note(self, record: Record, size: int = 0) -> None:
        """Have a record written, of about that many bytes; any thread, which waits for nobody."""
        self._buffer.put(record, size)

    def tell(self, message: Any) -> None:  # noqa: ANN401 - a TicksReceived
        """Have ticks written: it listens to them as actors do."""
        if self._ticks is not None and isinstance(message, TicksReceived):
            self._buffer.put(message.ticks, _TICK_BYTES * len(message.ticks))

    def close(self) -> None:
        """End it in order; returns when all is on the disk, or the disk has had time enough. Twice is no error."""
        if self._ended is None:
            self._ended = self._clock.monotonic()
        self._buffer.close()
        self._thread.join(END_SECONDS)

    def _tick_file(self, path: Path | None) -> AppendedFile | None:
        if self._format is None or path is None:
            return None
        try:
            file = AppendedFile(path)
            file.append(self._format.head)
        except RecordingFailed:
            self._records.close()
            raise
        return file

    def _run(self) -> None:
        try:
            while not self._write_load():
                pass
        except RecordingFailed as error:
            self.error = error
            self._buffer.close()
            self._on_failure(error)
        finally:
            self._records.close()
            if self._ticks is not None:
                self._ticks.close()

    def _write_load(self) -> bool:
        load = self._buffer.take()
        records: list[Record] = [item for item in load.items if not isinstance(item, tuple)]
        if load.lost:
            records.append(Missing(time=records[-1].time if records else self._clock.monotonic(), records=load.lost))
        if load.is_last and self._ended is not None:
            records.append(Ended(time=self._ended))
        for first in range(0, len(records), RECORDS_AT_ONCE):
            self._write_records(records[first : first + RECORDS_AT_ONCE])
        self._write_ticks(load.items, is_last=load.is_last)
        return load.is_last

    def _write_records(self, records: Sequence[Record]) -> None:
        self._records.append(block_of(msgspec.msgpack.encode([self._cleaned(record) for record in records])))
        self.records += len(records)

    def _write_ticks(self, items: Sequence[Item], *, is_last: bool) -> None:
        ticks = self._order.add(tick for item in items if isinstance(item, tuple) for tick in item)
        if is_last:
            ticks += self._order.rest()
        if ticks and self._ticks is not None and self._format is not None:
            self._ticks.append(self._format.lines(ticks))
            self.ticks += len(ticks)

    def _cleaned(self, record: Record) -> Record:
        clean = self._redaction
        match record:
            case Received():
                return replace(record, messages=tuple((is_text, clean(data)) for is_text, data in record.messages))
            case Sent() | Heard():
                return replace(record, data=clean(record.data))
            case Opening():
                return replace(record, url=clean.text(record.url))
            case Closed():
                return replace(record, reason=clean.text(record.reason))
            case _:
                return record

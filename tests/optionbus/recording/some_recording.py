"""A recording made by hand, for tests of how one is read and played."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from optionbus.recording.blocks import MAGIC, block_of
from optionbus.recording.records import Ended, Header, Opened, Opening, Received, Record, Sent

HEADER = Header(program="0.1.0", seed=7, started=1_700_000_000.0, begun=100.0, scale=1.0, is_demo=True, connections=1)

RECORDS: tuple[Record, ...] = (
    Opening(100.0, 0, 0, "ws://there"),
    Opened(100.5, 0),
    Received(101.0, 0, ((True, b"first"), (False, b"second"))),
    Sent(101.5, 0, True, b'42["openOrder",{}]'),
    Received(102.0, 0, ((True, b"third"),)),
    Ended(103.0),
)


def write(file: Path, *blocks: Sequence[Record], header: Header = HEADER) -> Path:
    """A file with these records, a block each."""
    contents = [msgspec.msgpack.encode(header), *map(msgspec.msgpack.encode, blocks or (RECORDS,))]
    file.write_bytes(MAGIC + b"".join(map(block_of, contents)))
    return file

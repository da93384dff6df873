"""How records lie in a file: a line that says what it is, then blocks.

Theory of operation. A block is its length, a checksum, and so many bytes of compressed msgpack: first the header, then
lists of records. Blocks are only ever appended, each in one write. A program or computer that stops while it writes
leaves a last block that is too short or does not fit its checksum; all before it stays good.

Decides the layout, and where a file stops making sense. Does not know what records say, nor who reads them.
"""

import zlib
from collections.abc import Iterator
from struct import Struct
from typing import BinaryIO, Final

MAGIC: Final = b"optionbus recording\n"
_FRONT: Final = Struct(">II")
LONGEST: Final = 1 << 27
"""No block is longer, packed or unpacked; a length above it is no length."""

_LEVEL: Final = 6


class Torn(Exception):
    """The file stops making sense: ``position`` of the block that does, and ``is_last`` where nothing follows it."""

    def __init__(self, position: int, *, is_last: bool) -> None:
        super().__init__(position)
        self.position, self.is_last = position, is_last


def block_of(content: bytes) -> bytes:
    """The block that holds this."""
    packed = zlib.compress(content, _LEVEL)
    return _FRONT.pack(len(packed), zlib.crc32(packed)) + packed


def blocks_in(file: BinaryIO) -> Iterator[bytes]:
    """What the blocks hold, one after another, from where the file stands.

    Raises:
        Torn: the next one is not whole.
    """
    while True:
        position = file.tell()
        front = file.read(_FRONT.size)
        if not front:
            return
        if len(front) < _FRONT.size:
            raise Torn(position, is_last=True)
        length, checksum = _FRONT.unpack(front)
        packed = file.read(length) if length <= LONGEST else b""
        if len(packed) < length or zlib.crc32(packed) != checksum:
            raise Torn(position, is_last=length <= LONGEST and not file.read(1))
        yield _unpacked(packed, position)


def _unpacked(packed: bytes, position: int) -> bytes:
    unpacking = zlib.decompressobj()
    try:
        content = unpacking.decompress(packed, LONGEST)
    except zlib.error:
        raise Torn(position, is_last=False) from None
    if not unpacking.eof:
        raise Torn(position, is_last=False)
    return content

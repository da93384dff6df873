"""The session of a login as PHP serializes it: ``a:4:{s:10:"session_id";s:32:"…";…}`` and a hash behind it.

Reads flat arrays of strings and integers, nothing else of PHP's format. Every string states its length in
bytes, so the array is read by its lengths and its end is certain even where a shell has taken the quotes or
somebody has forgotten to escape them. What does not agree with its lengths is not read at all.

Does not know what the entries mean, nor how the session travels.
"""

import re
from typing import Final, Self

from msgspec import Struct

_HEAD: Final = re.compile(rb"a:(\d{1,3}):\{")
_INTEGER: Final = re.compile(rb"i:(-?\d{1,19});")
_STRING: Final = re.compile(rb's:(\d{1,5}):(\\?"|)')
_HASH: Final = re.compile(rb"[0-9A-Za-z]*")

_Entry = str | int


class PhpSession(Struct, frozen=True):
    """The array and the hash, and where in the text they ended (bytes). Holds a credential: for local use only."""

    entries: dict[_Entry, _Entry]
    signature: str
    end: int

    @classmethod
    def read(cls, data: bytes, start: int = 0) -> Self | None:
        """The session that begins at ``start``; None if there is none or it disagrees with its own lengths."""
        head = _HEAD.match(data, start)
        if head is None:
            return None
        entries: dict[_Entry, _Entry] = {}
        at = head.end()
        for _ in range(int(head[1])):
            key, at = _read_entry(data, at)
            value, at = _read_entry(data, at)
            if key is None or value is None:
                return None
            entries[key] = value
        signature = _HASH.match(data, at + 1)
        is_whole = len(entries) == int(head[1]) and data.startswith(b"}", at)
        if signature is None or not is_whole:
            return None
        return cls(entries, signature[0].decode(), signature.end())

    def serialized(self) -> str:
        """The text as PHP writes it, quotes included."""
        entries = "".join(_write_entry(key) + _write_entry(value) for key, value in self.entries.items())
        return f"a:{len(self.entries)}:{{{entries}}}{self.signature}"

    def text(self, key: str) -> str | None:
        """The entry of that name, if it is there and a string."""
        value = self.entries.get(key)
        return value if isinstance(value, str) else None


def _read_entry(data: bytes, at: int) -> tuple[_Entry | None, int]:
    if integer := _INTEGER.match(data, at):
        return int(integer[1]), integer.end()
    string = _STRING.match(data, at)
    if string is None:
        return None, at
    end = string.end() + int(string[1])
    close = string[2] + b";"
    if data[end : end + len(close)] != close:
        return None, at
    try:
        return data[string.end() : end].decode(), end + len(close)
    except UnicodeDecodeError:
        return None, at


def _write_entry(entry: _Entry) -> str:
    return f"i:{entry};" if isinstance(entry, int) else f's:{len(entry.encode())}:"{entry}";'

"""New inputs from known ones: tokens are swapped, repeated, lost, nested and replaced, bytes are flipped, ends are cut.

Everything is drawn from one seed, and the same seed gives the same inputs. Knows what a token of JSON, of PHP's format
and of a packet looks like; does not know who reads them.
"""

import random
import re
from collections.abc import Sequence
from typing import Final

_TOKEN: Final = re.compile(rb'"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[A-Za-z_]+|\s+|\\.|.', re.DOTALL)

INTERESTING: Final = (
    *(
        b"null",
        b"true",
        b"false",
        b"NaN",
        b"-Infinity",
        b"[]",
        b"{}",
        b'""',
        b'"x"',
        b'"\xff"',
        b'"\\ud800"',
        b'"\\u0000"',
    ),
    *(b"0", b"-0", b"-1", b"1", b"10", b"11", b"99", b"1.5", b"1e999", b"1e-999", b"0E+999999999", b"1e12", b"1e14"),
    *(b"9223372036854775807", b"9223372036854775808", b"-9223372036854775809", b"1" + b"0" * 400, b'"1e999999999"'),
    *(b"2147483648", b"4294967296", b"00", b"0x1", b"+1", b"."),
    *(
        b'{"_placeholder":true,"num":0}',
        b'{"_placeholder":true,"num":9}',
        b'{"_placeholder":1,"num":null}',
        b"_placeholder",
    ),
    *(
        b"4",
        b"42",
        b"43",
        b"45",
        b"451-",
        b"4510-",
        b"4511-",
        b"461-",
        b"40",
        b"41",
        b"44",
        b"0",
        b"1",
        b"2",
        b"3",
        b"6",
    ),
    *(
        b"[",
        b"]",
        b"{",
        b"}",
        b",",
        b":",
        b'"',
        b"'",
        b"\\",
        b"/",
        b"-",
        b";",
        b"\x1e",
        b"\x00",
        b"\xff",
        b"\xed\xa0\x80",
    ),
    *(b"s:32:", b"a:4:{", b"i:1;", b"s:0:", b"s:99999:", b"\xf0\x9f\x90\x8d", b"\xc3", b"\xef\xbb\xbf", b"\r\n", b" "),
    *(b"[" * 40 + b"]" * 40, b"[" * 1_100, b'{"a":' * 1_100),
)
"""Values at the edges of what a reader expects."""

FRAME_TOKENS: Final = (
    *(bytes([first]) for first in (0x00, 0x01, 0x02, 0x80, 0x81, 0x82, 0x83, 0x88, 0x89, 0x8A, 0x8B, 0xC1, 0xF1, 0xFF)),
    *(bytes([second]) for second in (0, 1, 2, 125, 126, 127, 128, 129, 254, 255)),
    *(size.to_bytes(2) for size in (0, 1, 125, 126, 65_535)),
    *(
        size.to_bytes(8)
        for size in (0, 126, 65_536, 1 << 20, (1 << 20) + 1, 1 << 31, 1 << 32, (1 << 63) - 1, (1 << 64) - 1)
    ),
    *(
        b"\x03\xe8",
        b"\x03\xe9bye",
        b"\x00\x00",
        b"\x03\xe8\xff",
        b"\x89\x00",
        b"\x8a\x00",
        b"\x88\x00",
        b"\x80\x00",
        b"\x00\x00",
    ),
)
"""Pieces of WebSocket frames."""


def tokens_of(data: bytes) -> tuple[bytes, ...]:
    """The pieces that a text is changed in."""
    return tuple(_TOKEN.findall(data))


class Mutator:
    """Makes inputs of ``corpus``, each a sequence of tokens, with ``interesting`` ones put in."""

    def __init__(self, corpus: Sequence[Sequence[bytes]], interesting: Sequence[bytes], seed: int) -> None:
        self._corpus = [tuple(entry) for entry in corpus]
        self._interesting = tuple(interesting)
        self._random = random.Random(seed)
        self._changes = (
            *(self._replace, self._replace, self._replace, self._insert, self._insert),
            *(self._lose, self._repeat, self._swap, self._splice, self._transplant),
        )

    def next(self) -> bytes:
        """Another input."""
        chance = self._random.random
        tokens = list(self._corpus[int(chance() * len(self._corpus))])
        for _ in range(1 + int(chance() * chance() * 5)):
            self._changes[int(chance() * len(self._changes))](tokens)
        data = b"".join(tokens)
        kind = chance()
        if kind < 0.1:
            return self._flip(data)
        return data[: int(chance() * (len(data) + 1))] if kind < 0.15 else data

    def _at(self, tokens: Sequence[bytes]) -> int:
        return int(self._random.random() * len(tokens))

    def _any(self) -> bytes:
        return self._interesting[self._at(self._interesting)]

    def _replace(self, tokens: list[bytes]) -> None:
        if tokens:
            tokens[self._at(tokens)] = self._any()

    def _insert(self, tokens: list[bytes]) -> None:
        tokens.insert(self._at(tokens), self._any())

    def _lose(self, tokens: list[bytes]) -> None:
        start = self._at(tokens)
        del tokens[start : start + 1 + int(self._random.random() * 3)]

    def _repeat(self, tokens: list[bytes]) -> None:
        start = self._at(tokens)
        part = tokens[start : start + 1 + int(self._random.random() * 6)]
        tokens[start:start] = part * (1 + int(self._random.random() * 3))

    def _swap(self, tokens: list[bytes]) -> None:
        if tokens:
            one, other = self._at(tokens), self._at(tokens)
            tokens[one], tokens[other] = tokens[other], tokens[one]

    def _splice(self, tokens: list[bytes]) -> None:
        other = self._corpus[self._at(self._corpus)]  # type: ignore[arg-type]
        tokens[self._at(tokens) :] = other[self._at(other) :]

    def _transplant(self, tokens: list[bytes]) -> None:
        other = self._corpus[self._at(self._corpus)]  # type: ignore[arg-type]
        start = self._at(other)
        tokens[self._at(tokens) : self._at(tokens) + 1] = other[start : start + 4]

    def _flip(self, data: bytes) -> bytes:
        if not data:
            return data
        changed = bytearray(data)
        for _ in range(1 + int(self._random.random() * 3)):
            changed[self._at(data)] ^= 1 << int(self._random.random() * 8)  # type: ignore[arg-type]
        return bytes(changed)

"""Predicates on inbound frames: which ones somebody wants.

Decides what each rule matches, and that rules compose with ``&``, ``|`` and ``~``. A rule sees the
text of a frame's header and its payload. Does not know who registered it. A rule that raises
matches nothing; whoever evaluates it counts that.
"""

import re
from collections.abc import Callable
from typing import Any

import msgspec

from messages.session import Frame

Predicate = Callable[[Frame], bool]


class Rule:
    """A predicate with a name; made by the class methods, composed with operators.

    ``starts_with``, ``ends_with``, ``contains``, ``exact`` and ``regex`` take text or bytes: text looks
    at the header message, bytes at the payload.
    """

    __slots__ = ("_predicate", "name")

    def __init__(self, name: str, predicate: Predicate) -> None:
        self.name = name
        self._predicate = predicate

    def matches(self, frame: Frame) -> bool:
        """Whether the frame satisfies the rule."""
        return self._predicate(frame)

    @classmethod
    def event(cls, *names: str) -> "Rule":
        """Frames of these events."""
        wanted = frozenset(names)
        return cls(f"event{names}", lambda frame: frame.event in wanted)

    @classmethod
    def starts_with(cls, part: str | bytes) -> "Rule":
        """Frames that begin so."""
        look, piece = _side(part)
        return cls(f"starts_with({part!r})", lambda frame: look(frame).startswith(piece))

    @classmethod
    def ends_with(cls, part: str | bytes) -> "Rule":
        """Frames that end so."""
        look, piece = _side(part)
        return cls(f"ends_with({part!r})", lambda frame: look(frame).endswith(piece))

    @classmethod
    def contains(cls, part: str | bytes) -> "Rule":
        """Frames that contain this."""
        look, piece = _side(part)
        return cls(f"contains({part!r})", lambda frame: piece in look(frame))

    @classmethod
    def exact(cls, whole: str | bytes) -> "Rule":
        """Frames that are just this."""
        look, piece = _side(whole)
        return cls(f"exact({whole!r})", lambda frame: look(frame) == piece)

    @classmethod
    def regex(cls, pattern: str | bytes) -> "Rule":
        """Frames in which the pattern is found. Raises re.error where it is none."""
        look, piece = _side(pattern)
        compiled = re.compile(piece)
        return cls(f"regex({pattern!r})", lambda frame: compiled.search(look(frame)) is not None)

    @classmethod
    def json_schema(cls, shape: Any) -> "Rule":  # noqa: ANN401 - any type msgspec can decode
        """Frames whose payload decodes as this type, such as a Struct."""
        decoder = msgspec.json.Decoder(shape)
        return cls(f"json_schema({getattr(shape, '__name__', shape)})", lambda frame: _decodes(decoder, frame.payload))

    @classmethod
    def custom(cls, predicate: Predicate) -> "Rule":
        """Frames for which the function is true; it runs in the router, so let it be quick."""
        return cls(f"custom({getattr(predicate, '__name__', 'function')})", predicate)

    @classmethod
    def any(cls) -> "Rule":
        """Every frame."""
        return cls("any", lambda _frame: True)

    @classmethod
    def never(cls) -> "Rule":
        """No frame."""
        return cls("never", lambda _frame: False)

    def __and__(self, other: "Rule") -> "Rule":
        return Rule(f"({self.name} & {other.name})", lambda frame: self.matches(frame) and other.matches(frame))

    def __or__(self, other: "Rule") -> "Rule":
        return Rule(f"({self.name} | {other.name})", lambda frame: self.matches(frame) or other.matches(frame))

    def __invert__(self) -> "Rule":
        return Rule(f"~{self.name}", lambda frame: not self.matches(frame))

    def __repr__(self) -> str:
        return f"Rule.{self.name}"


def _side(part: str | bytes) -> tuple[Callable[[Frame], bytes], bytes]:
    if isinstance(part, str):
        return (lambda frame: frame.text), part.encode()
    return (lambda frame: frame.payload), part


def _decodes(decoder: "msgspec.json.Decoder[Any]", payload: bytes) -> bool:
    try:
        decoder.decode(payload)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return False
    return True

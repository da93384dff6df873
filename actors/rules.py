"""Predicates on inbound frames: which ones somebody wants.

Decides what a predicate is (something with a name that ``matches`` a frame, and composes with ``&``, ``|`` and ``~``),
and what each rule matches. A rule sees the text of a frame's header and its payload; the other kind of predicate,
``optionbus.Validator``, sees both as one text. Does not know who registered it. A predicate that raises matches
nothing; whoever evaluates it counts that.
"""

import re
from collections.abc import Callable
from typing import Any

import msgspec

from messages.errors import InvalidArgument
from messages.session import Frame


class Predicate:
    """What decides whether somebody wants a frame. Two of them, of either kind, compose to a Rule."""

    __slots__ = ()

    @property
    def label(self) -> str:
        """What it is called in the log and in what is composed of it."""
        return repr(self)

    def matches(self, frame: Frame) -> bool:
        """Whether the frame is wanted."""
        raise NotImplementedError

    def __and__(self, other: "Predicate") -> "Rule":
        if not isinstance(other, Predicate):
            return NotImplemented
        return Rule(f"({self.label} & {other.label})", lambda frame: self.matches(frame) and other.matches(frame))

    def __or__(self, other: "Predicate") -> "Rule":
        if not isinstance(other, Predicate):
            return NotImplemented
        return Rule(f"({self.label} | {other.label})", lambda frame: self.matches(frame) or other.matches(frame))

    def __invert__(self) -> "Rule":
        return Rule(f"~{self.label}", lambda frame: not self.matches(frame))


class Rule(Predicate):
    """A predicate made by the class methods, composed with operators.

    ``starts_with``, ``ends_with``, ``contains``, ``exact`` and ``regex`` take text or bytes: text looks
    at the header message, bytes at the payload. What is no text, no pattern, no function or no shape raises
    InvalidArgument when the rule is made.

    Example:
        >>> refusals = Rule.event("failopenOrder") & ~Rule.contains(b"MaxDemoTrades")
        >>> refusals.matches(Frame("failopenOrder", b"{}", b'42["failopenOrder",{}]'))
        True
    """

    __slots__ = ("_matches", "name")

    def __init__(self, name: str, matches: Callable[[Frame], bool]) -> None:
        self.name = name
        self._matches = matches

    @property
    def label(self) -> str:
        """Its name."""
        return self.name

    def matches(self, frame: Frame) -> bool:
        """Whether the frame satisfies the rule."""
        return self._matches(frame)

    @classmethod
    def event(cls, *names: str) -> "Rule":
        """Frames of these events."""
        for name in names:
            require("Rule.event", name, str)
        wanted = frozenset(names)
        return cls(f"event{names}", lambda frame: frame.event in wanted)

    @classmethod
    def starts_with(cls, part: str | bytes) -> "Rule":
        """Frames that begin so."""
        look, piece = _side("Rule.starts_with", part)
        return cls(f"starts_with({part!r})", lambda frame: look(frame).startswith(piece))

    @classmethod
    def ends_with(cls, part: str | bytes) -> "Rule":
        """Frames that end so."""
        look, piece = _side("Rule.ends_with", part)
        return cls(f"ends_with({part!r})", lambda frame: look(frame).endswith(piece))

    @classmethod
    def contains(cls, part: str | bytes) -> "Rule":
        """Frames that contain this."""
        look, piece = _side("Rule.contains", part)
        return cls(f"contains({part!r})", lambda frame: piece in look(frame))

    @classmethod
    def exact(cls, whole: str | bytes) -> "Rule":
        """Frames that are just this."""
        look, piece = _side("Rule.exact", whole)
        return cls(f"exact({whole!r})", lambda frame: look(frame) == piece)

    @classmethod
    def regex(cls, pattern: str | bytes) -> "Rule":
        """Frames in which the pattern is found."""
        look, piece = _side("Rule.regex", pattern)
        try:
            compiled = re.compile(piece)
        except re.error as error:
            raise InvalidArgument("Rule.regex", f"{pattern!r} is no pattern: {error}") from None
        return cls(f"regex({pattern!r})", lambda frame: compiled.search(look(frame)) is not None)

    @classmethod
    def json_schema(cls, shape: Any) -> "Rule":  # noqa: ANN401 - any type msgspec can decode
        """Frames whose payload decodes as this type, such as a Struct."""
        try:
            decoder = msgspec.json.Decoder(shape)
        except TypeError as error:
            raise InvalidArgument("Rule.json_schema", str(error)) from None
        return cls(f"json_schema({getattr(shape, '__name__', shape)})", lambda frame: _decodes(decoder, frame.payload))

    @classmethod
    def custom(cls, predicate: Callable[[Frame], bool]) -> "Rule":
        """Frames for which the function is true; it runs in the router, so let it be quick."""
        if not callable(predicate):
            raise InvalidArgument("Rule.custom", f"Expected a function of a frame, got {type(predicate).__name__}")
        return cls(f"custom({getattr(predicate, '__name__', 'function')})", predicate)

    @classmethod
    def any(cls) -> "Rule":
        """Every frame."""
        return cls("any", lambda _frame: True)

    @classmethod
    def never(cls) -> "Rule":
        """No frame."""
        return cls("never", lambda _frame: False)

    def __repr__(self) -> str:
        return f"Rule.{self.name}"


def require(maker: str, given: object, *kinds: type) -> None:
    """Refuse, when a predicate is made, what it could only trip over later. Raises InvalidArgument."""
    if not isinstance(given, kinds):
        expected = " or ".join(kind.__name__ for kind in kinds)
        raise InvalidArgument(maker, f"Expected {expected}, got {type(given).__name__}")


def _side(maker: str, part: str | bytes) -> tuple[Callable[[Frame], bytes], bytes]:
    require(maker, part, str, bytes)
    if isinstance(part, str):
        # What half of a surrogate pair becomes is in no frame.
        return (lambda frame: frame.text), part.encode(errors="surrogatepass")
    return (lambda frame: frame.payload), part


def _decodes(decoder: "msgspec.json.Decoder[Any]", payload: bytes) -> bool:
    try:
        decoder.decode(payload)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return False
    return True

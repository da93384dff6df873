"""Validators: predicates on the text of a frame, as values.

Decides what each kind checks. The text is the whole frame as one message (``optionbus.raw_frame``); a Rule tells header
and payload apart, and both can be used wherever the other can. Does not know who registered it.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

from msgspec import Struct

from actors.rules import Predicate, require
from messages.errors import InvalidArgument
from messages.session import Frame
from optionbus.raw_frame import text_of


class Validator(Predicate, Struct, frozen=True):
    """Immutable, hashable, equal to its like; made by the class methods. ``Validator()`` lets everything pass.

    A frame is seen as ``42["event",payload]``, the payload as the platform wrote it. What is no text, no pattern or no
    function raises InvalidArgument when the validator is made.

    Example:
        >>> mine = Validator.all([Validator.starts_with('42["signals'), Validator.negate(Validator.contains("OTC"))])
        >>> mine.check('42["signals/load",["EURUSD"]]')
        True
    """

    kind: str = "none"
    argument: Any = None

    def check(self, text: str) -> bool:
        """Whether the text passes. What a custom function raises comes out here."""
        require("Validator.check", text, str)
        return self._passes(text)

    def matches(self, frame: Frame) -> bool:
        """Whether the frame passes, seen as text."""
        return self._passes(_latest(frame))

    @classmethod
    def none(cls) -> "Validator":
        """No condition: everything passes."""
        return cls()

    @classmethod
    def regex(cls, pattern: str) -> "Validator":
        """The pattern (of ``re``) is found anywhere."""
        require("Validator.regex", pattern, str)
        try:
            return cls("regex", re.compile(pattern))
        except re.error as error:
            raise InvalidArgument("Validator.regex", f"{pattern!r} is no pattern: {error}") from None

    @classmethod
    def starts_with(cls, prefix: str) -> "Validator":
        """The text begins so."""
        return cls._of_text("starts_with", prefix)

    @classmethod
    def ends_with(cls, suffix: str) -> "Validator":
        """The text ends so."""
        return cls._of_text("ends_with", suffix)

    @classmethod
    def contains(cls, part: str) -> "Validator":
        """The text contains this."""
        return cls._of_text("contains", part)

    @classmethod
    def negate(cls, validator: "Validator") -> "Validator":
        """The other does not pass."""
        require("Validator.negate", validator, Validator)
        return cls("negate", validator)

    ne = negate

    @classmethod
    def all(cls, validators: Iterable["Validator"]) -> "Validator":
        """All of them pass; of none at all, everything does."""
        return cls._of_parts("all", validators)

    @classmethod
    def any(cls, validators: Iterable["Validator"]) -> "Validator":
        """One of them passes; of none at all, nothing does."""
        return cls._of_parts("any", validators)

    @classmethod
    def custom(cls, function: Callable[[str], bool]) -> "Validator":
        """The function is true of the text. It runs in the router, for every frame: let it be quick."""
        if not callable(function):
            raise InvalidArgument("Validator.custom", f"Expected a function of text, got {type(function).__name__}")
        return cls("custom", function)

    def __repr__(self) -> str:
        argument = self.argument
        match self.kind:
            case "none":
                shown = ""
            case "regex":
                shown = repr(argument.pattern)
            case "custom":
                shown = getattr(argument, "__name__", "function")
            case "all" | "any":
                shown = repr(list(argument))
            case _:
                shown = repr(argument)
        return f"Validator.{self.kind}({shown})"

    @classmethod
    def _of_text(cls, kind: str, part: str) -> "Validator":
        require(f"Validator.{kind}", part, str)
        return cls(kind, part)

    @classmethod
    def _of_parts(cls, kind: str, validators: Iterable["Validator"]) -> "Validator":
        require(f"Validator.{kind}", validators, Iterable)
        parts = tuple(validators)
        for part in parts:
            require(f"Validator.{kind}", part, Validator)
        return cls(kind, parts)

    def _passes(self, text: str) -> bool:
        return _CHECKS[self.kind](self.argument, text)


def _passes_all(parts: tuple[Validator, ...], text: str) -> bool:
    return all(part._passes(text) for part in parts)  # noqa: SLF001 - of its like


def _passes_any(parts: tuple[Validator, ...], text: str) -> bool:
    return any(part._passes(text) for part in parts)  # noqa: SLF001


_CHECKS: dict[str, Callable[[Any, str], bool]] = {
    "none": lambda _nothing, _text: True,
    "regex": lambda pattern, text: pattern.search(text) is not None,
    "starts_with": lambda prefix, text: text.startswith(prefix),
    "ends_with": lambda suffix, text: text.endswith(suffix),
    "contains": lambda part, text: part in text,
    "negate": lambda validator, text: not validator._passes(text),  # noqa: SLF001
    "all": _passes_all,
    "any": _passes_any,
    "custom": lambda function, text: bool(function(text)),
}


class _LatestText:
    """The text of the latest frame: made once, though a thousand validators look at it one after another."""

    def __init__(self) -> None:
        self._latest: tuple[Frame | None, str] = (None, "")

    def __call__(self, frame: Frame) -> str:
        known, text = self._latest
        if known is not frame:
            text = text_of(frame)
            self._latest = (frame, text)  # in one go: the routers of several accounts share it
        return text


_latest = _LatestText()

"""Validators as BinaryOptionsToolsV2 has them: they look at each part of a message by itself.

A message of the platform comes as a text and, mostly, a binary attachment with the payload; there each of the two is a
message. So is it here: ``Validator.contains('"balance"')`` finds a payload and gives just that, to be read as JSON.

Decides what parts a frame has. Does not know who registered a validator.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress

from actors.rules import Predicate
from messages.errors import InvalidArgument
from messages.session import Frame
from optionbus.compat.errors import translated
from optionbus.validator import Validator as Check


class Validator(Predicate):
    """A condition on a text; made by the static methods. ``Validator()`` lets everything pass.

    Example:
        >>> Validator.all([Validator.starts_with("42"), Validator.ne(Validator.contains("OTC"))]).check('42["a"]')
        True
    """

    def __init__(self, raw: Check | None = None) -> None:
        self._check = Check() if raw is None else raw

    @staticmethod
    def regex(pattern: str) -> "Validator":
        """The pattern (of ``re``) is found anywhere. Raises ValueError."""
        with translated():
            return Validator(Check.regex(pattern))

    @staticmethod
    def starts_with(prefix: str) -> "Validator":
        """The text begins so."""
        with translated():
            return Validator(Check.starts_with(prefix))

    @staticmethod
    def ends_with(suffix: str) -> "Validator":
        """The text ends so."""
        with translated():
            return Validator(Check.ends_with(suffix))

    @staticmethod
    def contains(substring: str) -> "Validator":
        """The text contains this."""
        with translated():
            return Validator(Check.contains(substring))

    @staticmethod
    def ne(validator: "Validator") -> "Validator":
        """The other does not pass."""
        return Validator(Check.negate(validator._check))  # noqa: SLF001 - of its like

    @staticmethod
    def all(validators: list["Validator"]) -> "Validator":
        """All of them pass."""
        return Validator(Check.all([each._check for each in validators]))  # noqa: SLF001

    @staticmethod
    def any(validators: list["Validator"]) -> "Validator":
        """One of them passes."""
        return Validator(Check.any([each._check for each in validators]))  # noqa: SLF001

    @staticmethod
    def custom(func: Callable[[str], bool]) -> "Validator":
        """The function is true of the text; where it raises, the text does not pass."""
        if not callable(func):
            raise TypeError(f"Expected a function of text, got {type(func).__name__}.")
        return Validator(Check.custom(_tolerant(func)))

    def check(self, message: str) -> bool:
        """Whether the text passes. Raises TypeError where it is none."""
        try:
            return self._check.check(message)
        except InvalidArgument as error:
            raise TypeError(str(error)) from error

    def matches(self, frame: Frame) -> bool:
        """Whether a part of the frame passes."""
        return any(map(self._check.check, parts_of(frame)))

    def passing(self, frame: Frame) -> list[str]:
        """The parts of a frame that pass."""
        return [part for part in parts_of(frame) if self._check.check(part)]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Validator) and self._check == other._check

    def __hash__(self) -> int:
        return hash(self._check)

    def __repr__(self) -> str:
        return repr(self._check)


def parts_of(frame: Frame) -> Iterable[str]:
    """The messages that a frame came as: its text, and each attachment."""
    return (part.decode(errors="replace") for part in (frame.text, *frame.attachments))


def _tolerant(func: Callable[[str], bool]) -> Callable[[str], bool]:
    def passes(text: str) -> bool:
        with suppress(Exception):  # whatever the bot's function raises
            return func(text) is True
        return False

    return passes

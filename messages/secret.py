"""A text that must not be shown, and the cleaning of texts that might show one.

Decides what a secret looks like from outside and what is cut out of logs.
Does not know where secrets come from or where logs go.
"""

import re
from collections.abc import Iterable
from typing import Final, NoReturn

HIDDEN: Final = "[hidden]"

# An authentication body, whole or cut off, whatever was done to its quotes.
_AUTH_FRAME: Final = re.compile(r"""(42\[\s*\\*["']?auth\\*["']?\s*,).*""", re.DOTALL)
_SESSION_FIELD: Final = re.compile(
    r"""(?P<name>\\*["']?\bsession(?:Token)?\\*["']?\s*[:=]\s*)(?:\\*"[^"]*"|\\*'[^']*'|[^\s,}"']+)"""
)


class Secret:
    """Holds a text; only ``reveal()`` shows it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself: for the wire, never for a log or an error."""
        return self._text

    def __repr__(self) -> str:
        return f"Secret({HIDDEN})"

    __str__ = __repr__

    def __format__(self, _spec: str) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> NoReturn:
        message = "a Secret is not pickled"
        raise TypeError(message)


def redact(text: str, secrets: Iterable[Secret] = ()) -> str:
    """``text`` without the given secrets and without anything shaped like an authentication."""
    for secret in secrets:
        if secret.reveal():
            text = text.replace(secret.reveal(), HIDDEN)
    text = _AUTH_FRAME.sub(rf"\1{HIDDEN}", text)
    return _SESSION_FIELD.sub(rf"\g<name>{HIDDEN}", text)

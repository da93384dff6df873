"""What must not be in a recording, cut out of messages.

Decides that a message stays what it was, as far as it can be: what was JSON is JSON afterwards. What a secret is, and
what looks like one, is decided in ``messages.secret``.
"""

import re
from collections.abc import Iterable
from typing import Final

from messages.secret import HIDDEN, Secret, redact

LOGIN: Final = '42["auth"'
HIDDEN_LOGIN: Final = f'42["auth",{HIDDEN}'
"""What ``redact`` leaves of one."""

_HANDSHAKE: Final = (b"0{", b"40{")
_HANDSHAKE_ID: Final = re.compile(rb'("sid"\s*:\s*")[^"]*')
_SUSPICIOUS: Final = re.compile(rb"session|auth")
_UNQUOTED: Final = re.compile(rf'(?<!\\)("session(?:Token)?"\s*:\s*){re.escape(HIDDEN)}')


def is_login(data: str | bytes) -> bool:
    """Whether a message that is sent holds the session."""
    return isinstance(data, str) and data.lstrip().startswith(LOGIN)


class Redaction:
    """Cuts these secrets, and whatever is shaped like one, out of messages."""

    def __init__(self, secrets: Iterable[Secret]) -> None:
        self._secrets = tuple(secrets)
        self._texts = tuple(secret.reveal().encode() for secret in self._secrets if secret.reveal())

    def __call__(self, data: bytes) -> bytes:
        """The message without them."""
        if data.startswith(_HANDSHAKE):
            data = _HANDSHAKE_ID.sub(rb"\1hidden", data)
        if not (_SUSPICIOUS.search(data) or any(text in data for text in self._texts)):
            return data
        return self.text(data.decode(errors="surrogateescape")).encode(errors="surrogateescape")

    def text(self, text: str) -> str:
        """The same of a text."""
        return _UNQUOTED.sub(rf'\1"{HIDDEN}"', redact(text, self._secrets))

"""What a user pastes as SSID, checked, and the authentication that is sent for it.

Decides which fields there must be, which account they mean, and what is suspicious about them. Fields are
checked alike whether they came as JSON or had to be repaired (``ssid_text``), and are sent on under the names
and with the values that were pasted, unknown ones too.

An SSID is a credential. A traceback may show the variables of each frame that an error passes through, so
whatever handles the text returns its problem as a value; only ``Ssid.parse``, which sees a ``Secret``, raises.

Does not know files, environment variables, sockets, or whether the platform will accept the session.
"""

import re
from dataclasses import dataclass
from typing import Annotated, Final, Self

import msgspec
from msgspec import Meta, Struct

from messages.errors import InvalidSsid
from messages.secret import Secret
from messages.wire.php_session import PhpSession
from messages.wire.ssid_text import DOUBLE_ENCODED, SESSION_NAMES, Fields, read_text

INNER_QUOTES: Final = "quotes inside the session were restored by the lengths that the session states"
NO_PLATFORM: Final = "the field platform is missing; it is sent without"
CONTRADICTION: Final = "isDemo is 0 and currentUrl is that of a demo account; it is taken for a demo session"
ALTERED: Final = "the session does not agree with the lengths that it states; it may have been altered"
NO_USER_AGENT: Final = "the session names no usable user_agent; the platform may refuse another one"

NO_SESSION: Final = "the field session is missing, or sessionToken is there besides it"
NO_ACCOUNT: Final = "neither isDemo nor currentUrl says which account it is for"

_PHP: Final = re.compile(r"a:\d+:\{")
_PHP_ESCAPED: Final = re.compile(r"a:\d+:\{s:\d+:\\")
_Session = Annotated[str, Meta(min_length=1)]


class _Body(Struct, frozen=True):
    """What is checked of the fields, by the wire's names."""

    uid: Annotated[int, Meta(ge=1, le=10**18)] | Annotated[str, Meta(pattern=r"^[0-9]{1,18}\Z")]
    session: _Session | None = None
    sessionToken: _Session | None = None  # noqa: N815
    isDemo: Annotated[int, Meta(ge=0, le=1)] | bool | None = None  # noqa: N815
    platform: Annotated[int, Meta(ge=1, le=3)] | None = None
    currentUrl: str | None = None  # noqa: N815


@dataclass(frozen=True, slots=True, repr=False)
class Ssid:
    """A session that can be sent.

    Attributes:
        is_demo: False means real money.
        uid: the account's number, as text.
        platform: 1, 2 or 3; None if the SSID does not say.
        user_agent: the one that the session is bound to, if it names one; send exactly this.
        warnings: what was repaired or looks wrong; no part of the text is in them.
        secrets: every text to be cut out of logs, the longest first.
    """

    is_demo: bool
    uid: str
    platform: int | None
    user_agent: str | None
    warnings: tuple[str, ...]
    secrets: tuple[Secret, ...]
    _auth_frame: Secret

    @classmethod
    def parse(cls, secret: Secret) -> Self:
        """Read what a user has pasted.

        Raises:
            InvalidSsid: it cannot be used; says why and what is expected, and quotes nothing.
        """
        outcome = _read(secret)
        if isinstance(outcome, str):
            raise InvalidSsid(outcome)
        return cls(*outcome)

    def auth_frame(self) -> Secret:
        """The message that logs in."""
        return self._auth_frame

    def __repr__(self) -> str:
        return f"Ssid({'demo' if self.is_demo else 'real'}, uid=…{self.uid[-2:]})"


_Parts = tuple[bool, str, int | None, str | None, tuple[str, ...], tuple[Secret, ...], Secret]


def _read(secret: Secret) -> _Parts | str:
    """The parts of an Ssid, or the problem."""
    warnings: list[str] = []
    fields = read_text(secret.reveal(), warnings)
    if isinstance(fields, str):
        return fields
    try:
        body = msgspec.convert(fields, _Body)
    except msgspec.ValidationError as error:
        return f"one of its fields is wrong: {error}"  # names types and the field, not its value
    problem = _reject(body)
    return problem or _assemble(secret, fields, body, warnings)


def _reject(body: _Body) -> str | None:
    if (body.session is None) == (body.sessionToken is None):
        return NO_SESSION
    if body.isDemo is None and body.currentUrl is None:
        return NO_ACCOUNT
    return DOUBLE_ENCODED if _PHP_ESCAPED.match(_session(body)) else None


def _session(body: _Body) -> str:
    return body.session or body.sessionToken or ""


def _assemble(secret: Secret, fields: Fields, body: _Body, warnings: list[str]) -> _Parts:
    session, login = _restore(_session(body), warnings)
    sent = {name: session if name in SESSION_NAMES and value else value for name, value in fields.items()}
    frame = f'42["auth",{msgspec.json.encode(sent).decode()}]'
    secrets = _to_redact(secret.reveal().strip(), frame, session, login)
    user_agent = _user_agent(login, warnings)
    if body.platform is None:
        warnings.append(NO_PLATFORM)
    is_demo = _is_demo(body, warnings)
    return is_demo, str(body.uid), body.platform, user_agent, tuple(warnings), secrets, Secret(frame)


def _restore(session: str, warnings: list[str]) -> tuple[str, PhpSession | None]:
    """The session as the platform made it, and what is in it if it is that of a login."""
    if not _PHP.match(session):
        return session, None
    login = PhpSession.read(session.encode())
    if login is None or login.end != len(session.encode()):
        warnings.append(ALTERED)
        return session, None
    if login.serialized() != session:
        warnings.append(INNER_QUOTES)
    return login.serialized(), login


def _user_agent(login: PhpSession | None, warnings: list[str]) -> str | None:
    """Goes into an HTTP header as it is: a line break in it would be a header of its own."""
    if login is None:
        return None
    user_agent = login.text("user_agent") or ""
    if user_agent.isascii() and user_agent.isprintable() and user_agent:
        return user_agent
    warnings.append(NO_USER_AGENT)
    return None


def _is_demo(body: _Body, warnings: list[str]) -> bool:
    is_demo_url = "demo" in (body.currentUrl or "")
    if is_demo_url and body.isDemo == 0:
        warnings.append(CONTRADICTION)
    return body.isDemo == 1 or is_demo_url


def _to_redact(pasted: str, frame: str, session: str, login: PhpSession | None) -> tuple[Secret, ...]:
    escaped = msgspec.json.encode(session).decode()[1:-1]
    texts = {pasted, frame, session, escaped}
    if login is not None:
        texts |= {login.text("session_id") or "", login.signature}
    return tuple(Secret(text) for text in sorted(texts - {""}, key=lambda text: (-len(text), text)))

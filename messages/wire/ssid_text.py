"""From what a user pastes to the fields of an authentication: the reading of the text, not of its meaning.

In this order: strict JSON, then field by field for text that has lost quotes or brackets, or whose session
has unescaped quotes. Nothing is guessed: the second reading must account for every character, and a session
with broken quotes must agree with the lengths that it states. Each repair leaves a warning.

Nothing here raises, because a traceback may show the text: a problem is returned as a string.
Does not know which fields there must be or what they mean (``ssid``).
"""

import re
from typing import Final

import msgspec

from messages.wire.php_session import PhpSession

QUOTED: Final = "the quotes around the text were taken off"
NOT_WHOLE: Final = 'the text was not the whole frame 42["auth",…]; it was completed'
NOT_JSON: Final = (
    "quotes or brackets were lost or not escaped (by a shell?); the fields were read one by one, "
    "and the session of a login by the lengths that it states"
)

EMPTY: Final = "it is empty"
TOO_LONG: Final = "it is longer than any session"
NOT_UTF8: Final = "it is not UTF-8 text"
SESSION_ONLY: Final = "it is at most a session id; uid, isDemo and platform are missing"
DOUBLE_ENCODED: Final = "it is double-encoded (JSON inside a JSON string, its quotes escaped)"
NOT_AUTH: Final = 'it is not the event "auth" with one object'
UNREADABLE: Final = "it is cut off, or its quotes and brackets do not match"

SESSION_NAMES: Final = ("session", "sessionToken")
Fields = dict[str, object]

_LONGEST: Final = 16_384
_BARE_SESSION: Final = re.compile(r"""[^{]*|["']?a:\d+:\{.*""", re.DOTALL)
_ESCAPED: Final = re.compile(r"""[^{]*\{\s*\\+["']""")
_AROUND: Final = re.compile(
    r"""(?P<head>(?:42\s*)?\[\s*(?P<q>["']?)auth(?P=q)\s*,)?\s*\{(?P<fields>.*)\}\s*\]?""", re.DOTALL
)
_NAME: Final = re.compile(rb"""\s*(?P<q>["']?)(?P<name>[A-Za-z]\w*)(?P=q)\s*:\s*""")
_PHP_AHEAD: Final = re.compile(rb"""(?P<q>["']?)(?=a:\d)""")
_VALUE: Final = re.compile(
    rb"""(?P<json>"(?:[^"\\]|\\.)*")|'(?P<single>[^'\\]*)'|(?P<bare>[^\s,{}\[\]"'\\]+)""", re.DOTALL
)
_BETWEEN: Final = re.compile(rb"\s*(?:,|$)")
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,17}")


def read_text(pasted: str, warnings: list[str]) -> Fields | str:
    """The fields of the authentication, or the problem."""
    text = pasted.strip("\ufeff \t\r\n")
    if problem := _unfit(text):
        return problem
    if text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1]
        warnings.append(QUOTED)
    found = _strict(text, warnings)
    return _tolerant(text, warnings) if found is None else found


def _unfit(text: str) -> str | None:
    if not text:
        return EMPTY
    if len(text) > _LONGEST:
        return TOO_LONG
    if any("\ud800" <= character <= "\udfff" for character in text):  # how Python reads a wrong byte
        return NOT_UTF8
    if _ESCAPED.match(text):
        return DOUBLE_ENCODED
    return SESSION_ONLY if _BARE_SESSION.fullmatch(text) else None


def _strict(text: str, warnings: list[str]) -> Fields | str | None:
    """The fields, the problem, or None if this is no JSON."""
    try:
        found = msgspec.json.decode(text.removeprefix("42"))
    except (ValueError, RecursionError):
        return None
    if not text.startswith("42["):
        warnings.append(NOT_WHOLE)
    match found:
        case ["auth", dict(fields)] | dict(fields):
            return fields
        case _:
            return NOT_AUTH


def _tolerant(text: str, warnings: list[str]) -> Fields | str:
    around = _AROUND.fullmatch(text)
    if around is None:
        return UNREADABLE
    if not (around["head"] or "").startswith("42"):
        warnings.append(NOT_WHOLE)
    warnings.append(NOT_JSON)
    return _read_fields(around["fields"].encode()) or UNREADABLE


def _read_fields(data: bytes) -> Fields | None:
    fields: Fields = {}
    at = 0
    while at < len(data):
        name = _NAME.match(data, at)
        if name is None or name["name"].decode() in fields:
            return None
        value, at = _read_value(data, name)
        between = _BETWEEN.match(data, at)
        if value is None or between is None:
            return None
        fields[name["name"].decode()] = value
        at = between.end()
    return fields


def _read_value(data: bytes, name: re.Match[bytes]) -> tuple[object, int]:
    """A value and its end; None if it cannot be read."""
    at, is_session = name.end(), name["name"].decode() in SESSION_NAMES
    if is_session and (ahead := _PHP_AHEAD.match(data, at)) and (login := PhpSession.read(data, ahead.end())):
        end = login.end + len(ahead["q"])
        return login.serialized() if data[login.end : end] == ahead["q"] else None, end
    value = _VALUE.match(data, at)
    if value is None:
        return None, at
    if value["json"] is not None:
        return _decode_string(value["json"]), value.end()
    if value["single"] is not None:
        return value["single"].decode(), value.end()
    bare = value["bare"].decode()
    return bare if is_session else _type_bare(bare), value.end()


def _decode_string(text: bytes) -> str | None:
    try:
        return msgspec.json.decode(text, type=str)
    except ValueError:
        return None


def _type_bare(text: str) -> object:
    if text in ("true", "false"):
        return text == "true"
    return int(text) if _NUMBER.fullmatch(text) else text

"""How the messages of a strategy are written down, and read again.

Decides that a message which is read equals the one that was written, errors included, and by which name a question is
known whatever numbers it was given. Knows the messages of those modules only that are imported; makes nothing else of
what a file says.
"""

from collections import Counter
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any, Final
from zlib import crc32

import msgspec
from msgspec.structs import replace

from messages.base import NOBODY, Message, Request, RequestId
from messages.errors import BusError
from messages.trading import OrderId, PlaceTrade

_DECIMAL: Final = "decimal"


class Questions:
    """The questions of one strategy by their content and how often it was asked, and what its chance is drawn from."""

    def __init__(self, seed: int, strategy: str) -> None:
        self.random = Random(f"{seed} {strategy}")
        self._count: Counter[str] = Counter()

    def name_of(self, request: Request) -> str:
        """What it is called: the same for the same question asked as often, in any run."""
        bare = replace(request, reply_to=NOBODY, request_id=RequestId(0))
        if isinstance(bare, PlaceTrade):
            bare = replace(bare, order_id=OrderId(""))
        content = msgspec.json.encode(bare, enc_hook=repr)
        name = f"{type(request).__name__}-{crc32(content):08x}"
        self._count[name] += 1
        return f"{name}-{self._count[name]}"


def kind_of(message: Message) -> str:
    """The name of its class."""
    kind = type(message)
    return f"{kind.__module__}.{kind.__qualname__}"


def written(message: Message) -> bytes:
    """A message as JSON."""
    return msgspec.json.encode(message, enc_hook=_error_written)


def read(kind: str, data: bytes) -> Message | None:
    """The message; None where there is no such class here, or it has become another."""
    known = _kind(Message, kind)
    if known is None:
        return None
    try:
        message: Message = msgspec.json.decode(data, type=known, dec_hook=_error_read)
    except (msgspec.MsgspecError, TypeError):
        return None
    return message


def _error_written(error: object) -> object:
    if not isinstance(error, BusError):
        return repr(error)
    kind = type(error)
    return {"kind": f"{kind.__module__}.{kind.__qualname__}", "fields": _plain(vars(error))}


def _error_read(_wanted: type, data: Any) -> BusError:  # noqa: ANN401 - JSON
    kind = _kind(BusError, data["kind"]) or BusError
    error: BusError = kind.__new__(kind)
    vars(error).update({name: _unplain(value) for name, value in data["fields"].items()})
    error.args = (error.text,)
    return error


def _plain(value: object) -> object:
    match value:
        case Decimal():
            return {_DECIMAL: str(value)}
        case tuple() | list():
            return [_plain(item) for item in value]
        case dict():
            return {str(name): _plain(item) for name, item in value.items()}
        case None | bool() | int() | float() | str():
            return value
        case _:
            return str(value)


def _unplain(value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, list):
        return tuple(map(_unplain, value))
    if isinstance(value, dict):
        return Decimal(value[_DECIMAL]) if set(value) == {_DECIMAL} else {k: _unplain(v) for k, v in value.items()}
    return value


@cache
def _kind(base: Any, name: str) -> Any:  # noqa: ANN401 - the class of that name among those below it, or None
    if f"{base.__module__}.{base.__qualname__}" == name:
        return base
    return next((found for kind in base.__subclasses__() if (found := _kind(kind, name)) is not None), None)

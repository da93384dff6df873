"""What a supervisor must know of a child.

Decides the fields and what they may be together. Knows nothing of threads.
"""

from collections.abc import Callable
from enum import Enum
from typing import Any

from msgspec import Struct

from actors.base import Actor, Context
from messages.base import AddressName
from messages.supervision import Restart

Factory = Callable[[Context], Actor[Any]]


class Strategy(Enum):
    """Who is restarted when one child dies (Erlang's words)."""

    ONE_FOR_ONE = "one for one"  # the one that died
    ONE_FOR_ALL = "one for all"  # everybody
    REST_FOR_ONE = "rest for one"  # the one that died and those started after it


class Intensity(Struct, frozen=True, kw_only=True):
    """More restarts than this in that time, and the supervisor gives up."""

    max_restarts: int = 5
    period_seconds: float = 10.0


class ChildSpec(Struct, frozen=True, kw_only=True):
    """One child: how it is made, whether it is restarted, how long it may take to stop, and whose line it is of."""

    name: AddressName
    factory: Factory
    restart: Restart = Restart.PERMANENT
    shutdown_seconds: float = 1.0
    line: int = 0

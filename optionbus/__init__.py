"""A supervised actor system for trading binary options: what a user imports.

``PocketOption`` is the client. ``Actor`` is the base of actors of your own, ``Rule`` picks the frames they get. The
words they speak are in the package ``messages``, and every error is a ``BusError``.
"""

from actors.base import Actor, Context
from actors.future import Future
from actors.middleware import Middleware
from actors.rules import Rule
from messages.base import Command, Event, Query, Reply
from messages.errors import BusError
from messages.market import Asset, Candle, CandleClosed, Chunk, Direct, Tick, TicksReceived, TimeAligned, Timed
from messages.session import SessionState
from messages.trading import Deal, DealResult, Direction, Outcome
from optionbus.client import PocketOption
from optionbus.stream import Overflow
from optionbus.subscription import Subscription
from optionbus.version import VERSION
from supervisor.settings import Settings as Config

__version__ = VERSION

__all__ = [
    "Actor",
    "Asset",
    "BusError",
    "Candle",
    "CandleClosed",
    "Chunk",
    "Command",
    "Config",
    "Context",
    "Deal",
    "DealResult",
    "Direct",
    "Direction",
    "Event",
    "Future",
    "Middleware",
    "Outcome",
    "Overflow",
    "PocketOption",
    "Query",
    "Reply",
    "Rule",
    "SessionState",
    "Subscription",
    "Tick",
    "TicksReceived",
    "TimeAligned",
    "Timed",
]

"""A supervised actor system for trading binary options: what a user imports.

``PocketOption`` is the client. ``Actor`` is the base of actors of your own, ``Rule`` picks the frames they get. The
words they speak are in the package ``messages``, and every error is a ``BusError``.

Each name is imported when it is first used, so that the command line answers at once, and can say what is wrong where
a dependency is missing or another package has the name of one of ours.
"""

from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING

from optionbus.version import VERSION

if TYPE_CHECKING:
    from actors.base import Actor, Context
    from actors.future import Future
    from actors.middleware import Middleware
    from actors.rules import Rule
    from actors.strategies.market_model import MarketSettings
    from actors.strategies.strategy import Strategy
    from messages.base import Command, Event, Query, Reply
    from messages.errors import BusError
    from messages.market import (
        Asset,
        Candle,
        CandleClosed,
        CandlesMissing,
        CandlesRefilled,
        Chunk,
        Direct,
        StreamResumed,
        StreamStale,
        Tick,
        TicksReceived,
        TimeAligned,
        Timed,
    )
    from messages.orders import OrderRecord, OrderState, OrderStateChanged, TradingMode, TradingModeChanged
    from messages.session import SessionState
    from messages.trading import Deal, DealResult, Direction, Outcome, PendingOrder, PendingTrigger
    from optionbus.bot import Bot
    from optionbus.client import PocketOption
    from optionbus.live_candles import LiveCandles
    from optionbus.raw_frame import RawFrame
    from optionbus.raw_handler import RawHandler
    from optionbus.stream import Overflow
    from optionbus.subscription import Subscription
    from optionbus.validator import Validator
    from supervisor.settings import Settings as Config
else:
    _HOMES = {
        "actors.base": ("Actor", "Context"),
        "actors.future": ("Future",),
        "actors.middleware": ("Middleware",),
        "actors.rules": ("Rule",),
        "actors.strategies.market_model": ("MarketSettings",),
        "actors.strategies.strategy": ("Strategy",),
        "messages.base": ("Command", "Event", "Query", "Reply"),
        "messages.errors": ("BusError",),
        "messages.market": (
            *("Asset", "Candle", "CandleClosed", "CandlesMissing", "CandlesRefilled", "Chunk", "Direct"),
            *("StreamResumed", "StreamStale", "Tick", "TicksReceived", "TimeAligned", "Timed"),
        ),
        "messages.orders": ("OrderRecord", "OrderState", "OrderStateChanged", "TradingMode", "TradingModeChanged"),
        "messages.session": ("SessionState",),
        "messages.trading": ("Deal", "DealResult", "Direction", "Outcome", "PendingOrder", "PendingTrigger"),
        "optionbus.bot": ("Bot",),
        "optionbus.client": ("PocketOption",),
        "optionbus.config": ("Config",),
        "optionbus.live_candles": ("LiveCandles",),
        "optionbus.raw_frame": ("RawFrame",),
        "optionbus.raw_handler": ("RawHandler",),
        "optionbus.stream": ("Overflow",),
        "optionbus.subscription": ("Subscription",),
        "optionbus.validator": ("Validator",),
    }
    _HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

    def __getattr__(name: str) -> object:
        if name not in _HOME_OF:
            message = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(message)
        found = globals()[name] = getattr(import_module(_HOME_OF[name]), name)
        return found

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})


with suppress(ImportError):  # where it is missing, the command line's doctor says so
    from loguru import logger

    # A library is silent until it is asked to speak, and is asked before or after its parts are imported.
    logger.disable(__name__)

__version__ = VERSION

__all__ = [
    "Actor",
    "Asset",
    "Bot",
    "BusError",
    "Candle",
    "CandleClosed",
    "CandlesMissing",
    "CandlesRefilled",
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
    "LiveCandles",
    "MarketSettings",
    "Middleware",
    "OrderRecord",
    "OrderState",
    "OrderStateChanged",
    "Outcome",
    "Overflow",
    "PendingOrder",
    "PendingTrigger",
    "PocketOption",
    "Query",
    "RawFrame",
    "RawHandler",
    "Reply",
    "Rule",
    "SessionState",
    "Strategy",
    "StreamResumed",
    "StreamStale",
    "Subscription",
    "Tick",
    "TicksReceived",
    "TimeAligned",
    "Timed",
    "TradingMode",
    "TradingModeChanged",
    "Validator",
]

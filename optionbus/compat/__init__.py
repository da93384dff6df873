"""A drop-in for BinaryOptionsToolsV2 0.2.16: a bot moves over by changing its import.

The same names, arguments, shapes of what is returned, and times on the platform's clock. What differs on purpose, and
what is not offered, is in docs/migration.md; a name that is not offered says why when it is imported.

Decides nothing itself. The rest of this project does not know this package.
"""

from typing import NoReturn

from optionbus.compat import tracing, validator
from optionbus.compat.config import Config
from optionbus.compat.errors import (
    InvalidParameterError,
    NotAllowedError,
    NotOffered,
    PocketOptionError,
    TradeNotFoundError,
    UninitializedError,
)
from optionbus.compat.not_offered import NOT_OFFERED
from optionbus.compat.pocketoption import (
    PocketOption,
    PocketOptionAsync,
    RawHandler,
    RawHandlerSync,
    Trade,
    TradeResult,
    login,
    login_async,
)
from optionbus.compat.pocketoption.streams import AsyncRawSubscription, AsyncSubscription
from optionbus.compat.pocketoption.synchronous import SyncRawSubscription, SyncSubscription
from optionbus.compat.strategies import Action, PyBot, PyContext, PyStrategy, PyVirtualMarket
from optionbus.compat.tracing import LogBuilder, Logger, start_logs, start_tracing
from optionbus.compat.validator import Validator


def __getattr__(name: str) -> NoReturn:
    if name in NOT_OFFERED:
        raise NotOffered(name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "NOT_OFFERED",
    "Action",
    "AsyncRawSubscription",
    "AsyncSubscription",
    "Config",
    "InvalidParameterError",
    "LogBuilder",
    "Logger",
    "NotAllowedError",
    "NotOffered",
    "PocketOption",
    "PocketOptionAsync",
    "PocketOptionError",
    "PyBot",
    "PyContext",
    "PyStrategy",
    "PyVirtualMarket",
    "RawHandler",
    "RawHandlerSync",
    "SyncRawSubscription",
    "SyncSubscription",
    "Trade",
    "TradeNotFoundError",
    "TradeResult",
    "UninitializedError",
    "Validator",
    "login",
    "login_async",
    "start_logs",
    "start_tracing",
    "tracing",
    "validator",
]

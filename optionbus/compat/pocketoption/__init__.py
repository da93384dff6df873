"""The two clients, under the path that BinaryOptionsToolsV2 has them at."""

from optionbus.compat.pocketoption.asynchronous import PocketOptionAsync, RawHandler
from optionbus.compat.pocketoption.models import Trade, TradeResult
from optionbus.compat.pocketoption.synchronous import PocketOption, RawHandlerSync
from optionbus.compat.pocketoption.tools.login import login, login_async
from optionbus.compat.validator import Validator

__all__ = [
    "PocketOption",
    "PocketOptionAsync",
    "RawHandler",
    "RawHandlerSync",
    "Trade",
    "TradeResult",
    "Validator",
    "login",
    "login_async",
]

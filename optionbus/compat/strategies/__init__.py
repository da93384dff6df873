"""The framework of BinaryOptionsToolsV2: a strategy as a class of its own, a bot that runs it, a market of its own.

Decides nothing itself: the names are gathered here.
"""

from optionbus.compat.strategies.action import Action
from optionbus.compat.strategies.bot import PyBot
from optionbus.compat.strategies.context import PyContext
from optionbus.compat.strategies.strategy import PyStrategy
from optionbus.compat.strategies.virtual_market import PyVirtualMarket

__all__ = ["Action", "PyBot", "PyContext", "PyStrategy", "PyVirtualMarket"]

"""What a run of a strategy leaves behind: its trades, the prices it saw, and what it was given.

Decides what is kept of a run. Does not know how it was run, nor how it is told (``optionbus.report``).
"""

from decimal import Decimal

from msgspec import Struct

from messages.market import Candle, Symbol
from messages.trading import Direction, Outcome


class Trade(Struct, frozen=True, kw_only=True):
    """One deal from beginning to end. Times are UTC seconds, money is in the account's currency; ``profit`` is net."""

    order_id: str
    strategy: str
    symbol: Symbol
    direction: Direction
    stake: Decimal
    payout_percent: int
    duration_seconds: int
    decided: float
    """The time of the tick or candle on which the order was given."""
    open_time: float
    open_price: float
    close_time: float
    close_price: float
    outcome: Outcome
    profit: Decimal


class Refusal(Struct, frozen=True, kw_only=True):
    """An order that came to nothing, and why, in the words of its error."""

    order_id: str
    strategy: str
    symbol: Symbol
    decided: float
    reason: str


class Chart(Struct, frozen=True, kw_only=True):
    """The candles of one asset, oldest first, in a period that suits the length of the run."""

    symbol: Symbol
    period_seconds: int
    candles: tuple[Candle, ...]


class RunResult(Struct, frozen=True, kw_only=True):
    """A run. ``parameters`` are those of each strategy, by its name; ``source`` says where the prices came from."""

    strategies: tuple[str, ...]
    parameters: dict[str, dict[str, object]]
    source: str
    begin: float
    end: float
    ticks: int
    initial_balance: Decimal
    final_balance: Decimal
    currency: str = "USD"
    trades: tuple[Trade, ...] = ()
    """In the order in which they closed."""
    refusals: tuple[Refusal, ...] = ()
    open_orders: int = 0
    """Orders that had no end when the data ended; they are in no figure, and their stakes are in the balance."""
    charts: tuple[Chart, ...] = ()

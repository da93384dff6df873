"""Runs to report on, made of a few words each."""

from collections.abc import Sequence
from decimal import Decimal
from random import Random

from messages.market import Candle, Symbol
from messages.trading import Direction, Outcome
from optionbus.report.result import Chart, Refusal, RunResult, Trade

BEGIN = 1_767_225_600.0
"""2026-01-01, 00:00 UTC."""
EURUSD, GBPUSD = Symbol("EURUSD_otc"), Symbol("GBPUSD_otc")

_LETTERS = {"W": Outcome.WIN, "L": Outcome.LOSS, "D": Outcome.DRAW}


def trade(
    number: int,
    outcome: str,
    *,
    stake: str = "10",
    payout: int = 92,
    symbol: Symbol = EURUSD,
    direction: Direction = Direction.CALL,
    strategy: str = "momentum",
    duration: int = 60,
    every: int = 120,
    price: float = 1.1,
) -> Trade:
    """The trade of that number: one opens every two minutes; ``outcome`` is W, L or D."""
    opened, money = BEGIN + number * every, Decimal(stake)
    ended = _LETTERS[outcome]
    won, lost = money * payout / 100, -money
    moved = {"W": 0.0004, "L": -0.0004, "D": 0.0}[outcome] * (1 if direction is Direction.CALL else -1)
    return Trade(
        order_id=f"order-{number}",
        strategy=strategy,
        symbol=symbol,
        direction=direction,
        stake=money,
        payout_percent=payout,
        duration_seconds=duration,
        decided=opened - 0.25,
        open_time=opened,
        open_price=price,
        close_time=opened + duration,
        close_price=price + moved,
        outcome=ended,
        profit=won if ended is Outcome.WIN else lost if ended is Outcome.LOSS else Decimal(0),
    )


def run(
    trades: str | Sequence[Trade] = (),
    *,
    refusals: tuple[Refusal, ...] = (),
    charts: tuple[Chart, ...] = (),
    initial: str = "1000",
    end: float | None = None,
    source: str = "ticks of the simulator, seed 7",
    parameters: dict[str, dict[str, object]] | None = None,
    open_orders: int = 0,
) -> RunResult:
    """A run of these trades; of letters, one trade each."""
    made = (
        tuple(trade(number, letter) for number, letter in enumerate(trades))
        if isinstance(trades, str)
        else tuple(trades)
    )
    last = max((each.close_time for each in made), default=BEGIN + 3600)
    return RunResult(
        strategies=tuple(sorted({each.strategy for each in made})) or ("momentum",),
        parameters={"momentum": {"lookback": 20, "threshold": 1.5}} if parameters is None else parameters,
        source=source,
        begin=BEGIN,
        end=last if end is None else end,
        ticks=1000,
        initial_balance=Decimal(initial),
        final_balance=Decimal(initial) + sum((each.profit for each in made), Decimal(0)),
        trades=made,
        refusals=refusals,
        open_orders=open_orders,
        charts=charts,
    )


def candles(symbol: Symbol, count: int, *, period: int = 60, seed: int = 1) -> Chart:
    """A chart of a random walk from BEGIN on."""
    random, price, made = Random(seed), 1.1, []
    for number in range(count):
        path = [price := price + random.gauss(0, 0.0001) for _ in range(8)]
        made.append(
            Candle(
                symbol=symbol,
                time=BEGIN + number * period,
                period_seconds=period,
                open=path[0],
                high=max(path),
                low=min(path),
                close=path[-1],
                ticks=len(path),
            )
        )
    return Chart(symbol=symbol, period_seconds=period, candles=tuple(made))


def busy_run(count: int = 160, seed: int = 3) -> RunResult:
    """Two assets, two strategies, both directions, four expiries, mixed stakes and payouts, refusals and candles."""
    random, trades = Random(seed), []
    charts = {symbol: candles(symbol, count * 3, seed=place) for place, symbol in enumerate((EURUSD, GBPUSD))}
    for number in range(count):
        symbol = random.choice((EURUSD, GBPUSD))
        trades.append(
            trade(
                number,
                random.choices("WLD", (50, 48, 2))[0],
                stake=random.choice(("5", "10", "12.50")),
                payout=random.choice((80, 92)),
                symbol=symbol,
                direction=random.choice(tuple(Direction)),
                strategy=random.choice(("momentum", "reversal")),
                duration=random.choice((15, 30, 60, 300)),
                price=charts[symbol].candles[number * 2].open,
            )
        )
    refusals = tuple(
        Refusal(order_id=f"no-{number}", strategy="momentum", symbol=EURUSD, decided=BEGIN + number, reason=reason)
        for number, reason in enumerate(["The stake is above the limit of 10."] * 3 + ["The asset is closed."])
    )
    trades.sort(key=lambda each: each.close_time)
    return run(
        trades,
        refusals=refusals,
        charts=tuple(charts.values()),
        parameters={
            "momentum": {"lookback": 20, "latency_seconds": 0.3, "slippage": 0.00002, "assets": [EURUSD, GBPUSD]},
            "reversal": {"threshold": 1.5, "payout": 92},
        },
        open_orders=2,
    )

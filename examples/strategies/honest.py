"""What the three strategies here are worth on prices that cannot be foretold.

The simulated market is a random walk: whatever was, the next move is a coin toss. A win pays 92 % of the stake and a
loss costs all of it, so that 100/192 of the trades have to be won to gain nothing.

Run it: ``python examples/strategies/honest.py``
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # its neighbours are found wherever it is run from

from examples.strategies.breakout import Breakout
from examples.strategies.reversal import Reversal
from examples.strategies.trend import Trend
from optionbus import Bot, Strategy
from optionbus.backtest.source import DEFAULT_BEGIN, SimulatedSource
from optionbus.report.figures import Figures, figures

STRATEGIES: tuple[type[Strategy], ...] = (Reversal, Breakout, Trend)
ASSET = "EURUSD_otc"
HOURS = 24.0


def run(strategy: type[Strategy], hours: float, seed: int = 7) -> Figures:
    """The figures of a backtest of so many hours."""
    bot = Bot().add(strategy, assets=[ASSET], period_seconds=60)
    result = bot.backtest(SimulatedSource(seed, [ASSET]), begin=DEFAULT_BEGIN, end=DEFAULT_BEGIN + hours * 3600)
    return figures(result)


def line(name: str, found: Figures) -> str:
    """Trades, the win rate with its interval of 95 % (Wilson's), and what it would have to be."""
    rate = found.win_rate
    if rate is None or rate.low is None or rate.high is None or found.break_even is None:
        return f"{name}: no trade that won or lost"
    return (
        f"{name}: {found.trades} trades, {found.net_profit:+}, {rate.value:.1%} won, which may be "
        f"{rate.low:.1%} to {rate.high:.1%}; to gain nothing: {found.break_even:.1%}"
    )


def beats_the_payout(found: Figures) -> bool:
    """Whether so much was won that chance and the payout alone do not explain it."""
    rate = found.win_rate
    return rate is not None and rate.low is not None and found.break_even is not None and rate.low > found.break_even


def main(hours: float = HOURS) -> None:
    """Run each and say what is left."""
    found = {strategy.__name__: run(strategy, hours) for strategy in STRATEGIES}
    for name, each in found.items():
        print(line(name, each))
    if not any(map(beats_the_payout, found.values())):
        print("None of them beats the payout on a random walk, and nothing can: no rule foretells a coin.")


if __name__ == "__main__":
    main()

"""Which candles and which trades of an asset are drawn.

Decides the stretch that is shown, and how coarse its candles are. Does not know how they are drawn.
"""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from messages.market import Candle, Symbol
from optionbus.report.result import Chart, RunResult, Trade

MOST_CANDLES: Final = 300
MOST_TRADES: Final = 120
"""More could not be told apart."""
MOST_CHARTS: Final = 12

_MARGIN_PERIODS: Final = 20
_MARGIN_PART: Final = 0.04


class ChartView(Struct, frozen=True, kw_only=True):
    """What is drawn of an asset, oldest first. ``left_out`` earlier trades of it are not."""

    symbol: Symbol
    period_seconds: int
    candles: tuple[Candle, ...]
    trades: tuple[Trade, ...]
    left_out: int = 0

    @property
    def span(self) -> tuple[float, float]:
        """From when to when, UTC seconds."""
        return self.candles[0].time, self.candles[-1].time + self.period_seconds

    @property
    def price_range(self) -> tuple[float, float]:
        """The lowest and the highest price of candles and trades."""
        of_trades = [price for trade in self.trades for price in (trade.open_price, trade.close_price)]
        return (
            min([candle.low for candle in self.candles] + of_trades),
            max([candle.high for candle in self.candles] + of_trades),
        )


def views(result: RunResult) -> tuple[ChartView, ...]:
    """One of each asset that has candles, the most traded first; no more than MOST_CHARTS."""
    of_asset: dict[Symbol, list[Trade]] = {}
    for trade in result.trades:
        of_asset.setdefault(trade.symbol, []).append(trade)
    ordered = sorted(result.charts, key=lambda chart: (-len(of_asset.get(chart.symbol, ())), chart.symbol))
    made = (view(chart, of_asset.get(chart.symbol, [])) for chart in ordered)
    return tuple(each for each in made if each is not None)[:MOST_CHARTS]


def view(chart: Chart, trades: Sequence[Trade]) -> ChartView | None:
    """The candles around the last MOST_TRADES of these trades; None where there are none."""
    shown = tuple(sorted(trades, key=lambda trade: (trade.open_time, trade.order_id)))[-MOST_TRADES:]
    candles = _around(chart, shown)
    if not candles:
        return None
    times = -(-len(candles) // MOST_CANDLES)
    return ChartView(
        symbol=chart.symbol,
        period_seconds=chart.period_seconds * times,
        candles=coarser(candles, chart.period_seconds * times) if times > 1 else candles,
        trades=shown,
        left_out=len(trades) - len(shown),
    )


def coarser(candles: Sequence[Candle], period_seconds: int) -> tuple[Candle, ...]:
    """The same prices in candles of a longer period, which begin at multiples of it."""
    made: list[Candle] = []
    for candle in candles:
        begin = candle.time // period_seconds * period_seconds
        if made and made[-1].time == begin:
            last = made[-1]
            made[-1] = replace(
                last,
                high=max(last.high, candle.high),
                low=min(last.low, candle.low),
                close=candle.close,
                ticks=last.ticks + candle.ticks,
            )
        else:
            made.append(replace(candle, time=begin, period_seconds=period_seconds))
    return tuple(made)


def _around(chart: Chart, trades: Sequence[Trade]) -> tuple[Candle, ...]:
    if not trades:
        return chart.candles
    first, last = trades[0].open_time, max(trade.close_time for trade in trades)
    margin = max(_MARGIN_PERIODS * chart.period_seconds, _MARGIN_PART * (last - first))
    return tuple(candle for candle in chart.candles if first - margin <= candle.time <= last + margin)

"""The candles of an asset as SVG, with the deals that were made on them.

Decides the drawing: a triangle where a deal opened, up for a call and down for a put; where it closed a disc for a win,
a cross for a loss, a ring for a draw. Colour says the outcome once more. Does not know which candles are worth it.
"""

from collections.abc import Iterable

from messages.market import Candle
from messages.trading import Direction, Outcome
from optionbus.report.axis import Scale, padded
from optionbus.report.chart_view import ChartView
from optionbus.report.equity_svg import foot, labels, lines
from optionbus.report.markup import Markup, element, joined, number, text
from optionbus.report.result import Trade
from optionbus.report.words import gain, moment, money, price

WIDTH, HEIGHT, FOOT, LEFT = 960, 340, 26, 60


def candles_svg(view: ChartView) -> Markup:
    """The chart of an asset."""
    across = Scale(*view.span, LEFT, WIDTH - 8)
    up = Scale(*padded(*view.price_range, part=0.08), HEIGHT - FOOT, 4)
    rising = [candle for candle in view.candles if candle.close >= candle.open]
    falling = [candle for candle in view.candles if candle.close < candle.open]
    return element(
        "svg",
        element("title", text(f"{view.symbol}: candles of {view.period_seconds} s and the deals on them")),
        lines(up, WIDTH),
        element("path", d=_wicks(view.candles, across, up), class_="wick"),
        element("path", d=_bodies(rising, across, up), class_="rising"),
        element("path", d=_bodies(falling, across, up), class_="falling"),
        labels(up),
        foot(across, HEIGHT),
        joined((deal(trade, across, up) for trade in view.trades), "\n"),
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        class_="candles",
    )


def deal(trade: Trade, across: Scale, up: Scale) -> Markup:
    """One deal: where it opened, where it closed, and the way between."""
    begin, end = across.at(trade.open_time), across.at(trade.close_time)
    above, below = up.at(trade.open_price), up.at(trade.close_price)
    way = f"M{number(begin)} {number(above)}L{number(end)} {number(below)}"
    return element(
        "g",
        element("title", text(told(trade))),
        element("path", d=way, class_="hit"),
        element("path", d=way, class_="way"),
        entry_mark(trade.direction, begin, above),
        exit_mark(trade.outcome, end, below),
        class_=f"deal {trade.outcome.value}",
    )


def entry_mark(direction: Direction, x: float, y: float) -> Markup:
    """A triangle whose tip is at the price."""
    down = 9 if direction is Direction.CALL else -9
    return element("path", d=f"M{number(x)} {number(y)}l5 {down}h-10z", class_="entry")


def exit_mark(outcome: Outcome, x: float, y: float) -> Markup:
    """A disc, a cross or a ring."""
    if outcome is Outcome.LOSS:
        return element("path", d=f"M{number(x - 3.5)} {number(y - 3.5)}l7 7m-7 0l7 -7", class_="cross")
    return element("circle", cx=number(x), cy=number(y), r="3.6", class_="disc" if outcome is Outcome.WIN else "ring")


def told(trade: Trade) -> str:
    """What is said of a deal when it is pointed at."""
    return (
        f"{trade.direction.value} {trade.symbol}, {money(trade.stake)} at {trade.payout_percent} %, "
        f"{trade.duration_seconds} s, {trade.strategy}: {moment(trade.open_time)} at {price(trade.open_price)}, "
        f"closed at {price(trade.close_price)}, {trade.outcome.value} {gain(trade.profit)}"
    )


def _middle(candle: Candle, across: Scale) -> float:
    return across.at(candle.time + candle.period_seconds / 2)


def _wicks(candles: Iterable[Candle], across: Scale, up: Scale) -> str:
    return "".join(
        f"M{number(_middle(candle, across))} {number(up.at(candle.high))}V{number(up.at(candle.low))}"
        for candle in candles
    )


def _bodies(candles: Iterable[Candle], across: Scale, up: Scale) -> str:
    path = []
    for candle in candles:
        wide = min(14.0, max(1.0, 0.7 * (across.at(candle.time + candle.period_seconds) - across.at(candle.time))))
        top, bottom = up.at(max(candle.open, candle.close)), up.at(min(candle.open, candle.close))
        left = _middle(candle, across) - wide / 2
        path.append(f"M{number(left)} {number(top)}h{number(wide)}V{number(max(bottom, top + 0.8))}h{number(-wide)}z")
    return "".join(path)

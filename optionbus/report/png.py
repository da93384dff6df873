"""The report as a picture: the equity curve, and below it the deals on the candles of each asset.

Decides the drawing. Needs matplotlib (extra charts), and says so where that is missing. The same run gives the same
bytes with the same matplotlib, whatever its settings are on this machine. Does not know where it is kept.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, Final

from messages.errors import UsageError
from messages.trading import Direction, Outcome
from optionbus.report.axis import times
from optionbus.report.chart_view import ChartView, views
from optionbus.report.equity import EquityPoint
from optionbus.report.equity_svg import thinned
from optionbus.report.figures import figures
from optionbus.report.result import RunResult, Trade
from optionbus.report.words import drawdown_line, headline, length

MOST_CHARTS: Final = 4

_COLOURS: Final = {Outcome.WIN: "#0a7d57", Outcome.LOSS: "#c2371f", Outcome.DRAW: "#8a6a00"}
_EXITS: Final = {Outcome.WIN: "o", Outcome.LOSS: "x", Outcome.DRAW: "s"}
_ENTRIES: Final = {Direction.CALL: "^", Direction.PUT: "v"}
_GREY: Final = "#8d98a1"
_BEYOND: Final = "\u0250"
"""The first letter that is neither Latin nor a sign."""


def as_png(result: RunResult) -> bytes:
    """The picture of a run. Raises UsageError where matplotlib is missing."""
    found, charts = figures(result), views(result)[:MOST_CHARTS]
    with _own_settings():
        from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - an extra
        from matplotlib.figure import Figure  # noqa: PLC0415

        rows = 1 + len(charts)
        figure = Figure(figsize=(11, 3.6 * rows), layout="constrained")
        FigureCanvasAgg(figure)
        first, *others = figure.subplots(rows, 1, squeeze=False)[:, 0]
        _equity(first, found.equity, result)
        first.set_title(_plain(f"{headline(found)}.\n{drawdown_line(found.drawdown)}"), fontsize=9, parse_math=False)
        for axes, view in zip(others, charts, strict=True):
            _chart(axes, view)
        picture = BytesIO()
        figure.savefig(picture, format="png", dpi=110, metadata={"Software": None})
    return picture.getvalue()


@contextmanager
def _own_settings() -> Iterator[None]:
    """Draw as matplotlib does where nobody has changed its settings."""
    try:
        import matplotlib as library  # noqa: PLC0415, ICN001 - an extra
    except ImportError:
        raise UsageError(
            'A picture needs matplotlib: pip install "optionbus[charts]". The report as HTML has its charts without it.'
        ) from None
    with library.rc_context():
        library.rcdefaults()
        yield


def _equity(axes: Any, curve: tuple[EquityPoint, ...], result: RunResult) -> None:  # noqa: ANN401 - may be missing
    points = thinned(curve)
    ends = [*(point for point, _ in points), EquityPoint(max(result.end, curve[-1].time), curve[-1].balance)]
    moments, balances = [_at(point.time) for point in ends], [float(point.balance) for point in ends]
    peaks = [peak for _, peak in points]
    axes.fill_between(
        moments, balances, [*peaks, peaks[-1]], step="post", color=_COLOURS[Outcome.LOSS], alpha=0.17, lw=0
    )
    axes.step(moments, balances, where="post", color="#2a5db8", linewidth=1.2)
    axes.axhline(balances[0], color=_GREY, linewidth=0.8, linestyle=":")
    axes.set_ylabel(_plain(result.currency), fontsize=8, parse_math=False)
    _dress(axes, curve[0].time, ends[-1].time)


def _chart(axes: Any, view: ChartView) -> None:  # noqa: ANN401 - matplotlib may be missing
    wide = 0.7 * view.period_seconds / 86400  # in days, as matplotlib counts
    middles = [_at(candle.time + candle.period_seconds / 2) for candle in view.candles]
    axes.vlines(
        middles, [c.low for c in view.candles], [c.high for c in view.candles], color=_GREY, linewidth=0.7, zorder=1
    )
    axes.bar(
        middles,
        [abs(c.close - c.open) for c in view.candles],
        bottom=[min(c.open, c.close) for c in view.candles],
        width=wide,
        color=["white" if c.close >= c.open else _GREY for c in view.candles],
        edgecolor=_GREY,
        linewidth=0.7,
        zorder=2,
    )
    for trade in view.trades:
        _deal(axes, trade)
    low, high = view.price_range
    room = (high - low) * 0.08 or abs(high) * 0.01 or 1.0
    axes.set_ylim(low - room, high + room)
    title = f"{view.symbol}, candles of {length(view.period_seconds)}; triangle: opened (up call, down put), "
    axes.set_title(_plain(f"{title}disc: won, cross: lost, square: drawn"), fontsize=9, parse_math=False)
    _dress(axes, *view.span)


def _deal(axes: Any, trade: Trade) -> None:  # noqa: ANN401 - matplotlib may be missing
    colour, begin, end = _COLOURS[trade.outcome], _at(trade.open_time), _at(trade.close_time)
    axes.plot([begin, end], [trade.open_price, trade.close_price], color=colour, lw=0.8, linestyle="--", zorder=3)
    axes.plot([begin], [trade.open_price], _ENTRIES[trade.direction], color=colour, markersize=5, zorder=4)
    axes.plot([end], [trade.close_price], _EXITS[trade.outcome], color=colour, markersize=4, zorder=4)


def _dress(axes: Any, begin: float, end: float) -> None:  # noqa: ANN401 - matplotlib may be missing
    axes.grid(alpha=0.2)
    axes.tick_params(labelsize=8)
    axes.ticklabel_format(axis="y", useOffset=False, style="plain")
    axes.margins(x=0.01)
    marks = times(begin, end, 6)
    axes.set_xticks([_at(time) for time, _ in marks], [label for _, label in marks])


def _at(utc_seconds: float) -> datetime:
    return datetime.fromtimestamp(utc_seconds, UTC)


def _plain(words: str) -> str:
    """What its font surely has."""
    return "".join(letter if letter == "\n" or (letter.isprintable() and letter < _BEYOND) else "?" for letter in words)

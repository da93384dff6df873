"""The small drawings in the page's tables, and the large one of the win rate.

Decides how an interval, a break-even rate and a profit are drawn. Does not know what they are of.
"""

from decimal import Decimal
from typing import Final

from optionbus.report.axis import Scale, padded
from optionbus.report.figures import Figures
from optionbus.report.intervals import Estimate, Verdict
from optionbus.report.markup import EMPTY, Markup, element, joined, number, text
from optionbus.report.words import percent, percent_range

CLASSES: Final = {Verdict.ABOVE: "above", Verdict.BELOW: "below", Verdict.UNTOLD: "untold"}

_BAR = 130
_WIDE = 720
_CLOSE: Final = 190
"""Labels that are nearer to each other than this would touch."""


def rate_bar(rate: Estimate | None, even: float | None, told: Verdict) -> Markup:
    """A win rate from 0 to 100 %: its interval, the rate as a dot, break-even as a dashed line."""
    if rate is None or rate.low is None or rate.high is None:
        return EMPTY
    across = Scale(0, 1, 2, _BAR - 2)
    said = f"{percent(rate.value)}, 95 %: {percent_range(rate)}; break-even {percent(even)}: {told.value}"
    return element(
        "svg",
        element("title", text(said)),
        _line("track", 2, _BAR - 2, 7),
        _line("reach", across.at(rate.low), across.at(rate.high), 7),
        EMPTY if even is None else element("path", d=f"M{number(across.at(even))} 0V14", class_="even"),
        element("circle", cx=number(across.at(rate.value)), cy=7, r=2.6, class_="dot"),
        viewBox=f"0 0 {_BAR} 14",
        class_=f"bar {CLASSES[told]}",
        role="img",
    )


def profit_bar(profit: Decimal, most: Decimal) -> Markup:
    """A profit from the middle on; ``most`` is the largest beside it."""
    if not profit or not most:
        return EMPTY
    middle = _BAR / 2
    wide = float(abs(profit) / most) * (middle - 2)
    left = middle if profit > 0 else middle - wide
    bar = element(
        "rect", x=number(left), y=2, width=number(max(wide, 0.5)), height=10, class_="up" if profit > 0 else "down"
    )
    axis = element("path", d=f"M{number(middle)} 0V14", class_="track")
    return element("svg", bar, axis, viewBox=f"0 0 {_BAR} 14", class_="bar", aria_hidden="true")


def rate_figure(found: Figures) -> Markup:
    """The win rate against break-even, as large as the difference needs."""
    rate, even = found.win_rate, found.break_even
    if rate is None or even is None or rate.low is None or rate.high is None:
        return EMPTY
    low, high = padded(min(rate.low, even), max(rate.high, even), 0.25)
    across = Scale(max(0.0, low), min(1.0, high), 8, _WIDE - 8)
    labels = (
        _label(across.at(even), 16, f"break-even {percent(even)}"),
        _label(across.at(rate.value), 62, f"win rate {percent(rate.value)}"),
        *_ends(across, rate),
    )
    return element(
        "svg",
        element(
            "title", text(f"Win rate {percent(rate.value)}, 95 %: {percent_range(rate)}; break-even {percent(even)}")
        ),
        _line("track", 0, _WIDE, 36),
        _line("reach", across.at(rate.low), across.at(rate.high), 36),
        element("path", d=f"M{number(across.at(even))} 20V50", class_="even"),
        element("circle", cx=number(across.at(rate.value)), cy=36, r=5, class_="dot"),
        joined(labels),
        viewBox=f"0 0 {_WIDE} 68",
        class_=f"equity {CLASSES[found.verdict]}",
        role="img",
    )


def _ends(across: Scale, rate: Estimate) -> list[Markup]:
    """The ends of the interval, where there is room beside the rate."""
    ends = [(value, across.at(value)) for value in (rate.low, rate.high) if value is not None]
    middle = across.at(rate.value)
    return [_label(x, 62, percent(value)) for value, x in ends if abs(x - middle) > _CLOSE]


def _label(x: float, y: float, words: str) -> Markup:
    anchor = "start" if x < _CLOSE / 2 else "end" if x > _WIDE - _CLOSE / 2 else "middle"
    return element("text", text(words), x=number(x), y=number(y), text_anchor=anchor)


def _line(kind: str, left: float, right: float, y: float) -> Markup:
    return element("path", d=f"M{number(left)} {number(y)}H{number(right)}", class_=kind)

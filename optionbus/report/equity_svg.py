"""The equity curve as SVG: the balance in steps, and the drawdown as the shade below its peak.

Decides the drawing. Does not know what is below or above it on the page.
"""

from collections.abc import Sequence
from typing import Final

from optionbus.report.axis import Scale, padded, round_values, times
from optionbus.report.equity import EquityPoint
from optionbus.report.markup import Markup, element, joined, number, text
from optionbus.report.words import moment, money

WIDTH, HEIGHT, FOOT = 720, 270, 26
MOST_POINTS: Final = 400

_LETTER: Final = 14
"""As high as a label."""

_Point = tuple[EquityPoint, float]
"""A point, and the peak of the balance up to it."""


def equity_svg(curve: Sequence[EquityPoint], end: float) -> Markup:
    """The whole curve, from its first point to ``end``."""
    points = thinned(curve)
    balances = [float(point.balance) for point, _ in points]
    across = Scale(curve[0].time, max(end, curve[-1].time), 0, WIDTH)
    up = Scale(*padded(min(balances), max(peak for _, peak in points)), HEIGHT - FOOT, 4)
    first = number(up.at(balances[0]))
    return element(
        "svg",
        element("title", text("The balance after each close; shaded, how far it is below its peak")),
        lines(up, WIDTH),
        element("path", d=f"M0 {first}H{WIDTH}", class_="start"),
        element("path", d=_shade(points, across, up), class_="shade"),
        element(
            "path", d=_steps([(point.time, float(point.balance)) for point, _ in points], across, up), class_="line"
        ),
        labels(up),
        foot(across, HEIGHT),
        _strips(points, across),
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        class_="equity",
    )


def thinned(curve: Sequence[EquityPoint]) -> list[_Point]:
    """The points with their peaks; of too many the lowest and the highest of each stretch, and the last."""
    peak, points = float(curve[0].balance), []
    for point in curve:
        peak = max(peak, float(point.balance))
        points.append((point, peak))
    if len(points) <= MOST_POINTS:
        return points
    size = -(-len(points) * 2 // MOST_POINTS)
    kept = {0, len(points) - 1}
    for begin in range(0, len(points), size):
        stretch = range(begin, min(begin + size, len(points)))
        kept |= {min(stretch, key=lambda at: points[at][0].balance), max(stretch, key=lambda at: points[at][0].balance)}
    return [points[at] for at in sorted(kept)]


def lines(up: Scale, width: float) -> Markup:
    """A line at each round value."""
    values, _ = round_values(up.low, up.high)
    return joined(element("path", d=f"M0 {number(up.at(value))}H{number(width)}", class_="grid") for value in values)


def labels(up: Scale) -> Markup:
    """The round values themselves, above their lines or, at the top, below; drawn last, so that nothing covers them."""
    values, digits = round_values(up.low, up.high)
    places = [(value, up.at(value)) for value in values]
    return joined(
        element("text", text(f"{value:,.{digits}f}"), x=3, y=number(y - 4 if y > _LETTER else y + _LETTER))
        for value, y in places
    )


def foot(across: Scale, height: float) -> Markup:
    """The times below a drawing."""
    marks = times(across.low, across.high)
    anchors = ["start", *["middle"] * (len(marks) - 2), "end"] if len(marks) > 1 else ["middle"]
    return joined(
        element("text", text(label), x=number(across.at(value)), y=height - 7, text_anchor=anchor)
        for (value, label), anchor in zip(marks, anchors, strict=True)
    )


def _steps(values: Sequence[tuple[float, float]], across: Scale, up: Scale) -> str:
    begin, *others = values
    path = [f"M{number(across.at(begin[0]))} {number(up.at(begin[1]))}"]
    path += [f"H{number(across.at(time))}V{number(up.at(value))}" for time, value in others]
    return "".join(path) + f"H{number(across.end)}"


def _shade(points: Sequence[_Point], across: Scale, up: Scale) -> str:
    """Along the peaks, and back along the balances."""
    there = _steps([(point.time, peak) for point, peak in points], across, up)
    back = "".join(
        f"V{number(up.at(float(point.balance)))}H{number(across.at(point.time))}" for point, _ in reversed(points)
    )
    return f"{there}{back}Z"


def _strips(points: Sequence[_Point], across: Scale) -> Markup:
    """Something to point at for each balance."""
    ends = [across.at(point.time) for point, _ in points[1:]] + [across.end]
    return joined(
        element(
            "rect",
            element("title", text(_told(point, peak))),
            x=number(across.at(point.time)),
            y=0,
            width=number(end - across.at(point.time)),
            height=HEIGHT - FOOT,
            class_="hit",
        )
        for (point, peak), end in zip(points, ends, strict=True)
    )


def _told(point: EquityPoint, peak: float) -> str:
    below = peak - float(point.balance)
    return f"{moment(point.time)} · {money(point.balance)}" + (f" · {money(below)} below the peak" if below else "")

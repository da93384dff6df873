"""The report for people: one page that needs nothing but a browser.

Decides what is on the page and in which order. Everything is in the one file, nothing is fetched, and the only script
is that of ``html_style``: the page's policy names it by its hash. The same run gives the same bytes. Does not know
where it is kept.
"""

import base64
import hashlib
from typing import Final

from messages.trading import Direction, Outcome
from optionbus.report.candles_svg import candles_svg, entry_mark, exit_mark
from optionbus.report.chart_view import ChartView, views
from optionbus.report.equity_svg import equity_svg
from optionbus.report.figures import Figures, figures
from optionbus.report.html_bars import CLASSES, rate_figure
from optionbus.report.html_style import SCRIPT, STYLE
from optionbus.report.html_tables import assumptions_table, breakdown_table, refusals_table, trades_table
from optionbus.report.markup import EMPTY, Markup, element, joined, text
from optionbus.report.result import RunResult
from optionbus.report.words import because, counted, drawdown_line, headline, key_figures, length, moment, remarks

_HASH: Final = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
POLICY: Final = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{_HASH}'"


def as_html(result: RunResult) -> bytes:
    """The page of a run."""
    found = figures(result)
    body = joined(
        [
            _header(result, found),
            _section("Key figures", _key_figures(found), _remarks(result, found)),
            _section("Equity", _equity(result, found)),
            _section("Win rate and break-even", _rate(found)),
            _deals(result),
            *([_groups(found), _trades(result)] if found.trades else []),
            _section("Orders that came to nothing", refusals_table(found)) if found.refusals else EMPTY,
            _section("Assumptions", assumptions_table(result), _fine_print()),
        ],
        "\n",
    )
    return f"<!doctype html>\n{_page(_title(result), body)}\n".encode()


def _page(title: str, body: Markup) -> Markup:
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("title", text(title)),
        element("style", Markup(STYLE)),
    )
    return element("html", head, element("body", element("main", body), element("script", Markup(SCRIPT))), lang="en")


def _title(result: RunResult) -> str:
    return f"Report: {', '.join(result.strategies)}"


def _section(name: str, *content: Markup) -> Markup:
    return element("section", element("h2", text(name)), *content)


def _header(result: RunResult, found: Figures) -> Markup:
    period = f"{moment(result.begin)} to {moment(result.end)} UTC, {length(result.end - result.begin)}"
    return element(
        "header",
        element("h1", text(_title(result))),
        element("p", text(headline(found)), class_="verdict"),
        element("p", text(because(found))),
        element("p", text(f"{period} · money in {result.currency}"), class_="soft"),
        class_=CLASSES[found.verdict],
    )


def _key_figures(found: Figures) -> Markup:
    return element(
        "dl",
        joined(
            element(
                "div",
                element("dt", text(each.name)),
                element("dd", text(each.value), element("small", text(each.note))),
            )
            for each in key_figures(found)
        ),
        class_="figures",
    )


def _remarks(result: RunResult, found: Figures) -> Markup:
    said = remarks(result, found)
    items = joined(element("li", text(each)) for each in said)
    return joined([element("h3", text("To be kept in mind")), element("ul", items)]) if said else EMPTY


def _equity(result: RunResult, found: Figures) -> Markup:
    caption = f"Balance in {result.currency} after each close, UTC. {drawdown_line(found.drawdown)}"
    return element(
        "figure", equity_svg(found.equity, result.end), element("output"), element("figcaption", text(caption))
    )


def _rate(found: Figures) -> Markup:
    if found.win_rate is None:
        return element("p", text(because(found)))
    caption = "The bar is the interval of 95 % (Wilson), the dashed line what the payouts need to gain nothing."
    return element("figure", rate_figure(found), element("figcaption", text(caption)))


def _deals(result: RunResult) -> Markup:
    shown = views(result)
    if not shown:
        return EMPTY
    more = len({chart.symbol for chart in result.charts if chart.candles}) - len(shown)
    note = (
        element("p", text(f"Of {counted(more, 'more asset')} no chart is drawn."), class_="soft") if more > 0 else EMPTY
    )
    return _section("Deals on the chart", _legend(), _toggles(), *map(_chart, shown), note)


def _chart(view: ChartView) -> Markup:
    left_out = f", the last of {len(view.trades) + view.left_out:,}" if view.left_out else ""
    begin, end = view.span
    caption = (
        f"Candles of {length(view.period_seconds)}, {moment(begin)} to {moment(end)} UTC; "
        f"{counted(len(view.trades), 'deal')}{left_out}."
    )
    return joined(
        [
            element("h3", text(view.symbol)),
            element(
                "figure",
                element("div", candles_svg(view), class_="scroll", tabindex=0),
                element("output"),
                element("figcaption", text(caption)),
            ),
        ]
    )


def _groups(found: Figures) -> Markup:
    said = (
        "A bar goes from 0 to 100 %: the interval, the win rate as a dot, and what the payouts need as a dashed line."
    )
    legend = element("p", text(said), class_="soft")
    return _section("Where it came from", legend, *(breakdown_table(each) for each in found.breakdowns))


def _trades(result: RunResult) -> Markup:
    order = element("p", text("In the order in which they closed."), class_="soft")
    return _section("Trades", order, trades_table(result.trades))


def _legend() -> Markup:
    marks = [
        ("call", "call, opened", entry_mark(Direction.CALL, 9, 5)),
        ("call", "put, opened", entry_mark(Direction.PUT, 9, 14)),
        ("deal win", "closed: won", exit_mark(Outcome.WIN, 9, 9)),
        ("deal loss", "closed: lost", exit_mark(Outcome.LOSS, 9, 9)),
        ("deal draw", "closed: drawn", exit_mark(Outcome.DRAW, 9, 9)),
    ]
    return element(
        "ul",
        joined(
            element("li", element("svg", mark, viewBox="0 0 18 18", class_=kind, aria_hidden="true"), text(label))
            for kind, label, mark in marks
        ),
        class_="legend",
    )


def _toggles() -> Markup:
    """Shown by the script, without which they would do nothing."""
    names = ((Outcome.WIN, "won"), (Outcome.LOSS, "lost"), (Outcome.DRAW, "drawn"))
    boxes = (
        element("label", element("input", type="checkbox", value=each.value, checked=""), text(f" {name}"))
        for each, name in names
    )
    return element("fieldset", joined(boxes), hidden="")


def _fine_print() -> Markup:
    said = (
        "Intervals are of 95 % and take the trades to be independent; deals that overlap are less so. Those of means "
        "use the normal approximation with the sample standard deviation. Break-even is weighted by the stakes of the "
        "trades that won or lost. What was true of this run need not be true of the next."
    )
    return element("p", text(said), class_="soft")

"""The live table on a terminal.

Decides what it looks like. Log lines scroll by above it. Does not know where the numbers come from.
"""

import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TextIO, cast

from rich.console import Console, Group, RenderableType
from rich.file_proxy import FileProxy
from rich.live import Live
from rich.table import Table
from rich.text import Text

from optionbus import Deal, DealResult, Outcome, SessionState
from optionbus.cli.scoreboard import AssetScore, Score
from optionbus.cli.summary import money, trades

OUTCOME_STYLES = {Outcome.WIN: "green", Outcome.LOSS: "red", Outcome.DRAW: "yellow"}


class TableView:
    """Draws the score in place."""

    interval_seconds = 0.25

    def __init__(self, stream: TextIO, title: str, note: Callable[[], str] = str) -> None:
        self._title, self._note = title, note
        self._console = Console(file=stream)
        self._live = Live(console=self._console, auto_refresh=False, redirect_stdout=False, redirect_stderr=False)

    @property
    def log_stream(self) -> TextIO | None:
        """Above the table, if both are on the terminal."""
        return cast("TextIO", FileProxy(self._console, sys.stderr)) if sys.stderr.isatty() else None

    def show(self, score: Score, errors: int) -> None:
        """Draw it."""
        if not self._live.is_started:
            self._live.start()
        note = self._note()
        title = f"{self._title} · {note}" if note else self._title
        self._live.update(picture(title, score, errors), refresh=True)

    def close(self) -> None:
        """Leave the last picture where it is."""
        self._live.stop()


def picture(title: str, score: Score, errors: int) -> RenderableType:
    """All there is to see."""
    return Group(
        _headline(title, score),
        _assets(score.assets),
        *([_deals(score.open_deals, score.time)] if score.open_deals else []),
        *([_results(score.results)] if score.results else []),
        Text(f"{trades(score)} · {score.reconnects} reconnects · {errors} errors · Ctrl-C ends"),
    )


def _headline(title: str, score: Score) -> Text:
    clock = datetime.fromtimestamp(score.time, UTC)
    balance = "" if score.balance is None else f" · balance {score.balance:.2f}"
    state = (score.state.value, "bold green" if score.state is SessionState.READY else "bold yellow")
    return Text.assemble((title, "bold"), " · ", state, balance, f" · {clock:%H:%M:%S} UTC")


def _assets(assets: Iterable[AssetScore]) -> Table:
    table = _table("asset", "price", "ticks", "candles")
    for asset in assets:
        table.add_row(asset.symbol, _price(asset), str(asset.ticks), str(asset.candles))
    return table


def _price(asset: AssetScore) -> Text:
    if asset.price is None or asset.before is None or asset.price == asset.before:
        return Text("-" if asset.price is None else str(asset.price))
    return Text(str(asset.price), "green" if asset.price > asset.before else "red")


def _deals(deals: Iterable[Deal], now: float) -> Table:
    table = _table("open deal", "direction", "stake", "at", "expires in")
    for deal in deals:
        left = f"{max(0.0, deal.close_time - now):.0f} s"
        table.add_row(deal.symbol, deal.direction.value, f"{deal.stake:.2f}", str(deal.open_price), left)
    return table


def _results(results: Iterable[DealResult]) -> Table:
    table = _table("last results", "direction", "outcome", "profit")
    for result in results:
        outcome = Text(result.outcome.value, OUTCOME_STYLES[result.outcome])
        table.add_row(result.deal.symbol, result.deal.direction.value, outcome, money(result.profit))
    return table


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(first, min_width=14)
    for other in others:
        table.add_column(other, justify="right", min_width=9)
    return table

"""What is seen of a session while it runs.

Decides which view fits where it is shown: a table on a terminal, plain lines everywhere else. Does not know where the
numbers come from.
"""

from collections.abc import Callable
from typing import Protocol, TextIO

from optionbus.cli.scoreboard import Score
from optionbus.cli.summary import money

LINE_SECONDS = 5.0

Note = Callable[[], str]


class View(Protocol):
    """Shows a score, again and again; used by one thread."""

    interval_seconds: float
    """How often it wants to be shown something."""

    @property
    def log_stream(self) -> TextIO | None:
        """Where log lines have to go so as not to disturb it; None: wherever they like."""

    def show(self, score: Score, errors: int) -> None:
        """Show this from now on."""

    def close(self) -> None:
        """Leave the terminal as it was."""


class PlainView:
    """A line each time the session's state has changed, and now and then."""

    interval_seconds = 0.25
    log_stream = None

    def __init__(self, stream: TextIO, note: Note = str) -> None:
        self._stream, self._note = stream, note
        self._shown: Score | None = None
        self._quiet_seconds = 0.0

    def show(self, score: Score, errors: int) -> None:
        """Print a line, if it is time for one."""
        self._quiet_seconds += self.interval_seconds
        if self._shown is not None and self._shown.state is score.state and self._quiet_seconds < LINE_SECONDS:
            return
        self._shown, self._quiet_seconds = score, 0.0
        note = self._note()
        print(line(score, errors) + (f", {note}" if note else ""), file=self._stream, flush=True)

    def close(self) -> None:
        """Nothing was changed."""


def line(score: Score, errors: int) -> str:
    """The score in one line."""
    prices = "".join(f", {asset.symbol} {asset.price}" for asset in score.assets)
    balance = f", balance {score.balance:.2f}" if score.balance is not None else ""
    return (
        f"{score.state.value}{balance}{prices}, {score.ticks} ticks, {score.candles} candles, "
        f"{len(score.open_deals)} open, {score.trades_settled} settled ({money(score.profit)}), "
        f"{score.reconnects} reconnects, {errors} errors"
    )


def view_for(stream: TextIO, title: str, note: Note = str) -> View:
    """The view that fits the stream; ``note`` is asked for what else is to be shown, each time."""
    if not stream.isatty():
        return PlainView(stream, note)
    from optionbus.cli.table import TableView  # noqa: PLC0415 - rich takes a while to import

    return TableView(stream, title, note)

"""Covers optionbus.report.table and optionbus.report.words."""

from io import StringIO

import pytest

from optionbus.report.equity import Drawdown
from optionbus.report.result import Refusal, RunResult
from optionbus.report.table import MOST_REASONS, print_report
from optionbus.report.words import counted, drawdown_line, gain, length, percent
from tests.optionbus.report.hostile import hostile_run
from tests.optionbus.report.runs import BEGIN, EURUSD, busy_run, run


class Terminal(StringIO):
    """A stream that says it is one."""

    def isatty(self) -> bool:
        return True


def shown(result: RunResult) -> str:
    """What is printed where there is no terminal."""
    stream = StringIO()
    print_report(result, stream)
    return stream.getvalue()


def test_a_table_has_the_verdict_the_figures_and_the_groups() -> None:
    said = shown(busy_run())

    assert said.startswith("The win rate cannot be told from break-even\n")
    for words in ("+116.00", "58.2 %", "By asset", "05:00", "300 s", "reversal", "The asset is closed.", "16 groups"):
        assert words in said


@pytest.mark.parametrize("letters", ["", "W", "L", "D"])
def test_a_table_of_hardly_a_trade_is_one(letters: str) -> None:
    assert "Net profit" in shown(run(letters))


def test_colours_are_for_terminals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    terminal = Terminal()
    print_report(busy_run(), terminal)

    assert "\x1b[" in terminal.getvalue()
    assert "\x1b" not in shown(busy_run())


def test_lines_are_whole_where_there_is_no_terminal() -> None:
    assert "lucky in another run.\n" in shown(busy_run())
    assert max(map(len, shown(busy_run()).splitlines())) < 300


def test_a_name_from_outside_commands_no_terminal() -> None:
    said = shown(hostile_run())

    assert "\x1b" not in said
    assert "\x07" not in said
    assert "[red]name[/red]" in said


def test_of_many_reasons_the_rest_is_counted() -> None:
    refusals = tuple(
        Refusal(order_id=str(number), strategy="s", symbol=EURUSD, decided=BEGIN, reason=f"reason {number:02}")
        for number in range(MOST_REASONS + 3)
    )

    assert "3  other reasons" in shown(run(refusals=refusals))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (90, "1 min 30 s"),
        (3600, "1 h"),
        (3660, "1 h 1 min"),
        (86400, "1 d"),
        (93600, "1 d 2 h"),
    ],
)
def test_a_length_has_its_two_largest_units(seconds: float, words: str) -> None:
    assert length(seconds) == words


def test_numbers_are_written_for_reading() -> None:
    assert (gain(0.001), gain(-0.001), gain(1234.5), gain(-2)) == ("0.00", "0.00", "+1,234.50", "-2.00")
    assert (percent(0.52083), percent(None)) == ("52.1 %", "–")  # noqa: RUF001 - the dash of no meaning
    assert (counted(1, "trade"), counted(2000, "trade")) == ("1 trade", "2,000 trades")


def test_a_drawdown_says_whether_it_was_recovered() -> None:
    fall = figures_of("LW")

    assert fall is not None
    assert drawdown_line(fall).endswith("(1.0 %) from 2026-01-01 00:00:00 to 2026-01-01 00:01:00, not recovered.")
    assert "recovered 2026-01-01 00:05:00" in drawdown_line(figures_of("LWW"))
    assert drawdown_line(None) == "The balance never fell below an earlier close."


def figures_of(letters: str) -> Drawdown | None:
    from optionbus.report.figures import figures  # noqa: PLC0415

    return figures(run(letters)).drawdown

"""Covers optionbus.cli.view, table and summary: what is shown, where, and in which form."""

import io
import json
import sys
from decimal import Decimal

import pytest
from msgspec.structs import replace
from rich.console import Console

from messages.base import RequestId
from messages.market import Symbol
from messages.trading import DealId
from optionbus import Deal, DealResult, Direction, Outcome, SessionState
from optionbus.cli.scoreboard import AssetScore, Score
from optionbus.cli.summary import as_json, as_text
from optionbus.cli.table import TableView, picture
from optionbus.cli.view import LINE_SECONDS, PlainView, view_for

EMPTY = Score(request_id=RequestId(0))
DEAL = Deal(
    id=DealId("d"),
    symbol=Symbol("EURUSD_otc"),
    direction=Direction.CALL,
    stake=Decimal("1.00"),
    profit=Decimal("0.92"),
    payout_percent=92,
    open_price=1.08,
    close_price=None,
    open_time=1000.0,
    close_time=1005.0,
    server_open_time=8200.0,
    server_close_time=8205.0,
    is_demo=True,
)
FULL = Score(
    request_id=RequestId(0),
    time=1002.0,
    state=SessionState.READY,
    logins=2,
    balance=Decimal("50000.92"),
    assets=(
        AssetScore(symbol=Symbol("EURUSD_otc"), price=1.0842, before=1.0841, ticks=17, candles=3),
        AssetScore(symbol=Symbol("GBPUSD_otc"), price=1.27, before=1.28, ticks=2),
        AssetScore(symbol=Symbol("AUDCAD_otc"), candles=1),
    ),
    open_deals=(DEAL,),
    results=(DealResult(outcome=Outcome.WIN, profit=Decimal("0.92"), deal=DEAL),),
    trades_opened=2,
    won=1,
    profit=Decimal("0.92"),
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def lines(view: PlainView, stream: io.StringIO, *scores: Score) -> list[str]:
    for score in scores:
        view.show(score, errors=0)
    return stream.getvalue().splitlines()


def test_a_line_says_all_there_is() -> None:
    stream = io.StringIO()

    (line,) = lines(PlainView(stream), stream, FULL)

    assert line == (
        "ready, balance 50000.92, EURUSD_otc 1.0842, GBPUSD_otc 1.27, AUDCAD_otc None, 19 ticks, 4 candles, 1 open, "
        "1 settled (+0.92), 1 reconnects, 0 errors"
    )


def test_a_line_is_printed_when_the_state_changes_and_now_and_then() -> None:
    stream = io.StringIO()
    view = PlainView(stream)
    quiet = [FULL] * int(LINE_SECONDS / view.interval_seconds)

    assert len(lines(view, stream, EMPTY, FULL)) == 2
    assert len(lines(view, stream, *quiet[:-1])) == 2
    assert len(lines(view, stream, FULL)) == 3
    view.close()


def test_a_picture_shows_the_session_assets_deals_and_results() -> None:
    console = Console(file=io.StringIO(), width=120, record=True)
    console.print(picture("optionbus, simulated", FULL, errors=3))

    words = " ".join(console.export_text().split())

    for part in (
        "optionbus, simulated · ready · balance 50000.92 · 00:16:42 UTC",
        "EURUSD_otc 1.0842 17 3",
        "GBPUSD_otc 1.27 2 0",
        "AUDCAD_otc - 0 1",
        "EURUSD_otc call 1.00 1.08 3 s",
        "EURUSD_otc call win +0.92",
        "2 opened, 1 settled (1 won, 0 lost, 0 drawn), profit +0.92 · 1 reconnects · 3 errors",
    ):
        assert part in words


def test_an_empty_picture_has_no_deals() -> None:
    console = Console(file=io.StringIO(), width=120, record=True)
    console.print(picture("optionbus", EMPTY, errors=0))

    text = console.export_text()

    assert "idle" in text
    assert "open deal" not in text
    assert "last results" not in text


def test_an_overdue_deal_does_not_expire_in_the_past() -> None:
    console = Console(file=io.StringIO(), width=120, record=True)
    console.print(picture("optionbus", replace(FULL, time=2000.0), errors=0))

    assert " 0 s" in console.export_text()


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    return Terminal()


def test_a_terminal_gets_a_table_with_log_lines_above(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", terminal)
    view = view_for(terminal, "optionbus")
    assert isinstance(view, TableView)
    view.show(FULL, errors=0)
    assert view.log_stream is not None
    view.log_stream.write("\x1b[31mlost\x1b[0m\n")
    view.close()

    drawn = terminal.getvalue()

    assert "\x1b[31mlost" in drawn
    assert drawn.index("lost") < drawn.rindex("EURUSD_otc")
    assert drawn.rindex("\x1b[?25h") > drawn.rindex("EURUSD_otc")


def test_logs_that_go_elsewhere_are_left_alone(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())

    assert view_for(terminal, "optionbus").log_stream is None


@pytest.mark.parametrize("variable", ["FORCE_COLOR", "TTY_COMPATIBLE"])
def test_what_is_no_terminal_gets_plain_lines(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, "1")
    stream = io.StringIO()

    view = view_for(stream, "optionbus")
    view.show(FULL, errors=0)

    assert isinstance(view, PlainView)
    assert view.log_stream is None
    assert "\x1b" not in stream.getvalue()


def test_the_summary_for_programs_is_one_object() -> None:
    assert json.loads(as_json(FULL, errors=4)) == {
        "ticks": 19,
        "candles": 4,
        "trades_opened": 2,
        "trades_settled": 1,
        "reconnects": 1,
        "errors": 4,
    }


def test_the_summary_in_words_says_the_same() -> None:
    assert as_text(FULL, 4, 20.06) == (
        "ran 20.1 s: 19 ticks, 4 candles, 1 reconnects, 4 errors\n"
        "trades: 2 opened, 1 settled (1 won, 0 lost, 0 drawn), profit +0.92\n"
        "balance: 50000.92"
    )
    assert "balance: unknown" in as_text(EMPTY, 0, 0)


def test_a_note_is_shown_with_the_score() -> None:
    stream = io.StringIO()

    (shown,) = lines(PlainView(stream, lambda: "recorded 7 records"), stream, FULL)

    assert shown.endswith("errors, recorded 7 records")

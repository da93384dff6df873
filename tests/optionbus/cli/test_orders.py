"""Covers optionbus.cli.orders: what the journals hold, orders settled by hand, and the kill switch from outside."""

import csv
import io
import json
import os
import sys
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from actors.orders.journal import FILE_NAME, SqliteJournal
from messages.order_errors import OrderDenied
from messages.orders import OrderRecord, OrderState, TradingMode
from messages.secret import Secret
from messages.trading import OrderId
from messages.wire.ssid import Ssid
from optionbus.account_folder import accounts_root, folder_of
from optionbus.cli import main
from optionbus.cli.orders import Row
from optionbus.client import PocketOption
from simulator.broker import Broker
from simulator.server import SimulatorServer
from supervisor.settings import Settings
from tests.actors.orders.samples import CLOSED_DEAL, order

S = OrderState
SESSION = '42["auth",{"session":"topsecret0123","isDemo":1,"uid":1,"platform":2}]'
REFUSED = "[red]no[/red], „Größe“, and a reason that is a good deal longer than any terminal would ever be wide"
OPEN = order(1, S.OPEN, deal=replace(CLOSED_DEAL, close_price=None, profit=Decimal("0.92")))
CLOSED = order(2, S.CLOSED, deal=replace(CLOSED_DEAL, id="d-2", profit=Decimal("-1.10")))
MANUAL = order(3, S.MANUAL, reason="lost")
REJECTED = order(4, S.REJECTED, reason=REFUSED)
ALL = (OPEN, CLOSED, MANUAL, REJECTED)


def account(name: str, *orders: OrderRecord) -> Path:
    """The folder of an account that has a journal of these orders."""
    folder = accounts_root(None) / name
    with closing(SqliteJournal(folder)) as journal:
        for each in orders:
            journal.intend(each)
    return folder


def orders_in(folder: Path) -> dict[str, OrderRecord]:
    with closing(SqliteJournal(folder, is_exclusive=False)) as journal:
        return {each.order_id: each for each in journal.orders()}


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a call that succeeds prints."""
    assert main(arguments) == 0
    output = capsys.readouterr()
    assert output.err == ""
    return output.out


def refusal(capsys: pytest.CaptureFixture[str], code: int, *arguments: str) -> str:
    """The one line in which a call that fails says why."""
    assert main(arguments) == code
    output = capsys.readouterr()
    assert output.out == ""
    (line,) = output.err.splitlines()
    assert line.startswith("optionbus: ")
    return line


# What is told.


def test_a_table_has_a_line_for_each_order_and_cuts_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    account("aa", *ALL)

    head, *lines = told(capsys, "orders").splitlines()

    assert head.split() == ["created", "state", "asset", "direction", "stake", "profit", "order", "id", "reason"]
    assert [line.split()[1] for line in lines] == ["open", "closed", "manual", "rejected"]
    assert [each.order_id in line for each, line in zip(ALL, lines, strict=True)] == [True] * 4
    assert lines[3].endswith(REFUSED)
    assert "-1.10" in lines[1]
    assert "0.92" not in lines[0]  # it has not been won yet


def test_a_table_of_several_accounts_says_whose_each_is(capsys: pytest.CaptureFixture[str]) -> None:
    account("aa", OPEN)
    account("ab", CLOSED)

    head, *lines = told(capsys, "orders").splitlines()

    assert head.startswith("account")
    assert [line.split()[0] for line in lines] == ["aa", "ab"]


def test_deals_are_the_orders_that_became_one(capsys: pytest.CaptureFixture[str]) -> None:
    account("aa", *ALL)

    head, *lines = told(capsys, "deals").splitlines()

    assert head.split()[-5:] == ["close", "price", "profit", "deal", "id"]
    assert [line.split()[-1] for line in lines] == [CLOSED_DEAL.id, "d-2"]
    assert "None" not in lines[0]


def test_json_has_every_field(capsys: pytest.CaptureFixture[str]) -> None:
    account("aa", *ALL)

    rows = json.loads(told(capsys, "orders", "--json"))

    assert [row["order_id"] for row in rows] == ["o-1", "o-2", "o-3", "o-4"]
    assert set(rows[0]) == set(Row.__struct_fields__)
    assert rows[1] | {"created": "", "expiry": ""} == {
        "account": "aa",
        "order_id": "o-2",
        "state": "closed",
        "asset": "EURUSD_otc",
        "direction": "call",
        "stake": "1",
        "duration_seconds": 60,
        "created": "",
        "deal_id": "d-2",
        "open_price": CLOSED_DEAL.open_price,
        "close_price": CLOSED_DEAL.close_price,
        "profit": "-1.10",
        "expiry": "",
        "is_external": False,
        "ticket": "",
        "opens": "",
        "reason": "",
    }
    assert rows[1]["created"].endswith("+00:00")


def test_an_export_is_csv_with_a_header(capsys: pytest.CaptureFixture[str]) -> None:
    account("aa", *ALL)

    text = told(capsys, "export")

    assert text.splitlines()[0] == ",".join(Row.__struct_fields__)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["order_id"] for row in rows] == ["o-1", "o-2", "o-3", "o-4"]
    assert rows[0]["close_price"] == ""
    assert rows[1]["profit"] == "-1.10"
    assert rows[3]["reason"] == REFUSED


@pytest.mark.parametrize("command", ["orders", "export"])
def test_unresolved_leaves_out_what_has_ended(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    account("aa", *ALL)

    output = told(capsys, command, "--unresolved")

    assert ["o-1" in output, "o-2" in output, "o-3" in output, "o-4" in output] == [True, False, True, False]


@pytest.mark.parametrize(
    ("arguments", "output"),
    [
        (["orders"], "There is nothing of that kind in the journal.\n"),
        (["orders", "--json"], "[]\n"),
        (["export"], ",".join(Row.__struct_fields__) + "\n"),
    ],
)
def test_an_empty_journal_is_no_mistake(arguments: list[str], output: str, capsys: pytest.CaptureFixture[str]) -> None:
    account("aa")

    assert told(capsys, *arguments).replace("\r", "") == output


# Whose.


def test_an_account_is_named_by_how_it_begins(capsys: pytest.CaptureFixture[str]) -> None:
    account("3fa", OPEN)
    account("3fb", CLOSED)
    account("44", MANUAL)

    rows = json.loads(told(capsys, "orders", "--account", "3f", "--json"))

    assert [row["account"] for row in rows] == ["3fa", "3fb"]


def test_a_session_means_its_own_account_alone(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = folder_of(Ssid.parse(Secret(SESSION)), Settings())
    account(mine.name, OPEN)
    account("44", MANUAL)
    monkeypatch.setenv("OPTIONBUS_SSID", SESSION)

    (row,) = json.loads(told(capsys, "orders", "--json"))

    assert (row["account"], row["order_id"]) == (mine.name, "o-1")


@pytest.mark.parametrize(
    "more", [[], ["--account", "zz"], ["--account", "/"], ["--account", "**"], ["--account", ".."]]
)
@pytest.mark.parametrize("what", [[], ["--settle", "o-1", "--as", "closed"], ["--mode", "halted"]])
def test_without_a_journal_it_says_so_and_makes_none(
    more: list[str], what: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = accounts_root(None)
    said = refusal(capsys, 2, "orders", *more, *what)
    monkeypatch.setenv("OPTIONBUS_SSID", SESSION)
    said_with_session = refusal(capsys, 2, "orders", *more, *what)

    assert said == said_with_session
    assert f"There is no journal of such an account in {root}" in said
    assert not root.exists()


def test_a_journal_that_cannot_be_read_is_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    (account("aa") / FILE_NAME).write_text("not a database, and long enough to be told from one" * 40)

    assert "cannot be used" in refusal(capsys, 1, "orders")


# Settled by hand.


@pytest.mark.parametrize(("said", "state"), [("closed", S.CLOSED), ("not-placed", S.NOT_PLACED)])
def test_a_manual_order_is_settled_by_hand(said: str, state: OrderState, capsys: pytest.CaptureFixture[str]) -> None:
    folder = account("aa", *ALL)

    output = told(capsys, "orders", "--settle", "o-3", "--as", said, "--reason", "seen in the browser")

    settled = orders_in(folder)["o-3"]
    assert output == f"o-3 is {state.value}.\n"
    assert (settled.state, settled.reason) == (state, "seen in the browser")
    assert settled.updated > MANUAL.updated
    assert replace(settled, state=S.MANUAL, reason="lost", updated=MANUAL.updated) == MANUAL


def test_without_a_reason_it_says_that_it_was_by_hand(capsys: pytest.CaptureFixture[str]) -> None:
    folder = account("aa", MANUAL)

    told(capsys, "orders", "--settle", "o-3", "--as", "closed")

    assert orders_in(folder)["o-3"].reason == "settled by hand"


@pytest.mark.parametrize("said", ["closed", "not-placed"])
@pytest.mark.parametrize("state", [state for state in S if state is not S.MANUAL])
def test_no_other_order_is_settled_by_hand(state: OrderState, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = order(1, state)
    folder = account("aa", before)

    said = refusal(capsys, 2, "orders", "--settle", "o-1", "--as", said)

    assert f"this one is {state.value}" in said
    assert orders_in(folder)["o-1"] == before


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--settle", "o-9", "--as", "closed"], 1, "No order 'o-9'"),
        (["--settle", "o-3"], 2, "Give --as with one of closed, not-placed"),
    ],
)
def test_what_cannot_be_settled_is_told_with_what_to_do(
    arguments: list[str], code: int, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = account("aa", MANUAL)

    assert says in refusal(capsys, code, "orders", *arguments)
    assert orders_in(folder)["o-3"] == MANUAL


def test_with_several_accounts_it_asks_which(capsys: pytest.CaptureFixture[str]) -> None:
    account("aa", MANUAL)
    folder = account("bb", MANUAL)
    settle = ("orders", "--settle", "o-3", "--as", "closed")

    assert "--account with one of aa, bb" in refusal(capsys, 2, *settle)
    told(capsys, *settle, "--account", "b")

    assert orders_in(folder)["o-3"].state is S.CLOSED


def test_while_another_trades_the_account_nothing_is_settled(capsys: pytest.CaptureFixture[str]) -> None:
    folder = account("aa", MANUAL)
    with closing(SqliteJournal(folder)):
        said = refusal(capsys, 1, "orders", "--settle", "o-3", "--as", "closed")
        seen = told(capsys, "orders")

    assert "another process trades this account" in said
    assert "end that process" in said
    assert "manual" in seen
    assert orders_in(folder)["o-3"] == MANUAL


# The kill switch.


def test_the_kill_switch_of_all_accounts_is_moved(capsys: pytest.CaptureFixture[str]) -> None:
    folders = [account("aa"), account("bb")]

    output = told(capsys, "orders", "--mode", "reducing")

    assert output == "aa: trading is reducing.\nbb: trading is reducing.\n"
    for folder in folders:
        with closing(SqliteJournal(folder)) as journal:
            assert journal.mode is TradingMode.REDUCING


@pytest.fixture
def running() -> Iterator[PocketOption]:
    """A client that keeps a journal on disk, as every account does that is not simulated."""
    with SimulatorServer(Broker(seed=1)) as server, PocketOption(SESSION, url=server.url) as client:
        client.wait_ready(timeout=10)
        yield client


@pytest.mark.sockets
def test_the_kill_switch_reaches_a_client_that_runs(running: PocketOption, capsys: pytest.CaptureFixture[str]) -> None:
    told(capsys, "orders", "--mode", "halted")
    with pytest.raises(OrderDenied, match="halted"):
        running.buy("EURUSD_otc", 1, 60).get()
    assert running.trading_mode().get() is TradingMode.HALTED

    told(capsys, "orders", "--mode", "active")
    deal = running.buy("EURUSD_otc", 1, 60, request_id="o-1").get()
    running.trading_mode().get()  # answered once what became of the order is in the journal

    (row,) = [row for row in json.loads(told(capsys, "orders", "--json")) if row["state"] == "open"]
    assert (row["order_id"], row["deal_id"]) == ("o-1", deal.id)


# How it looks.


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_colours_are_for_terminals(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    account("aa", *ALL)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    piped = told(capsys, "orders")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    assert main(["orders"]) == 0

    assert "\x1b[" not in piped
    assert "\x1b[" in terminal.getvalue()


def test_on_a_narrow_terminal_long_cells_go_on_below(monkeypatch: pytest.MonkeyPatch) -> None:
    account("aa", replace(MANUAL, order_id=OrderId("6f1c2a34-9a7b-4d55-8a58-0c1f5a3b9e77")))
    monkeypatch.setenv("TERM", "dumb")  # 80 columns, no colours
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)

    assert main(["orders"]) == 0

    lines = terminal.getvalue().splitlines()
    assert (max(map(len, lines)), len(lines) > 2) == (80, True)
    assert "…" not in terminal.getvalue()


@pytest.mark.parametrize("command", ["orders", "deals", "export"])
def test_help_teaches_by_examples(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])

    output = capsys.readouterr().out
    assert ended.value.code == 0
    for lesson in ("--settle 6f1c", "orders --mode halted", "export > orders.csv", "kill -USR1", "Exit codes:"):
        assert lesson in output


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["orders", "--mode", "off"], "halted"),
        (["orders", "--settle", "o-1", "--as", "won"], "not-placed"),
        (["export", "--settle", "o-1"], "export --help"),
    ],
)
def test_a_wrong_argument_is_refused_in_one_line(
    arguments: list[str], hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)

    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert hint in line


# What has no journal on disk.


@pytest.mark.sockets
@pytest.mark.parametrize(
    "arguments", [["--for", "0.5", "--speed", "50", "--drop-after", "0"], ["doctor"]], ids=["run", "doctor"]
)
def test_a_simulated_account_leaves_no_files(arguments: list[str]) -> None:
    assert main(arguments) == 0

    assert not Path(os.environ["XDG_STATE_HOME"]).exists()


@pytest.mark.sockets
@pytest.mark.usefixtures("running")
def test_any_other_account_does() -> None:
    assert list(Path(os.environ["XDG_STATE_HOME"]).rglob(FILE_NAME))

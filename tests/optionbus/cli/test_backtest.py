"""Covers optionbus.cli.backtest and optionbus.cli.strategies."""

import json
from pathlib import Path
from typing import Any

import pytest

from optionbus.cli import main

STRATEGIES = """
import os
import signal

from msgspec import Struct
from optionbus import Actor, Strategy


class Often(Strategy):
    class Params(Struct, frozen=True, kw_only=True):
        duration: int = 60

    def on_candle(self, candle):
        self.context.buy(candle.symbol, 10, self.params.duration)


class Pound(Often):
    assets = ("GBPUSD_otc",)


class Impatient(Strategy):
    def on_candle(self, candle):
        os.kill(os.getpid(), signal.SIGINT)


class Clumsy(Often):
    def on_restart(self, failure):
        pass

    def on_deal_opened(self, deal):
        if self.context.incarnation == 1:
            raise ValueError("clumsy")


class NoStrategy(Actor):
    pass
"""
HOUR = ("--data", "simulated:7", "--to", "2023-11-14T23:13:20")
OFTEN = ("--strategy", "some_strategies_of_mine:Often")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "some_strategies_of_mine.py").write_text(STRATEGIES)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def report(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    """What it prints as JSON."""
    code = main(["backtest", *arguments, "--json"])
    output = capsys.readouterr()
    assert code == 0, output.err
    found: dict[str, Any] = json.loads(output.out)
    return found


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What it says when it was called wrongly."""
    assert main(["backtest", *arguments]) == 2
    return capsys.readouterr().err.splitlines()[-1]


def prices(folder: Path, *rows: str) -> str:
    (folder / "EURUSD.csv").write_text("\n".join(("time,price", *rows)) + "\n")
    return "EURUSD.csv"


def test_a_report_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backtest", *OFTEN, *HOUR]) == 0

    output = capsys.readouterr().out
    assert "Win rate" in output
    assert "Break-even" in output
    assert "Often" in output


def test_json_is_all_there_is_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    found = report(capsys, *OFTEN, *HOUR)

    assert found["run"]["source"] == "simulated:7"
    assert len(found["trades"]) > 50


def test_the_same_call_gives_the_same_report(capsys: pytest.CaptureFixture[str]) -> None:
    assert report(capsys, *OFTEN, *HOUR) == report(capsys, *OFTEN, *HOUR)


def test_the_report_is_written_where_it_is_wanted(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    assert main(["backtest", *OFTEN, *HOUR, "--report", "out"]) == 0

    assert sorted(path.name for path in (folder / "out").iterdir()) == ["report.html", "report.json"]
    assert "out/report.html" in capsys.readouterr().out


def test_parameters_and_the_market_are_as_was_said(capsys: pytest.CaptureFixture[str]) -> None:
    market = ("--balance", "100", "--payout", "80", "--latency", "0.5", "--slippage", "0.001", "--period", "300")

    found = report(capsys, *OFTEN, *HOUR, *market, "--param", "duration=120")

    parameters = found["run"]["parameters"]
    assert parameters["Often"] == {"assets": ["EURUSD_otc"], "period_seconds": 300, "duration": 120}
    assert parameters["market"]["latency_seconds"] == 0.5
    assert {(trade["payout_percent"], trade["duration_seconds"]) for trade in found["trades"]} == {(80, 120)}


def test_an_asset_of_its_own_is_played(capsys: pytest.CaptureFixture[str]) -> None:
    found = report(capsys, "--strategy", "some_strategies_of_mine:Pound", *HOUR)

    assert {trade["symbol"] for trade in found["trades"]} == {"GBPUSD_otc"}


def test_a_file_is_said_how_it_is_read_and_its_asset_is_the_strategys(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    file = prices(folder, *(f"{1_700_000_000 + second},{1 + second % 7 / 100}" for second in range(600)))

    code = main(["backtest", *OFTEN, "--data", file, "--json"])

    output = capsys.readouterr()
    assert code == 0
    assert "time in 'time'" in output.err
    assert {trade["symbol"] for trade in json.loads(output.out)["trades"]} == {"EURUSD"}


def test_bad_data_is_told_with_its_rows_before_anything_runs(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    file = prices(folder, "1700000000,1.1", "1700000001,nan", "1700000000,1.2")

    assert main(["backtest", *OFTEN, "--data", file]) == 2

    output = capsys.readouterr()
    assert "row 3" in output.err
    assert "row 4" in output.err
    assert output.out == ""


def test_a_gap_stops_it_unless_it_is_said_to_be_none(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    file = prices(
        folder, *(f"{1_700_000_000 + second},1.{second % 7 + 1}" for second in (*range(100), *range(900, 999)))
    )

    gap = refused(capsys, *OFTEN, "--data", file)
    code = main(["backtest", *OFTEN, "--data", file, "--max-gap", "1000"])

    assert "gap" in gap
    assert code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--strategy", "some_strategies_of_mine:Oftn", *HOUR), "Did you mean Often"),
        (("--strategy", "some_strategies_of_mine:NoStrategy", *HOUR), "derive it from optionbus.Strategy"),
        (("--strategy", "nowhere:Often", *HOUR), "no module 'nowhere'"),
        ((*OFTEN, *HOUR, "--param", "length=5"), "There are: duration"),
        ((*OFTEN, *HOUR, "--param", "duration"), "NAME=VALUE"),
        ((*OFTEN, *HOUR, "--param", "duration=long"), "Expected `int`"),
        ((*OFTEN, *HOUR, "--balance", "-1"), "--balance"),
        ((*OFTEN, *HOUR, "--payout", "-1"), "--payout"),
        ((*OFTEN, *HOUR, "--slippage", "2"), "--slippage"),
        ((*OFTEN, "--data", "simulated:seven"), "simulated:7"),
        ((*OFTEN, "--data", "nothing.csv"), "nothing.csv"),
        ((*OFTEN, "--data", "prices.xls"), "prices.xls"),
        ((*OFTEN, "--data", "simulated:7", "--asset", "none"), "none"),
        ((*OFTEN, "--data", "simulated:7", "--to", "2000-01-01"), "no ticks"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str
) -> None:
    assert message in refused(capsys, *arguments)


def test_a_time_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["backtest", *OFTEN, *HOUR, "--from", "yesterday"])

    assert ended.value.code == 2
    assert "2024-01-31" in capsys.readouterr().err


def test_a_disk_that_cannot_be_written_fails_it(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / "taken").write_text("")

    assert main(["backtest", *OFTEN, *HOUR, "--report", "taken/report.html"]) == 1
    assert "taken" in capsys.readouterr().err


def test_a_strategy_that_failed_is_told_of(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backtest", "--strategy", "some_strategies_of_mine:Clumsy", *HOUR, "--json"]) == 0

    output = capsys.readouterr()
    assert "failures: 1, the last one of Clumsy" in output.err
    assert "ValueError: clumsy" in output.err
    assert len(json.loads(output.out)["trades"]) > 50


def test_ctrl_c_ends_it_and_is_no_failure_of_a_strategy(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backtest", "--strategy", "some_strategies_of_mine:Impatient", *HOUR]) == 130
    assert capsys.readouterr() == ("", "")


def test_help_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["backtest", "--help"])

    assert ended.value.code == 0
    assert "simulated:SEED" in capsys.readouterr().out

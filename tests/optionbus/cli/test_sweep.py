"""Covers optionbus.cli.sweep, sweep_arguments and sweep_table."""

import json
from pathlib import Path

import pytest

from optionbus.backtest.score import LEAST_TRADES, Objective
from optionbus.backtest.sweep import DEFAULT_BEST, DEFAULT_STORAGE
from optionbus.cli import main
from optionbus.cli.arguments import parse
from optionbus.cli.sweep_arguments import OBJECTIVES

pytest.importorskip("optuna")

SWEPT = "tests.optionbus.backtest.swept:Swept"
BEGIN = 1_700_000_000


@pytest.fixture
def said(tmp_path: Path) -> list[str]:
    prices = tmp_path / "EURUSD_otc.csv"
    rows = "".join(f"{BEGIN + second},{1 + second * 7919 % 100 / 1000}\n" for second in range(600))
    prices.write_text(f"time,price\n{rows}")
    places = ["--data", str(prices), "--storage", str(tmp_path / "sweeps.journal")]
    return ["sweep", "--strategy", SWEPT, "--range", "every=3..30", *places, "--min-trades", "10"]


def test_the_best_are_shown_beside_what_came_after(said: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code = main([*said, "--trials", "5", "--validate-from", str(BEGIN + 400), "--best", "2"])

    shown = capsys.readouterr().out
    assert code == 0
    assert shown.count("every=") == 3
    assert "after: trades" in shown
    assert "5 trials" in shown
    assert "that all just break even would win about" in shown
    assert "no trial has seen" in shown


def test_without_a_split_it_is_said_that_nothing_was_kept(said: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*said, "--trials", "2"]) == 0

    assert "Nothing was kept aside" in capsys.readouterr().out


def test_the_json_is_all_of_standard_output(said: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*said, "--trials", "4", "--validate-from", str(BEGIN + 400), "--json"]) == 0

    found = json.loads(capsys.readouterr().out)
    assert (found["version"], found["trials"], found["objective"]) == (1, 4, "profit-low")
    assert found["best"][0]["parameters"].keys() == {"every"}
    assert found["best"][0]["validated"]["trades"] > 0
    assert found["luck"]["trials"] == found["looked_at"]


def test_the_same_command_goes_on_where_it_stopped(said: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    for trials in ("2", "5"):
        assert main([*said, "--trials", trials, "--json"]) == 0

        assert json.loads(capsys.readouterr().out)["trials"] == int(trials)


def test_ctrl_c_shows_what_was_found(said: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    said[said.index(SWEPT)] = "tests.optionbus.backtest.swept:Interrupted"
    said += ["--param", f"markers={tmp_path}", "--trials", "5", "--json"]

    codes, found = [], []
    for _ in range(2):
        codes.append(main(said))
        out, errors = capsys.readouterr()
        found.append(json.loads(out))
        assert ("goes on from here" in errors) is (codes[-1] == 130)

    assert codes == [130, 0]
    assert [each["trials"] for each in found] == [3, 5]
    assert [each["failed"] for each in found] == [0, 0]


def test_a_grid_needs_no_number_of_trials(said: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    said[said.index("every=3..30")] = "every=3..9:2"

    assert main([*said, "--range", "side=call|put", "--grid", "--json"]) == 0

    assert json.loads(capsys.readouterr().out)["looked_at"] == 8


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        (["--range", "width=1..2"], "no parameter 'width'"),
        (["--range", "seconds=9..2"], "is empty"),
        (["--range", "seconds"], "write NAME=RANGE"),
        (["--range", "every=1..2"], "every is said twice"),
        (["--param", "every=5"], "every is said twice"),
        (["--range", "part=0.1..0.9", "--grid"], "A grid needs steps"),
        (["--strategy", SWEPT], "give --strategy once"),
        (["--validate-from", "2001-01-01"], "both sides of the split"),
        (["--storage", "nonsense://there"], "cannot be used as a storage"),
        (["--storage", "/there/is/no/such/folder"], "cannot be used as a storage"),
    ],
)
def test_what_is_said_wrongly_is_told(
    said: list[str], more: list[str], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*said, *more]) == 2

    assert problem in capsys.readouterr().err


def test_another_sweep_under_the_name_is_refused(said: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*said, "--name", "mine", "--trials", "1"]) == 0
    capsys.readouterr()

    assert main([*said, "--name", "mine", "--trials", "1", "--payout", "80"]) == 2

    assert "holds a sweep 'mine' with another market" in capsys.readouterr().err


@pytest.mark.parametrize("more", [["--trials", "0"], ["--jobs", "-1"], ["--best", "x"], ["--objective", "luck"]])
def test_numbers_that_mean_nothing_end_the_program(
    said: list[str], more: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        parse([*said, *more])

    assert more[0] in capsys.readouterr().err


def test_the_arguments_have_the_defaults_of_the_class() -> None:
    options = parse(["sweep", "--strategy", SWEPT, "--range", "every=1..2", "--data", "simulated:1"])

    assert (options.storage, options.best, options.least_trades) == (DEFAULT_STORAGE, DEFAULT_BEST, LEAST_TRADES)
    assert tuple(each.value for each in Objective) == OBJECTIVES

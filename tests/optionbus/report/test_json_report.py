"""Covers optionbus.report.json_report and optionbus.report.parameters."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any

import msgspec
import pytest

from optionbus.report.figures import Figures, figures
from optionbus.report.json_report import JsonReport, as_json
from optionbus.report.parameters import parameter_text, without_folders
from tests.optionbus.report.hostile import hostile_run
from tests.optionbus.report.runs import busy_run, run


def test_a_report_in_json_has_all_that_was_counted() -> None:
    result = busy_run()
    report = msgspec.json.decode(as_json(result), type=JsonReport)

    assert report.figures == figures(result)
    assert (report.trades, report.refusals) == (result.trades, result.refusals)
    assert (report.run.begin, report.run.strategies) == (result.begin, ("momentum", "reversal"))


def test_money_is_text() -> None:
    report: dict[str, Any] = msgspec.json.decode(as_json(run("W")))

    assert report["figures"]["net_profit"] == "9.2"
    assert report["trades"][0]["stake"] == "10"


@pytest.mark.parametrize("letters", ["", "W", "L", "D"])
def test_a_report_of_hardly_a_trade_is_one(letters: str) -> None:
    assert msgspec.json.decode(as_json(run(letters)), type=JsonReport).figures.trades == len(letters)


def test_what_has_no_meaning_is_null() -> None:
    report: dict[str, Any] = msgspec.json.decode(as_json(run()))

    assert report["figures"]["win_rate"] is None
    assert report["figures"]["drawdown"] is None


def test_hostile_names_are_kept_as_they_are() -> None:
    result = hostile_run()

    assert msgspec.json.decode(as_json(result), type=JsonReport).trades == result.trades


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("ticks of /home/me/data/eurusd.csv", "ticks of eurusd.csv"),
        ("/srv/x", "x"),
        ("~/ticks/a.csv and /b/c.csv", "a.csv and c.csv"),
        ("EUR/USD of wss://host/path", "EUR/USD of wss://host/path"),
        ("a / b", "a / b"),
        ("relative/a.csv", "relative/a.csv"),
        ("\udcff", "?"),
    ],
)
def test_folders_of_this_machine_are_left_out(said: str, shown: str) -> None:
    assert without_folders(said) == shown


@dataclass
class Setting:
    """A parameter that is data."""

    limit: int


class Model:
    """A parameter that is none: its text would have its address."""


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("fast", "fast"),
        (0.1, "0.1"),
        (None, "null"),
        (True, "true"),
        (Decimal("0.10"), "0.10"),
        ({"b": 1, "a": (1, 2)}, '{"a":[1,2],"b":1}'),
        ({"z", "y", "x"}, '["x","y","z"]'),
        (PurePosixPath("/home/me/model.bin"), "model.bin"),
        (Setting(3), '{"limit":3}'),
        (Model(), "Model"),
        ([Model(), "/home/me/x"], '["Model","x"]'),
    ],
)
def test_a_parameter_is_told_the_same_on_every_run(value: object, shown: str) -> None:
    assert parameter_text(value) == shown


def test_the_figures_are_named_as_they_are_in_python() -> None:
    report: dict[str, Any] = msgspec.json.decode(as_json(run("W")))

    assert tuple(report["figures"]) == Figures.__struct_fields__

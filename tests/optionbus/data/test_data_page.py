"""Covers docs/data.md: its programs print what it says, and its tables have what there is."""

import re
from pathlib import Path

import pytest

from messages.findings import Severity
from optionbus.data.data_file import ENDINGS
from optionbus.data.faults import RULES
from optionbus.data.layout import USUAL_NAMES

PAGE = (Path(__file__).parents[3] / "docs/data.md").read_text()
PROGRAMS = re.findall(r"```python\n(.*?)```\n\nprints\n\n```text\n(.*?)```", PAGE, re.DOTALL)


def test_every_program_has_what_it_prints() -> None:
    assert len(PROGRAMS) == PAGE.count("```python") > 0


@pytest.mark.parametrize("number", range(len(PROGRAMS)))
def test_every_program_prints_what_it_says(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    program, printed = PROGRAMS[number]

    exec(program, {"__name__": "example"})  # noqa: S102 - that is what a reader does with it

    assert capsys.readouterr().out == printed


@pytest.mark.parametrize("severity", Severity)
def test_every_rule_has_its_row(severity: Severity) -> None:
    table = PAGE.partition(f"| {severity.value} | when |\n|---|---|\n")[2].partition("\n\n")[0]

    assert re.findall(r"^\| ([^|]+) \|", table, re.MULTILINE) == [
        rule for rule, kind in RULES.items() if kind is severity
    ]


@pytest.mark.parametrize("name", [*ENDINGS, *(name for names in USUAL_NAMES.values() for name in names)])
def test_every_ending_and_usual_name_is_there(name: str) -> None:
    assert f"`{name}`" in PAGE

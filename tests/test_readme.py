"""Covers README.md: its examples run, and its two lines are where the checks look for them."""

import re
from pathlib import Path

import pytest

README = (Path(__file__).parents[1] / "README.md").read_text()
EXAMPLES = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.mark.sockets
@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_every_example_runs_as_it_stands(number: int, capsys: pytest.CaptureFixture[str]) -> None:
    exec(EXAMPLES[number], {"__name__": "example"})  # noqa: S102 - that is what a reader does with it

    assert capsys.readouterr().out


@pytest.mark.parametrize("end", [r"run\.py", r"-m pytest"])
def test_each_of_the_two_lines_is_there_once(end: str) -> None:
    assert len(re.findall(rf"^python3 -m venv \.venv && .* && \.venv/bin/python {end}$", README, re.MULTILINE)) == 1

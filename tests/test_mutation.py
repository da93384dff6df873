"""Covers tests.mutation: a weak test is found, good ones are not blamed, and which changes are made."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from optionbus.cli.doctor import HOME

pytest.importorskip("mutmut", reason="the extra 'mutation' is not installed")

from tests.mutation.modules import GROUPS
from tests.mutation.mutants import mutants_of

SAMPLE = 12
TABLE = """\
TABLE = {
    ("idle", "go"): "running",
    ("running", "stop"): "idle",
}
"""


def mutation(*arguments: str, folder: Path = HOME) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "tests.mutation", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(HOME)}
    return subprocess.run(
        command, cwd=folder, env=environment, check=False, capture_output=True, text=True, timeout=110
    )


@pytest.mark.measures
def test_changes_that_weak_tests_let_pass_are_listed() -> None:
    command = mutation("--control")

    assert command.returncode == 1
    assert "survived: fence.py:2" in command.stdout
    assert "+    return 9 <= hour <= 17" in command.stdout
    assert "20.0 %" in command.stdout


@pytest.mark.measures
def test_changes_that_good_tests_notice_all_count(tmp_path: Path) -> None:
    (tmp_path / "fence.py").write_text("def is_open(hour: int) -> bool:\n    return 9 <= hour < 17\n")
    (tmp_path / "test_fence.py").write_text(
        "from fence import is_open\n\n\n"
        "def test_it_opens_at_nine_and_closes_at_five() -> None:\n"
        "    assert [hour for hour in range(24) if is_open(hour)] == list(range(9, 17))\n"
    )

    command = mutation("--module", "fence.py", "--tests", "test_fence.py", folder=tmp_path)

    assert command.returncode == 0
    assert "100.0 %" in command.stdout
    assert "survived:" not in command.stdout


@pytest.mark.measures
@pytest.mark.timeout(120)
@pytest.mark.parametrize("module", ["supervisor/lifecycle.py", "messages/wire/framing.py", "supervisor/strategy.py"])
def test_the_tests_notice_nine_of_ten_changes(module: str) -> None:
    command = mutation("--module", module, "--sample", str(SAMPLE))

    *_, table = command.stdout.rpartition("\n\n")
    row = next(line for line in table.splitlines() if line.startswith(module))
    assert row.split()[1] == str(SAMPLE)
    assert command.returncode == 0, command.stdout


@pytest.mark.measures
def test_nothing_to_change_is_no_measurement(tmp_path: Path) -> None:
    (tmp_path / "fence.py").write_text('"""Empty."""\n')
    (tmp_path / "test_fence.py").write_text("import fence\n\n\ndef test_it_is_there() -> None:\n    assert fence\n")

    command = mutation("--module", "fence.py", "--tests", "test_fence.py", folder=tmp_path)

    assert command.returncode == 2
    assert "fence.py: there is nothing to change" in command.stderr


@pytest.mark.measures
def test_a_change_that_never_ends_is_ended(tmp_path: Path) -> None:
    (tmp_path / "fence.py").write_text("def climb(left):\n    while left > 0:\n        left -= 1\n    return left\n")
    (tmp_path / "test_fence.py").write_text(
        "from fence import climb\n\n\ndef test_it_is_climbed() -> None:\n    assert climb(3) == 0\n"
    )

    command = mutation(
        "--module", "fence.py", "--tests", "test_fence.py", "--patience", "0", "--only", "4", folder=tmp_path
    )

    assert "timed out: fence.py:3" in command.stdout
    assert "+        left += 1" in command.stdout


@pytest.mark.measures
@pytest.mark.parametrize(
    ("tests", "said"),
    [
        ("def test_nothing() -> None:\n    pass\n", "imports it"),
        ("import fence\n\n\ndef test_wrongly() -> None:\n    assert not fence.OPEN\n", "do not pass as they are"),
    ],
)
def test_tests_that_can_show_nothing_are_no_measurement(tmp_path: Path, tests: str, said: str) -> None:
    (tmp_path / "fence.py").write_text("OPEN = True\n")
    (tmp_path / "test_fence.py").write_text(tests)

    command = mutation("--module", "fence.py", "--tests", "test_fence.py", folder=tmp_path)

    assert command.returncode == 2
    assert said in command.stderr


def test_a_table_loses_gains_and_changes_rows() -> None:
    made = [mutant.source for mutant in mutants_of(TABLE) if mutant.operator.startswith(("rows", "cells"))]

    tables = [eval(source.removeprefix("TABLE = ")) for source in made]  # noqa: S307

    idle, running = ("idle", "go"), ("running", "stop")
    assert tables == [
        {running: "idle"},
        {idle: "running"},
        {idle: "running", running: "idle", ("idle", "stop"): "running"},
        {idle: "running", running: "idle", ("running", "go"): "idle"},
        {idle: "idle", running: "idle"},
        {idle: "running", running: "running"},
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("def f(x):\n    g(x)\n", "def f(x):\n    pass\n"),
        ("def f(x):\n    raise x\n", "def f(x):\n    pass\n"),
        ("def f(x):\n    x.a = 1\n", "def f(x):\n    pass\n"),
        ("def f(x):\n    return x\n", "def f(x):\n    return None\n"),
        ("def f(x):\n    if x: return\n", "def f(x):\n    if not (x): return\n"),
        ("def f(x):\n    if x: return\n", "def f(x):\n    if x: pass\n"),
        ("y = [x for x in z if x]\n", "y = [x for x in z if not (x)]\n"),
        ("y = x in (1, 2)\n", "y = x in (2, )\n"),
        ("y = x < 2\n", "y = x <= 2\n"),
        ("y = x and z\n", "y = x or z\n"),
    ],
)
def test_the_change_is_among_those_that_are_made(before: str, after: str) -> None:
    assert after in [mutant.source for mutant in mutants_of(before)]


@pytest.mark.parametrize(
    "source", ['def f(x: int) -> "str":\n    """Says."""\n', "import a\nfrom b import c\n", "assert_never(x)\n"]
)
def test_what_no_run_shows_is_left_alone(source: str) -> None:
    assert mutants_of(source) == []


def test_every_module_and_its_tests_are_where_the_table_says() -> None:
    subjects = [subject for group in GROUPS.values() for subject in group]

    assert [
        path for subject in subjects for path in (subject.path, *subject.tests) if not (HOME / path).is_file()
    ] == []

import json
from collections.abc import Mapping

import pytest

from benchmarks.__main__ import main
from benchmarks.contest import perform
from benchmarks.rows import ROWS
from benchmarks.task import Figures, Task
from messages.errors import UsageError

pytestmark = [pytest.mark.sockets, pytest.mark.measures]

EXCELLENT = {"ticks_per_second": 1e9, "cpu_us_per_tick": 1e-3, "p50_ms": 1e-3, "p99_ms": 1e-3, "ms": 1.0}
POOR = {"ticks_per_second": 10.0, "cpu_us_per_tick": 100.0, "p50_ms": 1.0, "p99_ms": 1.0, "ms": 1.0}
SLOW = {"ticks_per_second": 1.0}


class Contestants:
    """Contestants that are as good as they are told to be."""

    def __init__(self, ours: Figures, others: Figures, *, bad_runs: int = 0) -> None:
        self._ours = ours
        self._others = others
        self._bad_runs = bad_runs  # so many runs, of anybody's, in which ours are slow
        self.runs = 0

    def __call__(self, contestant: str, task: Task, environment: Mapping[str, str] | None = None) -> Figures:
        assert environment is not None
        assert task.port > 0
        self.runs += 1
        if contestant == "ours":
            return SLOW if self.runs <= self._bad_runs else self._ours
        return self._others


def test_floors_that_are_kept_are_a_success(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "ticks/bare", "--quick"], Contestants(EXCELLENT, POOR)) == 0
    assert "goal" in capsys.readouterr().out


def test_a_floor_that_is_missed_fails(capsys: pytest.CaptureFixture[str]) -> None:
    contestants = Contestants(POOR, EXCELLENT)

    assert main(["--only", "ticks/bare", "--quick", "--repetitions", "2"], contestants) == 1
    assert "below the floor" in capsys.readouterr().out
    assert contestants.runs == 2 * 2 * 2  # two contestants, twice, and once more


def test_a_floor_that_is_missed_by_chance_is_a_success(capsys: pytest.CaptureFixture[str]) -> None:
    contestants = Contestants(EXCELLENT, POOR, bad_runs=4)

    assert main(["--only", "ticks/bare", "--quick", "--repetitions", "2"], contestants) == 0
    assert contestants.runs == 2 * 2 * 2
    assert "not good enough" not in capsys.readouterr().out


def test_a_contestant_of_ours_that_breaks_fails(capsys: pytest.CaptureFixture[str]) -> None:
    def broken(contestant: str, task: Task, environment: Mapping[str, str] | None = None) -> Figures:
        del task, environment
        if contestant == "ours":
            raise UsageError("it broke")
        return POOR

    assert main(["--only", "ticks/bare", "--quick", "--repetitions", "1"], broken) == 1
    assert "it broke" in capsys.readouterr().out


def test_the_short_form_does_not_judge_milliseconds(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "ready", "--quick"], Contestants(POOR, POOR)) == 2
    assert "short form" in capsys.readouterr().err


def test_json_alone_is_on_the_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--only", "ticks/bare", "--repetitions", "1", "--json", "-"], Contestants(EXCELLENT, POOR))

    report = json.loads(capsys.readouterr().out)
    assert report["lines"][0]["verdict"] == "goal"
    assert report["figures"]["ticks"]["ticks_per_second"]["values"] == [1e9]


def test_the_help_names_every_row(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])

    shown = capsys.readouterr().out
    assert all(row.key in shown and row.what in shown for row in ROWS)


def test_it_really_measures(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "ticks/bare", "--quick", "--repetitions", "1"], perform) == 0
    assert "ticks/bare" in capsys.readouterr().out

import io
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from benchmarks import hops
from benchmarks.plot import plot, score
from benchmarks.report import Report, Spread, report, show
from benchmarks.rows import ROWS, Verdict

ROW = {row.key: row for row in ROWS}
REPETITIONS = [
    {"ticks": {"ticks_per_second": 40.0}, "peer ticks": {"ticks_per_second": 10.0}, "ready": {"ms": 100.0}},
    {"ticks": {"ticks_per_second": 90.0}, "peer ticks": {"ticks_per_second": 15.0}, "ready": {"ms": 300.0}},
    {"ticks": {"ticks_per_second": 20.0}, "peer ticks": {"ticks_per_second": 10.0}, "ready": {"ms": 400.0}},
]


def reported(problems: dict[str, str] | None = None) -> Report:
    return report([ROW["ticks/peer"], ROW["ready"], ROW["import"]], REPETITIONS, problems or {}, is_quick=False)


def test_medians_are_shown_with_the_least_and_the_most() -> None:
    ratio, ready, missing = reported().lines

    assert ratio.value == Spread(4.0, 2.0, 6.0, (4.0, 6.0, 2.0))
    assert ready.value == Spread(300.0, 100.0, 400.0, (100.0, 300.0, 400.0))
    assert [ratio.verdict, ready.verdict, missing.verdict] == [Verdict.FLOOR, Verdict.FLOOR, Verdict.UNKNOWN]


def test_a_peer_that_cannot_be_measured_is_no_failure() -> None:
    assert reported({"peer ticks": "it is not installed"}).failures == ()


def test_a_run_of_ours_that_fails_is_a_failure() -> None:
    assert [line.row.key for line in reported({"ready": "it hung"}).failures] == ["ready"]


def test_the_table_names_every_row_and_every_problem() -> None:
    file = io.StringIO()

    show(reported({"peer buy": "it ended with code [-11]"}), Console(file=file, width=150))

    shown = file.getvalue()
    assert all(text in shown for text in ("ticks/peer", "ready", "import", "not measured", "code [-11]"))


def test_the_figures_survive_their_way_through_json() -> None:
    assert msgspec.json.decode(msgspec.json.encode(reported()), type=Report) == reported()


@pytest.mark.parametrize(("key", "value", "expected"), [("ticks/peer", 10.0, 2.0), ("ready", 75.0, 2.0)])
def test_twice_as_good_as_the_goal_scores_two(key: str, value: float, expected: float) -> None:
    assert score(ROW[key], value) == expected


def test_a_plot_is_a_picture(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed (extra bench)")

    plot(reported(), tmp_path / "figures.png")

    assert (tmp_path / "figures.png").read_bytes().startswith(b"\x89PNG")


def test_the_way_of_a_tick_is_measured_hop_by_hop() -> None:
    way = hops.measure(ticks=500, rested_ticks=3, repetitions=1)

    assert {hop.thread.partition(",")[0] for hop in way} == {
        *("reader", "router", "the user's", "the actor's", "the aggregator's")
    }
    assert sum(hop.in_batches for hop in way) > 0
    assert sum(hop.one_by_one for hop in way) > 0
    assert sum(hop.rested for hop in way) > 0

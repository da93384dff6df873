import math

import pytest
from msgspec.structs import replace

from benchmarks import bare, ours, peer
from benchmarks.contest import check_peer, load_server, perform
from benchmarks.load import Plan
from benchmarks.rows import ROWS, RUNS
from benchmarks.task import Task, check_candles, percentile
from messages.errors import UsageError

FLUSHED = Plan(ticks=2_000, is_flushed=True)
TASKS = [
    ("ours", Task(kind="ticks", plan=Plan(ticks=2_000))),
    ("ours", Task(kind="actor", plan=Plan(ticks=2_000, assets=150), actors=29)),
    ("ours", Task(kind="candles", plan=FLUSHED)),
    ("ours", Task(kind="aggregations", plan=Plan(ticks=20_000, is_flushed=True), aggregations=100)),
    ("ours", Task(kind="latency", plan=Plan(ticks=50, rate=1_000))),
    ("ours", Task(kind="buy", orders=5)),
    ("ours", Task(kind="buy_streaming", plan=Plan(ticks=2_000, rate=10_000), orders=5)),
    ("ours", Task(kind="buy_stuck", plan=Plan(ticks=2_000, rate=10_000), orders=5)),
    ("ours", Task(kind="fetch", downloads=1)),
    ("ours", Task(kind="compile_ticks", downloads=1)),
    ("ours", Task(kind="ready")),
    ("bare", Task(kind="ticks", plan=Plan(ticks=2_000))),
    ("imports", Task(kind="ours")),
    ("imports", Task(kind="dependencies")),
]


@pytest.mark.sockets
@pytest.mark.measures
@pytest.mark.parametrize(("contestant", "task"), TASKS, ids=lambda each: getattr(each, "kind", each))
def test_every_contestant_does_its_tasks(contestant: str, task: Task) -> None:
    with load_server() as port:
        figures = perform(contestant, replace(task, port=port))

    assert figures
    assert all(math.isfinite(figure) and figure >= 0 for figure in figures.values())
    assert _read(contestant, task.kind) <= set(figures)


@pytest.mark.sockets
@pytest.mark.measures
def test_the_peer_does_its_tasks() -> None:
    pytest.importorskip("BinaryOptionsToolsV2", reason="BinaryOptionsToolsV2 is not installed (extra bench)")
    with load_server() as port:
        assert perform("peer", Task(kind="ticks", plan=Plan(ticks=500), port=port))["ticks_per_second"] > 0
        assert perform("peer", Task(kind="buy", orders=5, port=port))["p99_ms"] > 0
        assert perform("peer", Task(kind="fetch", downloads=1, port=port))["p50_ms"] > 0
        assert perform("peer", Task(kind="compile_ticks", downloads=1, port=port))["p50_ms"] > 0


def _read(contestant: str, kind: str) -> set[str]:
    """The figures that rows read of such a task."""
    runs = {name for name, run in RUNS.items() if (run.contestant, run.task.kind) == (contestant, kind)}
    return {row.figure for row in ROWS if runs & set(row.runs)} - {"peak_mebibytes"}


def test_a_peer_of_another_version_does_not_take_part() -> None:
    with pytest.raises(UsageError, match=r"msgspec is .* here"):
        check_peer("msgspec", "0.0.1")


def test_a_peer_that_is_not_there_does_not_take_part() -> None:
    with pytest.raises(UsageError, match="not installed"):
        check_peer("a_client_that_nobody_wrote", "1")


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([5.0], 0.99, 5.0), (range(1, 101), 0.99, 99), (range(1, 101), 0.5, 50), ([3, 1, 2], 1.0, 3), ([1, 2], 0.0, 1)],
)
def test_a_percentile_is_a_value_that_was_there(values: list[float], share: float, expected: float) -> None:
    assert percentile(values, share) == expected


@pytest.mark.parametrize("count", [0, 999, 1002])
def test_a_download_that_is_not_whole_is_no_measurement(count: int) -> None:
    with pytest.raises(ValueError, match=f"{count} candles"):
        check_candles(count)


def test_every_run_of_the_table_is_somebody_s_task() -> None:
    modules = {"ours": ours, "bare": bare, "peer": peer}
    for run in RUNS.values():
        if run.contestant in modules:
            assert hasattr(modules[run.contestant], run.task.kind)

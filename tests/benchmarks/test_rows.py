import pytest

from benchmarks.rows import ROWS, RUNS, Row, Verdict, is_quick

MORE = Row("more", "more is better", "ours", "figure", goal=5, floor=3, other="theirs", at_least=True)
LESS = Row("less", "less is better", "ours", "figure", goal=0.2, floor=0.35, other="theirs")
ALONE = Row("alone", "by itself", "ours", "figure", goal=5, floor=15, unit="ms")


@pytest.mark.parametrize(
    ("row", "median", "verdict"),
    [
        (MORE, 5.1, Verdict.GOAL),
        (MORE, 5.0, Verdict.GOAL),
        (MORE, 4.9, Verdict.FLOOR),
        (MORE, 3.0, Verdict.FLOOR),
        (MORE, 2.9, Verdict.BELOW),
        (LESS, 0.1, Verdict.GOAL),
        (LESS, 0.2, Verdict.GOAL),
        (LESS, 0.3, Verdict.FLOOR),
        (LESS, 0.35, Verdict.FLOOR),
        (LESS, 0.36, Verdict.BELOW),
        (ALONE, 5.0, Verdict.GOAL),
        (ALONE, 15.1, Verdict.BELOW),
    ],
)
def test_the_median_decides_on_the_right_side_of_each_target(row: Row, median: float, verdict: Verdict) -> None:
    assert row.verdict([median / 10, median, median * 10]) is verdict


def test_without_a_value_there_is_no_verdict() -> None:
    assert MORE.verdict([]) is Verdict.UNKNOWN


def test_a_ratio_is_one_of_the_same_repetition() -> None:
    repetitions = [
        {"ours": {"figure": 10.0}, "theirs": {"figure": 2.0}},
        {"ours": {"figure": 1.0}, "theirs": {"figure": 4.0}},
    ]

    assert MORE.values(repetitions) == [5.0, 0.25]
    assert ALONE.values(repetitions) == [10.0, 1.0]


@pytest.mark.parametrize(
    "repetition",
    [
        {},
        {"ours": {"figure": 1.0}},
        {"theirs": {"figure": 1.0}},
        {"ours": {"another": 1.0}, "theirs": {"figure": 1.0}},
        {"ours": {"figure": 1.0}, "theirs": {"another": 1.0}},
        {"ours": {"figure": 1.0}, "theirs": {"figure": 0.0}},
    ],
)
def test_a_repetition_that_lacks_one_side_has_no_ratio(repetition: dict[str, dict[str, float]]) -> None:
    assert MORE.values([repetition, {"ours": {"figure": 6.0}, "theirs": {"figure": 2.0}}]) == [3.0]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.key)
def test_every_row_can_be_measured_and_has_an_attainable_floor(row: Row) -> None:
    assert set(row.runs) <= set(RUNS)
    assert RUNS[row.run].contestant != "peer"
    assert (row.goal > row.floor) if row.at_least else (row.goal < row.floor)


def test_the_keys_of_the_rows_are_their_own() -> None:
    assert len({row.key for row in ROWS}) == len(ROWS)


def test_the_short_form_judges_no_absolute_figure_and_no_tail() -> None:
    judged = [row for row in ROWS if is_quick(row)]

    assert judged
    assert {row.unit for row in judged} == {"×"}  # noqa: RUF001 - times
    assert "p99_ms" not in {row.figure for row in judged}

"""Covers the command line of tests.faults, and what a reading is."""

import json
from collections.abc import Sequence

import pytest

from tests.faults.__main__ import main
from tests.faults.figure import Control, Figure, Reading, at_least, at_most, exactly, milliseconds, p50_and_p99
from tests.faults.figures import FIGURES

GOOD, BAD = exactly("frames", 3, 3), exactly("frames", 2, 3)


def figure(measured: Sequence[Reading], controlled: Sequence[Reading], misses: str = "frames") -> Figure:
    control = Control(broken="something broken", measure=lambda _is_full: controlled, misses=misses)
    return Figure(
        name="reconnect", what="something is done", measure=lambda _is_full: measured, controls=(control, control)
    )


def ended(monkeypatch: pytest.MonkeyPatch, it: Figure, *arguments: str) -> int:
    monkeypatch.setitem(FIGURES, "reconnect", it)
    return main(["--only", "reconnect", *arguments])


@pytest.mark.parametrize(("reading", "code"), [(GOOD, 0), (BAD, 1)])
def test_a_target_that_is_missed_is_exit_code_1(monkeypatch: pytest.MonkeyPatch, reading: Reading, code: int) -> None:
    assert ended(monkeypatch, figure([GOOD, reading], [])) == code


@pytest.mark.parametrize(("reading", "code"), [(GOOD, 1), (BAD, 0)])
def test_a_control_that_is_not_caught_is_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, reading: Reading, code: int
) -> None:
    assert ended(monkeypatch, figure([], [exactly("ticks", 1, 1), reading]), "--control") == code


def test_a_control_has_to_be_caught_by_its_own_reading(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(monkeypatch, figure([], [BAD, exactly("ticks", 1, 1)], misses="ticks"), "--control") == 1
    assert "NOT CAUGHT by 'ticks'" in capsys.readouterr().out


@pytest.mark.parametrize("option", [(), ("--control",)])
def test_what_cannot_be_read_is_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], option: tuple[str, ...]
) -> None:
    def fail(_is_full: bool) -> Sequence[Reading]:  # noqa: FBT001
        raise TimeoutError("it hangs")

    control = Control(broken="it", measure=fail, misses="frames")
    broken = Figure(name="reconnect", what="it hangs", measure=fail, controls=(control,))

    assert ended(monkeypatch, broken, *option) == 1
    assert "could not be read: TimeoutError: it hangs" in capsys.readouterr().out


def test_every_reading_is_a_line_with_its_target(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ended(monkeypatch, figure([GOOD, milliseconds("p99", 0.3, 250)], []))

    _, first, second = capsys.readouterr().out.splitlines()
    assert first.split() == ["reconnect", "frames", "3", "must", "be", "3", "ok"]
    assert second.split() == ["reconnect", "p99", "300", "ms", "must", "be", "≤", "250", "ms", "MISSED"]


def test_machines_are_told_the_same(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    ended(monkeypatch, figure([BAD], []), "--json")

    (told,) = json.loads(capsys.readouterr().out)
    assert told["readings"][0]["value"] == 2
    assert told["holds"] is False


def test_the_help_tells_every_figure(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])

    told = capsys.readouterr().out
    assert all(f"  {name} " in told for name in FIGURES)


@pytest.mark.parametrize(
    ("reading", "target"),
    [(GOOD, "3"), (at_most("share", 0, 0), "≤ 0"), (at_least("share", 1, 0.5, " s"), "≥ 0.5 s")],
)
def test_a_reading_says_what_it_must_be(reading: Reading, target: str) -> None:
    assert reading.target == target
    assert reading.holds


def test_times_without_any_readings_do_not_hold() -> None:
    assert [reading.holds for reading in p50_and_p99([], 50, 250)] == [False, False]

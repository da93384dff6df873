"""Covers tests.dst: a few episodes, that a seed replays them, and that broken clients are caught."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.dst import __main__ as command
from tests.dst.__main__ import main
from tests.dst.controls import CONTROLS
from tests.dst.episode import Episode, Outcome
from tests.dst.report import Played, Report, play
from tests.virtual_hour import Trace

ROOT = Path(__file__).parents[1]
FEW_SEEDS = range(3)
SHORT_SECONDS = 120.0
LEAST_FAULTS = 10
INVARIANTS = {
    "acknowledged deals exist",
    "calls end in time",
    "candles flow",
    "deaths are reported",
    "ends in the truth",
    "every tick comes once healed",
    "everybody lives",
    "exactly what is wanted streams",
    "executed at most once",
    "mailboxes are empty",
    "never without an intent",
    "nobody is left waiting",
    "nothing false is believed",
    "one live connection",
    "stopping ends everybody",
    "the session heals",
    "ticks are the market's",
    "ticks in order, none twice",
}
YARDSTICK = 20_000_000
"""Turns of an empty loop: they take as long as an episode may, of which 1 000 virtual seconds pass in one."""


@pytest.mark.parametrize("seed", FEW_SEEDS)
def test_every_invariant_holds_in_an_episode(seed: int) -> None:
    outcome = play(seed)

    assert outcome.broken == {}, outcome.texts
    assert set(outcome.checked) == INVARIANTS
    assert sum(outcome.faults.values()) > LEAST_FAULTS


def test_a_seed_replays_its_episode() -> None:
    assert digest_of(5) == digest_of(5) != digest_of(6)


def digest_of(seed: int) -> str:
    """Everything that was handled in a short episode."""
    trace = Trace()
    Episode(seed, trace, SHORT_SECONDS).run()
    return trace.digest()


def _printed(hash_seed: str) -> str:
    program = "from tests.test_dst import digest_of; print(digest_of(5), digest_of(6))"
    command = [sys.executable, "-c", program]
    # Not measured, as a virtual hour is not.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    environment = kept | {"PYTHONHASHSEED": hash_seed}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=50)
    return done.stdout


@pytest.mark.sockets
def test_a_seed_gives_the_same_trace_whatever_the_hash_seed() -> None:
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(_printed, ("1", "2"))

    assert first == second
    assert len(set(first.split())) == 2


def test_an_episode_that_would_never_end_is_a_failure() -> None:
    outcome = play(0, "never-rests")

    assert outcome.broken == {"the episode ends": 1}
    assert "TimeStandsStill" in outcome.texts[-1]
    assert "Subscriptions-1" in outcome.texts[-1]


def _played(seed: int, cpu_seconds: float, **broken: int) -> Played:
    outcome = Outcome(seed=seed, faults={}, checked={}, broken=broken, texts=(), counts={}, hardships=())
    return Played(outcome=outcome, cpu_seconds=cpu_seconds)


def test_a_report_tells_failures_the_slowest_and_both_speeds() -> None:
    moments = iter((0.0, 8.0))
    report = Report(lambda: next(moments))

    report.add(_played(3, 0.5))
    report.add(_played(4, 1.5, order=1))
    shown = report.shown(jobs=2)

    assert (shown["episodes"], shown["green"], shown["failures"][0]["seed"]) == (2, 1, 4)
    assert shown["slowest"] == {"seed": 4, "cpu_seconds": 1.5}
    assert (shown["virtual_seconds_per_second"], shown["virtual_seconds_per_cpu_second"]) == (150, 600)


def test_a_report_of_nothing_can_be_shown() -> None:
    moments = iter((0.0, 8.0))

    assert Report(lambda: next(moments)).shown(jobs=1)["slowest"] is None


@pytest.mark.measures
@pytest.mark.timeout(120)
@pytest.mark.parametrize("control", CONTROLS)
def test_a_broken_client_is_caught_by_its_invariant(control: str) -> None:
    assert any(CONTROLS[control].breaks in play(seed, control).broken for seed in CONTROLS[control].seeds)


def test_an_error_of_the_simulation_catches_no_broken_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Episode, "run", lambda _episode: 1 / 0)

    assert play(0, "resend").broken == {"the episode ends": 1}


@pytest.mark.parametrize(("seeds", "complaint"), [("9..3", "3 comes before 9"), ("some", "is no range of seeds")])
def test_seeds_that_are_none_are_refused(seeds: str, complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--seeds", seeds])

    assert complaint in capsys.readouterr().err


@pytest.mark.parametrize(("control", "broken", "code"), [(None, {}, 0), (None, {"order": 1}, 1), ("resend", {}, 1)])
def test_what_does_not_hold_is_exit_code_1(
    control: str | None, broken: dict[str, int], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert code_of([_played(0, 1.0, **broken)], control, monkeypatch) == code


def test_a_control_is_caught_by_its_own_invariant_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    found, other = _played(0, 1.0, **{"executed at most once": 1}), _played(0, 1.0, order=1)

    assert code_of([found], "resend", monkeypatch) == 0
    assert code_of([other], "resend", monkeypatch) == 1


@pytest.mark.parametrize(("broken", "code"), [("executed at most once", 0), ("the episode ends", 1)])
def test_a_trace_is_judged_as_the_rest(broken: str, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "play", lambda *_, **__: _played(0, 1.0, **{broken: 1}).outcome)

    assert main(["--seed", "0", "--trace"]) == 1
    assert main(["--seed", "0", "--trace", "--control", "resend"]) == code


def test_ctrl_c_is_exit_code_130(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted() -> Iterator[Played]:
        yield _played(0, 1.0)
        raise KeyboardInterrupt

    assert code_of(interrupted(), None, monkeypatch) == 130
    assert json.loads(capsys.readouterr().out)["episodes"] == 1


def code_of(all_played: Iterable[Played], control: str | None, monkeypatch: pytest.MonkeyPatch) -> int:
    def play_them(*_arguments: object) -> Iterator[Played]:
        yield from all_played

    monkeypatch.setattr(command, "play_all", play_them)
    return main([] if control is None else ["--control", control])


@pytest.mark.parametrize(("seconds", "is_fast"), [(59.9, True), (60.0, False)])
def test_a_hundred_episodes_have_a_speed(seconds: float, is_fast: bool) -> None:  # noqa: FBT001
    moments = iter((0.0, seconds))
    report = Report(lambda: next(moments))
    for seed in range(100):
        report.add(_played(seed, 1.0))

    assert report.shown(jobs=1)["is_fast_enough"] is is_fast


@pytest.mark.measures
@pytest.mark.timeout(120)
def test_an_episode_is_fast_and_one_that_is_watched_is_not() -> None:
    yardstick = _seconds_of(_count)

    assert _seconds_of(lambda: play(0)) < yardstick
    assert _seconds_of(lambda: Episode(0, Trace()).run()) > yardstick


def _seconds_of(work: Callable[[], object]) -> float:
    """Of the processor, the lesser of two times: the machine may have other things to do."""
    return min(_timed(work) for _ in range(2))


def _timed(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _count() -> int:
    total = 0
    for number in range(YARDSTICK):
        total += number & 3
    return total

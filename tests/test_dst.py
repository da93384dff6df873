"""Covers tests.dst: a few episodes, that a seed replays them, and that broken clients are caught."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.dst.controls import CONTROLS
from tests.dst.episode import Episode, Outcome
from tests.dst.report import Played, Report, play
from tests.virtual_hour import Trace

ROOT = Path(__file__).parents[1]
FEW_SEEDS = range(3)
CONTROL_SEEDS = range(12)
SHORT_SECONDS = 120.0


@pytest.mark.parametrize("seed", FEW_SEEDS)
def test_every_invariant_holds_in_an_episode(seed: int) -> None:
    outcome = play(seed)

    assert outcome.broken == {}, outcome.texts
    assert all(outcome.checked.values())


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
def test_a_broken_client_is_caught(control: str) -> None:
    assert any(play(seed, control).broken for seed in CONTROL_SEEDS)

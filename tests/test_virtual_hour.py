"""The whole tree of run.py lives a virtual hour, and the same seed gives the same hour in any process."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]


def live(seed: int, hash_seed: int, seconds: int = 3600) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.virtual_hour", "--seed", str(seed), "--seconds", str(seconds)]
    # Not measured: it is long, and what it runs is covered by others.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    environment = kept | {"PYTHONHASHSEED": str(hash_seed)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=140)
    lived: dict[str, Any] = json.loads(done.stdout)
    return lived


@pytest.mark.sockets
@pytest.mark.timeout(150)
def test_the_same_seed_gives_the_same_hour_whatever_the_hash_seed() -> None:
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(live, (7, 7), (1, 2))

    assert first == second
    assert first["messages"] > 50_000
    assert first["opened"] >= 1000  # no more are kept
    assert first["ticks"] > 20_000
    assert first["candles"] > 2000
    assert {"Scoreboard", "SampleStrategy"} <= first["handled"].keys()
    assert first["opened"] - 10 <= first["closed"] <= first["opened"]


@pytest.mark.sockets
def test_another_seed_gives_another_trace() -> None:
    assert live(7, 1, seconds=30)["digest"] != live(8, 1, seconds=30)["digest"]

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


def hour(arguments: tuple[int, int]) -> dict[str, Any]:
    seed, hash_seed = arguments
    command = [sys.executable, "-m", "tests.virtual_hour", "--seed", str(seed)]
    environment = os.environ | {"PYTHONHASHSEED": str(hash_seed)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=50)
    lived: dict[str, Any] = json.loads(done.stdout)
    return lived


@pytest.mark.sockets
def test_the_same_seed_gives_the_same_hour_whatever_the_hash_seed() -> None:
    with ThreadPoolExecutor(2) as pool:
        first, second, other = pool.map(hour, [(7, 1), (7, 2), (8, 1)])

    assert first == second
    assert other["digest"] != first["digest"]
    assert first["messages"] > 50_000
    assert first["opened"] > 1000
    assert first["opened"] - 10 <= first["closed"] <= first["opened"]

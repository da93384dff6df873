import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

from simulator.assets import LISTINGS
from simulator.broker import Broker
from tests.simulator.test_pending import BY_TIME
from tests.simulator.world import ASSET, World

PROJECT = Path(__file__).parents[2]


def trace(seed: int) -> str:
    """What a client hears in a minute of life, as a digest."""
    world = World(Broker(seed=seed))
    client, other = world.log_in(), world.log_in(uid="other")
    for symbol in list(LISTINGS)[:6]:
        client.say("subfor", symbol)
        other.say("subfor", symbol)
    for price in (1.0751, 1.075, 1.0749):
        client.say("openPendingOrder", BY_TIME | {"openType": 1, "openPrice": price})
        other.say("openPendingOrder", BY_TIME)
    for _ in range(6):
        client.order("put", 2)
        other.order("call", 3, 7)
        world.let_pass(10)
    client.say("changeSymbol", {"asset": ASSET, "period": 60})
    client.say("loadHistoryPeriod", {"asset": ASSET, "period": 60, "time": 2e9, "index": 1, "offset": 10})
    return hashlib.sha256(repr(client.raw + other.raw).encode()).hexdigest()


def trace_elsewhere(hash_seed: str) -> str:
    code = "from tests.simulator.test_determinism import trace; print(trace(7))"
    environment = os.environ | {"PYTHONHASHSEED": hash_seed}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=PROJECT, env=environment, check=True, capture_output=True, text=True).stdout


def test_the_same_seed_gives_the_same_bytes_in_any_process() -> None:
    assert trace_elsewhere("1") == trace_elsewhere("2") == trace(7) + "\n"


def test_another_seed_gives_other_bytes() -> None:
    assert trace(7) != trace(8)


def test_ticks_are_made_faster_than_anybody_reads_them() -> None:
    world = World(Broker(streams_per_connection=150))
    client = world.log_in()
    for symbol in list(LISTINGS)[:150]:
        client.say("subfor", symbol)
    began = time.process_time()
    frames = len(world.broker.poll(world.now + 40))
    # Over 100 000 a second were measured; the margin is for coverage's tracing and for slow machines.
    assert frames / 2 / (time.process_time() - began) > 10_000

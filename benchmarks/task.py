"""What a contestant is given to do, and how it says what came of it.

Decides how a task goes in (an argument of the command line) and figures come out (the last line of the output), what
of a process's own is measured, and how a load is begun. Does not know which contestants there are.
"""

import math
import resource
import socket
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from benchmarks.load import Plan
from benchmarks.load_server import GO

SSID: Final = '42["auth",{"session":"session-of-nobody-for-benchmarks","isDemo":1,"uid":1,"platform":2}]'

PATIENCE_SECONDS: Final = 60.0
"""Nothing here takes so long, unless it hangs."""

WARM_UP_ORDERS: Final = 50
WARM_UP_DOWNLOADS: Final = 5

CANDLES: Final = 1_000
"""How many candles a download of the past brings."""
COMPILED_SECONDS: Final = 3
"""How long those last that are compiled from ticks: as long as the peer's reach into the past allows."""
FETCHED_SECONDS: Final = 60
"""How long those last that come from the platform as they are."""

Figures = dict[str, float]


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """What to measure, under which load; the last four matter to some kinds only."""

    kind: str
    plan: Plan = Plan()
    port: int = 0
    orders: int = 0
    actors: int = 0
    aggregations: int = 0
    downloads: int = 0

    @property
    def url(self) -> str:
        """Where to connect."""
        return self.plan.url(self.port)


def main(kinds: Mapping[str, Callable[[Task], Figures]]) -> None:
    """Do the task of the command line, and print its figures."""
    task = msgspec.json.decode(sys.argv[1], type=Task)
    print(msgspec.json.encode(kinds[task.kind](task)).decode(), flush=True)


def begin(port: int) -> None:
    """Let the load server stream."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(GO)


def cpu_seconds() -> float:
    """What this process has used so far, all its threads together."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def peak_mebibytes() -> float:
    """The most memory that this process has had so far."""
    # Not ru_maxrss, which counts what the parent had when it forked.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    kibibytes = next(line for line in status.splitlines() if line.startswith("VmHWM:")).split()[1]
    return int(kibibytes) / 1024


def throughput(ticks: int, seconds: float, cpu: float) -> Figures:
    """The figures of a burst."""
    return {"ticks_per_second": ticks / seconds, "cpu_us_per_tick": cpu / ticks * 1e6}


def latencies(seconds: Sequence[float]) -> Figures:
    """The figures of many waits."""
    return {"p50_ms": statistics.median(seconds) * 1e3, "p99_ms": percentile(seconds, 0.99) * 1e3}


def check_candles(count: int) -> None:
    """Raises ValueError where a download has not brought what it should; the first or last may be in the making."""
    if not CANDLES <= count <= CANDLES + 1:
        raise ValueError(f"{count} candles have come, not {CANDLES}")


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that this share of all values does not exceed."""
    return sorted(values)[max(0, math.ceil(len(values) * share) - 1)]

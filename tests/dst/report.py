"""Many episodes, on one process or several, and the figures of all of them together.

Decides what is counted, and what a failure is. Does not know what happens in an episode.
"""

import gc
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

from msgspec import Struct

from tests.dst.controls import CONTROLS
from tests.dst.episode import EPISODE_SECONDS, Episode, Outcome
from tests.dst.life import OnStep

LEAST_SPEED = 1_000
"""So many virtual seconds have to pass in one."""
SPEED_EPISODES = 100
"""With fewer the speed is that of Python's start."""
_CHUNK = 4
"""How many episodes a process takes at once."""


class Played(Struct, frozen=True, kw_only=True):
    """What came of an episode, and what it took (CPU time)."""

    outcome: Outcome
    cpu_seconds: float


def play(
    seed: int, control: str | None = None, seconds: float = EPISODE_SECONDS, trace: OnStep | None = None
) -> Outcome:
    """One episode, of the client as it is or of a broken one. What it raises is a failure like any other."""
    with CONTROLS[control].broken() if control is not None else _nothing(), _no_collection():
        episode = Episode(seed, trace, seconds)
        try:
            return episode.run()
        except Exception as error:  # noqa: BLE001 - reported with its seed
            if episode.life is not None:
                episode.life.abandon()
            return Outcome(
                seed=seed,
                faults=dict(episode.faults),
                checked=dict(episode.verdict.checked),
                broken=dict(episode.verdict.broken) | {"the episode ends": 1},
                texts=(*episode.verdict.texts, f"it raised {type(error).__name__}: {error}"),
                counts={},
                hardships=tuple(hardship.value for hardship in episode.hardships),
            )


def timed(seed: int, control: str | None = None) -> Played:
    """One episode, and what it took; a machine with other work to do as well takes no more CPU time for it."""
    began = time.process_time()
    outcome = play(seed, control)
    return Played(outcome=outcome, cpu_seconds=time.process_time() - began)


def play_all(seeds: Iterable[int], jobs: int, control: str | None = None) -> Generator[Played]:
    """Each of them, in the order of their seeds."""
    one = partial(timed, control=control)
    if jobs == 1:
        _settle()
        yield from map(one, seeds)
        return
    pool = ProcessPoolExecutor(jobs, initializer=_settle)
    try:
        yield from pool.map(one, seeds, chunksize=_CHUNK)
    finally:
        pool.shutdown(cancel_futures=True)


class Report:
    """The figures of the episodes so far."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = clock()
        self.episodes = 0
        self.failures: list[dict[str, Any]] = []
        self._faults: Counter[str] = Counter()
        self._checked: Counter[str] = Counter()
        self._broken: Counter[str] = Counter()
        self._counts: Counter[str] = Counter()
        self._hardships: Counter[str] = Counter()
        self._cpu_seconds: dict[int, float] = {}

    def add(self, played: Played) -> None:
        """Count one more."""
        outcome = played.outcome
        self._cpu_seconds[outcome.seed] = played.cpu_seconds
        self.episodes += 1
        self._faults.update(outcome.faults)
        self._checked.update(outcome.checked)
        self._broken.update(outcome.broken)
        self._counts.update(outcome.counts)
        self._hardships.update(outcome.hardships)
        if outcome.broken:
            self.failures.append({"seed": outcome.seed, "broken": outcome.broken, "such_as": list(outcome.texts)})

    def shown(self, jobs: int) -> dict[str, Any]:
        """All of them, as they are printed."""
        seconds = self._clock() - self._began
        virtual = self.episodes * EPISODE_SECONDS
        speed = virtual / seconds
        cpu = self._cpu_seconds
        slowest = max(cpu, key=cpu.__getitem__, default=None)
        return {
            "episodes": self.episodes,
            "green": self.episodes - len(self.failures),
            "faults": dict(sorted(self._faults.items())),
            "hardships": dict(sorted(self._hardships.items())),
            "counts": dict(sorted(self._counts.items())),
            "invariants_checked": dict(sorted(self._checked.items())),
            "invariants_broken": dict(sorted(self._broken.items())),
            "failures": self.failures,
            "seconds": round(seconds, 1),
            "jobs": jobs,
            "slowest": None if slowest is None else {"seed": slowest, "cpu_seconds": round(cpu[slowest], 2)},
            "virtual_seconds_per_second": round(speed),
            "virtual_seconds_per_cpu_second": round(virtual / (sum(cpu.values()) or 1.0)),
            "is_fast_enough": speed > LEAST_SPEED if self.episodes >= SPEED_EPISODES else None,
        }


@contextmanager
def _nothing() -> Iterator[None]:
    yield


def _settle() -> None:
    """What is there before the first episode stays: no collection has to look through it."""
    gc.collect()
    gc.freeze()


@contextmanager
def _no_collection() -> Iterator[None]:
    """An episode is one heap of garbage at its end: looking for some in the middle is in vain."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()

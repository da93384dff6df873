"""A sweep: the same strategy with many parameters, and what of the best is more than luck.

Theory of operation. Trials are taken from a study, run, and ended there, until so many have ended; who takes part and
who died meanwhile does not matter. The same parameters are run once. Where the time is split, trials see what is before
the split and nothing else; the best are then run on what is after it, which no choice was made by.

Decides which trials are run on what, and which are the best. Does not know how a trial is run (``workers``), how it is
kept (``study``), nor how the result is told.
"""

from array import array
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing
from hashlib import sha256
from math import inf, nextafter
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct
from msgspec.structs import asdict

from actors.strategies.market_model import MarketSettings
from actors.strategies.strategy import Strategy
from messages.errors import ExtraMissing, UsageError
from optionbus.backtest.experiment import Experiment, Recipe, Span
from optionbus.backtest.ranges import Chosen, Tried, combinations, parse_ranges, written
from optionbus.backtest.score import LEAST_TRADES, Luck, Objective, Score, failed, luck
from optionbus.backtest.workers import Here, Lost, Runner, Workers
from optionbus.data.source import TickSource
from supervisor.tree import name_of

if TYPE_CHECKING:
    from optionbus.backtest.study import Study, Trial

DEFAULT_STORAGE: Final = "sweeps.journal"
DEFAULT_TRIALS: Final = 100
DEFAULT_BEST: Final = 5

_WAIT_SECONDS: Final = 0.5


class SweepProgress(Struct, frozen=True):
    """How far a sweep has come: trials that have ended, of how many, and the best worth so far."""

    ended: int
    trials: int
    worth: float | None


class Candidate(Struct, frozen=True, kw_only=True):
    """One of the best; ``validated`` is what came of it after the split."""

    number: int
    parameters: dict[str, Tried]
    score: Score
    validated: Score | None = None


class SweepResult(Struct, frozen=True, kw_only=True):
    """What came of a sweep. ``looked_at`` are the combinations of parameters that the best was chosen from."""

    name: str
    strategy: str
    source: str
    ranges: dict[str, str]
    objective: Objective
    least_trades: int
    begin: float
    end: float
    validate_from: float | None
    trials: int
    looked_at: int
    repeated: int
    """Trials that drew parameters that another had."""
    unjudged: int
    failed: int
    elsewhere: int
    """Trials that others still run."""
    reasons: dict[str, int]
    """Why trials have no worth, the most frequent first."""
    best: tuple[Candidate, ...]
    luck: Luck | None
    is_stopped: bool = False
    """Whether it was ended before its time."""


class Sweep:
    """Trials of one strategy. Times are UTC seconds; None: as far as the source goes.

    Args:
        strategy: What it was configured with stays, but for what is swept.
        source: The prices.
        ranges: What is tried of each parameter, such as ``{"length": "5..50", "mode": "a|b"}``.
        market: What is traded on.
        begin: Of what trials are played on.
        end: Of what is played on at all, not included.
        validate_from: Where the time is split: trials see what is before.
        storage: A file that several machines may share, or the URL of a database.
        name: Of the sweep in the storage; else made of what it is.
        seed: Of what is drawn at random.
        jobs: How many processes run trials; with one it is this one.
        objective: What makes one trial better than another.
        least_trades: With fewer trades a trial is not judged.
        is_grid: Whether all combinations are tried in their order.

    Raises:
        ExtraMissing: Optuna is not installed.
        UsageError: There is no such parameter, a range is empty, or the times do not fit the prices.
    """

    def __init__(
        self,
        strategy: type[Strategy],
        source: TickSource,
        ranges: Mapping[str, str],
        *,
        market: MarketSettings | None = None,
        begin: float | None = None,
        end: float | None = None,
        validate_from: float | None = None,
        storage: str = DEFAULT_STORAGE,
        name: str | None = None,
        seed: int = 0,
        jobs: int = 1,
        objective: Objective = Objective.PROFIT_LOW,
        least_trades: int = LEAST_TRADES,
        is_grid: bool = False,
    ) -> None:
        _require_extra()
        if jobs < 1:
            raise UsageError("A sweep has one job or more.")
        self._recipe = Recipe.of(strategy)
        self._ranges = parse_ranges(strategy.Params, ranges)
        self._grid = combinations(self._ranges) if is_grid else ()
        self._experiment = Experiment(
            recipe=self._recipe,
            source=source,
            market=market,
            seed=seed,
            objective=objective,
            least_trades=least_trades,
        )
        self._jobs, self._storage, self._seed = jobs, storage, seed
        self._prices = _survey(source, begin, end, validate_from)
        self._begin, self._split = begin, validate_from
        self._end = nextafter(self._prices.end, inf) if end is None else end
        self._identity = self._described(strategy)
        self.name = name or f"{name_of(strategy)}-{_digest(self._identity)}"

    def run(
        self,
        trials: int | None = None,
        *,
        best: int = DEFAULT_BEST,
        progress: Callable[[SweepProgress], None] = lambda _progress: None,
        is_stopped: Callable[[], bool] = lambda: False,
    ) -> SweepResult:
        """Go on until so many trials have ended, those of earlier runs and other machines counted in.

        Args:
            trials: How many; else ``DEFAULT_TRIALS``, or the whole grid.
            best: How many of the best are in the result.
            progress: Told how far it has come.
            is_stopped: Asked now and then whether to end early.

        Raises:
            SystemFailed: no process can run trials, or the storage is gone.
            UsageError: the storage cannot be used, or holds another sweep under that name.
        """
        from optionbus.backtest.study import Study, storage_failures  # noqa: PLC0415 - an extra

        study = Study(self._storage, self.name, self._identity, self._ranges, seed=self._seed)
        with storage_failures(self._storage):
            return self._go_on(study, trials, best, progress, is_stopped)

    def _go_on(
        self,
        study: "Study",
        trials: int | None,
        best: int,
        progress: Callable[[SweepProgress], None],
        is_stopped: Callable[[], bool],
    ) -> SweepResult:
        study.queue(self._grid)
        wanted = trials or len(self._grid) or DEFAULT_TRIALS
        wanted = min(wanted, len(self._grid) or wanted)
        stop = _Stop(study, is_stopped)
        runner: Runner = (
            Here(self._experiment, stop.check) if self._jobs == 1 else Workers(self._experiment, self._jobs)
        )
        validated: dict[int, Score] = {}
        is_cut = False
        with closing(runner):
            try:
                self._search(study, runner, wanted, progress, stop)
                if self._split is not None:
                    validated = self._validate(_ranked(study.ended())[:best], runner, stop)
            except Stopped:
                is_cut = True
            finally:
                study.give_back_all()
        return self._result(study, best, validated, is_cut=is_cut)

    def _search(
        self,
        study: "Study",
        runner: Runner,
        wanted: int,
        progress: Callable[[SweepProgress], None],
        stop: "_Stop",
    ) -> None:
        """Run trials until there are enough."""
        span, running = Span(self._begin, self._end if self._split is None else self._split), 0
        while True:
            stop.check()
            study.give_back_lost()
            while runner.has_room and study.count(is_distinct=bool(self._grid)) < wanted:
                stop.check()
                number, chosen = study.take()
                known = study.known(chosen)
                if known is not None:
                    study.finish(number, known)
                    continue
                runner.start(number, chosen, span)
                running += 1
            progress(_progress(study, wanted))
            if not running:
                return
            for number, came in runner.wait(_WAIT_SECONDS):
                running -= 1
                if isinstance(came, Lost):
                    study.give_back(number, is_blamed=True)
                else:
                    study.finish(number, came)

    def _validate(self, best: "list[Trial]", runner: Runner, stop: "_Stop") -> dict[int, Score]:
        """Run the best on what none of them was chosen by."""
        waiting, found, running = list(best), dict[int, Score](), 0
        while waiting or running:
            stop.check()
            while waiting and runner.has_room:
                trial = waiting.pop(0)
                runner.start(trial.number, trial.chosen, Span(self._split, self._end))
                running += 1
            for number, came in runner.wait(_WAIT_SECONDS):
                running -= 1
                found[number] = failed("its process died") if isinstance(came, Lost) else came
        return found

    def _result(self, study: "Study", best: int, validated: Mapping[int, Score], *, is_cut: bool) -> SweepResult:
        ended = study.ended()
        ranked = _ranked(ended)
        judged = sum(trial.score.worth is not None for trial in ended)
        reasons = Counter(trial.score.reason for trial in ended if trial.score.worth is None)
        return SweepResult(
            name=self.name,
            strategy=self._identity["strategy"],
            source=self._experiment.source.name,
            ranges={each.name: str(each) for each in self._ranges},
            objective=self._experiment.objective,
            least_trades=self._experiment.least_trades,
            begin=self._prices.begin,
            end=self._prices.end,
            validate_from=self._split,
            trials=len(ended),
            looked_at=len(ranked),
            repeated=judged - len(ranked),
            unjudged=sum(trial.score.worth is None and not trial.score.has_failed for trial in ended),
            failed=sum(trial.score.has_failed for trial in ended),
            elsewhere=study.elsewhere,
            reasons=dict(reasons.most_common()),
            best=tuple(
                Candidate(
                    number=trial.number,
                    parameters=trial.chosen,
                    score=trial.score,
                    validated=validated.get(trial.number),
                )
                for trial in ranked[:best]
            ),
            luck=luck(ranked[0].score, len(ranked)) if ranked else None,
            is_stopped=is_cut,
        )

    def _described(self, strategy: type[Strategy]) -> dict[str, str]:
        """What may not differ between those who share a sweep."""
        base, experiment = self._recipe.base, self._experiment
        params = {} if strategy.params is None else asdict(strategy.params)
        swept = {each.name for each in self._ranges}
        kept = {name: value for name, value in sorted(params.items()) if name not in swept}
        return {
            "strategy": f"{base.__module__}:{base.__qualname__}",
            "parameters": _plain({"assets": strategy.assets, "period_seconds": strategy.period_seconds, **kept}),
            "ranges": ", ".join(f"{each.name}={each}" for each in self._ranges),
            "prices": self._prices.digest,
            "split": str(self._split),
            "market": _plain(experiment.market or MarketSettings()),
            "objective": f"{experiment.objective.value} of {experiment.least_trades} trades",
            "seed": str(self._seed),
            "order": "grid" if self._grid else "estimated",
        }


class Stopped(Exception):
    """The sweep is to end before its time."""


class _Stop:
    """Leaves signs of life, and raises Stopped when it is time."""

    def __init__(self, study: "Study", is_stopped: Callable[[], bool]) -> None:
        self._study, self._is_stopped = study, is_stopped

    def check(self) -> None:
        """To be called every second or so."""
        if self._is_stopped():
            raise Stopped
        self._study.sign()


class _Prices(Struct, frozen=True):
    """What is played: from when to when, and what tells it from others."""

    begin: float
    end: float
    digest: str


def _survey(source: TickSource, begin: float | None, end: float | None, split: float | None) -> _Prices:
    """Look through all prices once."""
    digest, first, last = sha256(repr(source.symbols).encode()), None, 0.0
    for batch in source.batches(begin, end):
        first, last = batch[0].time if first is None else first, batch[-1].time
        digest.update(array("d", (value for tick in batch for value in (tick.time, tick.price))).tobytes())
        if len(source.symbols) > 1:
            digest.update(" ".join(tick.symbol for tick in batch).encode())
    if first is None:
        raise UsageError("There are no ticks in that time. Look at --from and --to, and at the data.")
    if split is not None and not first < split <= last:
        raise UsageError(f"There are no prices on both sides of the split: they go from {first:.0f} to {last:.0f}.")
    return _Prices(first, last, digest.hexdigest()[:16])


def _ranked(ended: "tuple[Trial, ...]") -> "list[Trial]":
    """One trial for each combination that has a worth, the best first."""
    found: dict[tuple[tuple[str, Tried], ...], Trial] = {}
    for trial in ended:
        if trial.score.worth is not None:
            found.setdefault(tuple(sorted(trial.chosen.items())), trial)
    return sorted(found.values(), key=lambda trial: (-(trial.score.worth or 0.0), trial.number))


def _progress(study: "Study", wanted: int) -> SweepProgress:
    ended = study.ended()
    worths = [trial.score.worth for trial in ended if trial.score.worth is not None]
    return SweepProgress(len(ended), wanted, max(worths, default=None))


def _digest(identity: Mapping[str, str]) -> str:
    return sha256(repr(sorted(identity.items())).encode()).hexdigest()[:8]


def _plain(value: object) -> str:
    return msgspec.json.encode(value, enc_hook=str, order="deterministic").decode()


def _require_extra() -> None:
    try:
        import optuna  # noqa: F401, PLC0415 - an extra
    except ImportError:
        raise ExtraMissing("A sweep", "research") from None


def as_words(chosen: Chosen) -> str:
    """What was chosen, as it would be said on the command line."""
    return ", ".join(f"{name}={written(value)}" for name, value in chosen.items())

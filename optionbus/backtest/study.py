"""The trials of a sweep in a storage that processes and machines share.

Theory of operation. A trial is taken (running), and ends as one that has a worth (complete), one that cannot be judged
(pruned) or one that failed. Whoever takes trials leaves a sign of life beside them now and then. A trial whose taker is
gone is given back: it is put into the queue again with the same parameters, and what was left of it fails. That is
harmless where the taker lives after all: a run is deterministic, and the second end of a trial is passed over.

What is drawn for a trial depends on the seed, on which trial it is and on those before it, and on nothing that a
process remembers: a sweep that was interrupted goes on as if it had not been. A trial that was given back stays the
trial it was.

Decides what is kept of a trial, and who may take one. Does not know how one is run.
"""

import json
import os
import platform
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any, Final

import msgspec
import optuna
from msgspec import Struct
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler, TPESampler
from optuna.storages import BaseStorage, JournalStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend, JournalFileSymlinkLock
from optuna.trial import FrozenTrial, TrialState

from messages.errors import SystemFailed, UsageError
from optionbus.backtest.ranges import Choice, Chosen, Range, Tried, Whole
from optionbus.backtest.score import Score, failed

SIGN_SECONDS: Final = 20.0
LOST_SECONDS: Final = 120.0
"""How long nothing may be heard of whoever has taken a trial. The clocks of all machines agree better than that."""
MOST_ATTEMPTS: Final = 3
"""How often the processes that run a trial may die."""

_SWEEP, _SCORE, _OWNER, _ORDINAL, _RETRIED, _ATTEMPT, _ALIVE = (
    "sweep",
    "score",
    "owner",
    "ordinal",
    "retry of",
    "attempt",
    "alive ",
)


class Trial(Struct, frozen=True, kw_only=True):
    """A trial that has ended."""

    number: int
    chosen: dict[str, Tried]
    score: Score


class Study:
    """The trials of one sweep. ``identity`` is what may not differ between those who share it.

    Raises:
        UsageError: the storage cannot be used, or holds another sweep under that name.
    """

    def __init__(
        self,
        storage: str,
        name: str,
        identity: Mapping[str, str],
        ranges: Sequence[Range],
        *,
        seed: int = 0,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.name, self._ranges, self._now = name, tuple(ranges), now
        self._owner = f"{platform.node()}:{os.getpid()}:{os.urandom(4).hex()}"
        self._taken: dict[int, optuna.Trial] = {}
        self._first_seen: dict[int, float] = {}
        self._signed = -SIGN_SECONDS
        self._study = _opened(storage, name, _Sampler(seed))
        self._check(identity, storage)

    def _check(self, identity: Mapping[str, str], storage: str) -> None:
        there = self._study.user_attrs.get(_SWEEP)
        if there is None:
            self._study.set_user_attr(_SWEEP, dict(identity))
            return
        for key in {**there, **identity}:
            if there.get(key) != identity.get(key):
                raise UsageError(
                    f"{shown(storage)} holds a sweep {self.name!r} with another {key}: there {there.get(key)}, here "
                    f"{identity.get(key)}. Choose another name, or leave the name out."
                )

    # Taking trials, and what becomes of them.

    def queue(self, wanted: Sequence[Chosen]) -> None:
        """Put into the queue what was neither tried nor waits for it."""
        known = {_asked(trial) for trial in self._trials()}
        for chosen in wanted:
            if _key(chosen) not in known:
                self._study.enqueue_trial(dict(chosen))

    def take(self) -> tuple[int, Chosen]:
        """A trial that nobody else has."""
        trial = self._study.ask()
        trial.set_user_attr(_OWNER, self._owner)
        self._taken[trial.number] = trial
        return trial.number, {each.name: _suggested(trial, each) for each in self._ranges}

    def finish(self, number: int, score: Score) -> None:
        """What came of a trial that was taken."""
        trial = self._taken.pop(number)
        try:
            trial.set_user_attr(_SCORE, msgspec.to_builtins(score))
        except optuna.exceptions.UpdateFinishedTrialError:  # somebody took us for dead
            return
        ended = TrialState.FAIL if score.has_failed else TrialState.PRUNED
        state = TrialState.COMPLETE if score.worth is not None else ended
        self._study.tell(number, score.worth, state=state, skip_if_finished=True)

    def give_back(self, number: int, *, is_blamed: bool) -> None:
        """Let it be tried again, by anybody. ``is_blamed``: it may be what its process died of."""
        trials = self._trials()
        trial = trials[number]
        attempt = trial.user_attrs.get(_ATTEMPT, 1) + is_blamed
        if attempt > MOST_ATTEMPTS and number in self._taken:
            self.finish(number, failed(f"its process died {MOST_ATTEMPTS} times"))
            return
        if attempt <= MOST_ATTEMPTS and number not in _retried(trials):
            ordinal = _ordinal(trial, trials)
            attributes = {_RETRIED: number, _ATTEMPT: attempt, _ORDINAL: ordinal}
            self._study.enqueue_trial(trial.params, user_attrs=attributes)
        self._taken.pop(number, None)
        self._study.tell(number, state=TrialState.FAIL, skip_if_finished=True)

    def give_back_all(self) -> None:
        """Let go of all that was taken and has not ended."""
        for number in tuple(self._taken):
            self.give_back(number, is_blamed=False)

    def give_back_lost(self) -> None:
        """Take what others have left behind when they died."""
        signs = self._study.user_attrs
        for trial in self._trials():
            if trial.state is TrialState.RUNNING and trial.number not in self._taken and self._is_lost(trial, signs):
                self.give_back(trial.number, is_blamed=True)

    def sign(self) -> None:
        """Leave a sign of life, if it is time."""
        now = self._now()
        if abs(now - self._signed) >= SIGN_SECONDS:
            self._signed = now
            self._study.set_user_attr(_ALIVE + self._owner, now)

    def _is_lost(self, trial: FrozenTrial, signs: Mapping[str, Any]) -> bool:
        owner = str(trial.user_attrs.get(_OWNER, ""))
        node, _, rest = owner.rpartition(":")[0].rpartition(":")
        if node == platform.node() and rest.isdigit() and not _is_alive(int(rest)):
            return True
        seen = signs.get(_ALIVE + owner)
        if seen is None:  # it has only just been taken, or never came further
            seen = self._first_seen.setdefault(trial.number, self._now())
        return self._now() - float(seen) > LOST_SECONDS

    # What there is.

    def count(self, *, is_distinct: bool = False) -> int:
        """How many have ended or are being run, here or elsewhere; those with the same parameters once, if so asked."""
        trials = self._trials()
        again = _retried(trials)
        counted = [each for each in trials if each.state is not TrialState.WAITING and each.number not in again]
        return len({_asked(each) for each in counted}) if is_distinct else len(counted)

    @property
    def elsewhere(self) -> int:
        """How many are being run by others."""
        running = [trial for trial in self._trials() if trial.state is TrialState.RUNNING]
        return len(running) - len(self._taken)

    def ended(self) -> tuple[Trial, ...]:
        """The trials that have ended, in their order."""
        return tuple(_read(trial) for trial in self._ended())

    def known(self, chosen: Chosen) -> Score | None:
        """What came of the same parameters in another trial."""
        wanted = _key(chosen)
        same = (trial for trial in self._ended() if trial.state is not TrialState.FAIL and _key(trial.params) == wanted)
        return next((_read(trial).score for trial in same), None)

    def _ended(self) -> list[FrozenTrial]:
        trials = self._trials()
        again = _retried(trials)
        return [trial for trial in trials if trial.state.is_finished() and trial.number not in again]

    def _trials(self) -> list[FrozenTrial]:
        return self._study.get_trials(deepcopy=False)


class _Sampler(BaseSampler):
    """Estimates where to try next, anew for each trial."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._number = -1
        self._inner: BaseSampler = TPESampler()

    def infer_relative_search_space(
        self,
        study: optuna.Study,  # noqa: ARG002 - optuna's
        trial: FrozenTrial,  # noqa: ARG002
    ) -> dict[str, BaseDistribution]:
        """Each parameter is drawn by itself."""
        return {}

    def sample_relative(
        self,
        study: optuna.Study,  # noqa: ARG002
        trial: FrozenTrial,  # noqa: ARG002
        search_space: dict[str, BaseDistribution],  # noqa: ARG002
    ) -> dict[str, Any]:
        """There is none."""
        return {}

    def sample_independent(
        self, study: optuna.Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:  # noqa: ANN401 - optuna's
        """The value of a parameter."""
        if trial.number != self._number:
            self._number = trial.number
            ordinal = _ordinal(trial, study.get_trials(deepcopy=False))
            self._inner = TPESampler(seed=Random(f"{self._seed}:{ordinal}").getrandbits(32), constant_liar=True)
        return self._inner.sample_independent(study, trial, param_name, param_distribution)


def shown(storage: str) -> str:
    """A storage as it may be shown: without the password."""
    scheme, there, rest = storage.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2].partition('?')[0]}" if there else storage


@contextmanager
def storage_failures(storage: str) -> Iterator[None]:
    """Whatever becomes of a storage while it is used is a SystemFailed."""
    try:
        yield
    except (optuna.exceptions.OptunaError, OSError, json.JSONDecodeError) as error:
        problem = f"{shown(storage)} cannot be used any more: {error}".replace(storage, shown(storage))
    else:
        return
    raise SystemFailed(f"{problem}. What has ended is kept there; the same sweep goes on from it.")


def _opened(storage: str, name: str, sampler: BaseSampler) -> optuna.Study:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        return optuna.create_study(
            storage=_storage(storage), study_name=name, sampler=sampler, direction="maximize", load_if_exists=True
        )
    except ImportError as error:
        problem = f"{error}. Install the driver of that database"
    except Exception as error:  # noqa: BLE001 - of whatever database it is
        problem = f"{type(error).__name__}: {error}".replace(storage, shown(storage)).splitlines()[0].rstrip(".")
    raise UsageError(f"{shown(storage)} cannot be used as a storage: {problem}.")


def _storage(place: str) -> BaseStorage:
    if "://" in place:
        return RDBStorage(place)
    return JournalStorage(JournalFileBackend(place, lock_obj=_MendingLock(place)))


class _MendingLock(JournalFileSymlinkLock):
    """The right to write to a journal, whose last line is whole then: who died while writing may have cut it short."""

    def __init__(self, place: str) -> None:
        super().__init__(place)
        self._place = place

    def acquire(self) -> bool:
        """Wait for it."""
        is_ours = super().acquire()
        try:
            self._mend()
        except BaseException:
            self.release()
            raise
        return is_ours

    def _mend(self) -> None:
        with Path(self._place).open("r+b") as file:
            if not file.seek(0, os.SEEK_END):
                return
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                file.seek(0)
                file.truncate(file.read().rfind(b"\n") + 1)


def _suggested(trial: optuna.Trial, each: Range) -> Tried:
    if isinstance(each, Choice):
        return str(trial.suggest_categorical(each.name, each.options))
    if isinstance(each, Whole):
        return trial.suggest_int(each.name, each.low, each.high, step=each.step)
    return trial.suggest_float(each.name, each.low, each.high, step=each.step)


def _read(trial: FrozenTrial) -> Trial:
    kept = trial.user_attrs.get(_SCORE)
    score = failed("its process died") if kept is None else msgspec.convert(kept, Score)
    return Trial(number=trial.number, chosen=trial.params, score=score)


def _retried(trials: Sequence[FrozenTrial]) -> set[int]:
    """The numbers of those that are tried again."""
    return {trial.user_attrs[_RETRIED] for trial in trials if _RETRIED in trial.user_attrs}


def _ordinal(trial: FrozenTrial, trials: Sequence[FrozenTrial]) -> int:
    """Which trial it is, where those that are tried again count once."""
    again = sum(_RETRIED in each.user_attrs and each.number < trial.number for each in trials)
    return int(trial.user_attrs.get(_ORDINAL, trial.number - again))


def _asked(trial: FrozenTrial) -> tuple[tuple[str, Tried], ...]:
    """What it was put into the queue with, or else what was drawn for it so far."""
    return _key(trial.system_attrs.get("fixed_params") or trial.params)


def _key(chosen: Chosen) -> tuple[tuple[str, Tried], ...]:
    return tuple(sorted(chosen.items()))


def _is_alive(process: int) -> bool:
    """Whether another process on this machine is there."""
    if process == os.getpid():
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True

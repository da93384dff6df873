"""Covers optionbus.backtest.sweep, study, experiment and workers."""

import os
import pickle
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from messages.errors import ExtraMissing, SystemFailed, UsageError
from messages.market import Tick
from optionbus import MarketSettings, Strategy
from optionbus.backtest.engine import Backtest
from optionbus.backtest.score import Objective, Score
from optionbus.backtest.source import SimulatedSource
from optionbus.backtest.sweep import Sweep, SweepProgress
from optionbus.data.data_file import read_data
from optionbus.data.writing import write_ticks
from tests.optionbus.backtest.made_up import BEGIN, POUND, MadeUp
from tests.optionbus.backtest.swept import DiesOfTwenty, DiesOnce, Fails, Swept

pytest.importorskip("optuna")

from optionbus.backtest.study import LOST_SECONDS, SIGN_SECONDS, Study, Trial, shown

ROOT = Path(__file__).parents[3]
SECONDS = 400
PRICES = (1.0, 1.1, 1.2, 1.1, 1.3, 1.0, 1.25)
RANGES = {"every": "2..40"}


@pytest.fixture
def storage(tmp_path: Path) -> str:
    return str(tmp_path / "sweeps.journal")


@pytest.fixture(autouse=True)
def _no_runs() -> None:
    Swept.runs.clear()


def sweep(kind: type[Strategy], storage: str, ranges: dict[str, str] | None = None, **options: Any) -> Sweep:
    source = options.pop("source", None) or MadeUp(SECONDS, PRICES)
    settings: dict[str, Any] = {"storage": storage, "least_trades": 5, **options}
    return Sweep(kind, source, ranges or RANGES, **settings)


def trials(swept: Sweep) -> list[tuple[dict[str, Any], Score]]:
    """What was tried, in the order in which it was first taken."""
    study = Study(swept._storage, swept.name, swept._identity, swept._ranges)
    return [(trial.chosen, trial.score) for trial in study.ended()]


def marked(kind: type[Strategy], folder: Path) -> type[Strategy]:
    return kind.configured(params=Swept.Params(markers=str(folder)))


# One job.


def test_the_best_are_those_of_the_highest_worth(storage: str) -> None:
    swept = sweep(Swept, storage)

    result = swept.run(12, best=3)

    worths = sorted({score.worth for _chosen, score in trials(swept) if score.worth is not None}, reverse=True)
    assert result.trials == 12
    assert result.best[0].score.worth == worths[0]
    assert [each.score.worth for each in result.best] == sorted((b.score.worth or 0 for b in result.best), reverse=True)


def test_the_score_of_a_trial_is_that_of_its_backtest(storage: str) -> None:
    best = sweep(Swept, storage).run(6).best[0]

    kind = Swept.configured(params=Swept.Params(every=int(best.parameters["every"])))
    run = Backtest([kind], MadeUp(SECONDS, PRICES)).run()

    assert best.score.trades == len(run.trades)
    assert Decimal(best.score.net_profit) == sum(trade.profit for trade in run.trades)


def test_the_same_seed_gives_the_same_sweep(tmp_path: Path) -> None:
    swept = [sweep(Swept, str(tmp_path / name), {"every": "2..400", "part": "0.1..0.9"}, seed=5) for name in "ab"]

    results = [each.run(14) for each in swept]

    assert results[0] == results[1]
    assert trials(swept[0]) == trials(swept[1])


def test_another_seed_tries_something_else(tmp_path: Path) -> None:
    swept = [sweep(Swept, str(tmp_path / str(seed)), {"every": "2..400"}, seed=seed) for seed in (1, 2)]

    for each in swept:
        each.run(5)

    assert trials(swept[0]) != trials(swept[1])


def test_the_same_parameters_are_run_once(storage: str) -> None:
    result = sweep(Swept, storage, {"every": "4..6"}).run(9)

    assert sorted(Swept.runs) == sorted(set(Swept.runs))
    assert (result.trials, result.looked_at, result.repeated) == (9, len(Swept.runs), 9 - len(Swept.runs))


def test_a_grid_tries_every_combination_once(storage: str) -> None:
    swept = sweep(Swept, storage, {"every": "4..10:2", "side": "call|put"}, is_grid=True)

    result = swept.run()

    assert result.trials == result.looked_at == 8
    assert {tuple(chosen.values()) for chosen, _score in trials(swept)} == {
        (every, side) for every in (4, 6, 8, 10) for side in ("call", "put")
    }


def test_a_grid_has_no_more_trials_than_combinations(storage: str) -> None:
    assert sweep(Swept, storage, {"every": "4..6"}, is_grid=True).run(2).trials == 2
    assert sweep(Swept, storage, {"every": "4..6"}, is_grid=True).run(50).trials == 3


def test_what_is_not_swept_stays_as_configured(storage: str) -> None:
    configured = Swept.configured(params=Swept.Params(side="put", seconds=3), name="Mine")

    result = sweep(configured, storage, {"every": "10..10"}).run(1)

    run = Backtest([configured], MadeUp(SECONDS, PRICES)).run()
    assert Decimal(result.best[0].score.net_profit) == sum(trade.profit for trade in run.trades)
    assert result.name.startswith("Mine-")


def test_parameters_that_do_not_go_together_are_not_judged(storage: str) -> None:
    result = sweep(Swept, storage, {"every": "12..14"}, is_grid=True).run()

    assert result.unjudged == 1
    assert "13 is unlucky" in next(iter(result.reasons))


def test_a_trial_with_too_few_trades_is_not_judged(storage: str) -> None:
    result = sweep(Swept, storage, {"every": "10|300"}, is_grid=True, least_trades=5).run()

    assert result.reasons == {"1 trades, fewer than 5": 1}
    assert [each.parameters for each in result.best] == [{"every": "10"}]


def test_a_strategy_that_fails_fails_its_trial_alone(storage: str) -> None:
    result = sweep(Fails, storage, {"every": "19..21"}, is_grid=True).run()

    assert (result.failed, result.looked_at) == (1, 2)
    assert "it cannot do that" in next(iter(result.reasons))


def test_no_trial_without_worth_is_among_the_best(storage: str) -> None:
    result = sweep(Swept, storage, {"every": "300..302"}).run(3)

    assert (result.best, result.luck, result.unjudged) == ((), None, 3)


# The split.


class Watched(MadeUp):
    """Remembers which prices were asked for."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds, PRICES)
        self.asked: list[tuple[float, float]] = []

    def batches(self, begin: float | None = None, end: float | None = None) -> Iterator[tuple[Tick, ...]]:
        for batch in super().batches(begin, end):
            self.asked.append((batch[0].time, batch[-1].time))
            yield batch


def test_no_trial_sees_what_is_after_the_split(storage: str) -> None:
    source, split = Watched(SECONDS), BEGIN + 250
    swept = sweep(Swept, storage, source=source, validate_from=split)
    source.asked.clear()

    swept.run(5, best=0)

    assert max(last for _first, last in source.asked) < split


def test_the_best_are_run_on_the_rest_after_the_split(storage: str) -> None:
    split = BEGIN + 250

    best = sweep(Swept, storage, validate_from=split).run(6, best=2).best

    kind = Swept.configured(params=Swept.Params(every=int(best[0].parameters["every"])))
    rest = Backtest([kind], MadeUp(SECONDS, PRICES), begin=split).run()
    assert len(best) == 2
    assert best[0].validated is not None
    assert best[0].validated.trades == len(rest.trades)
    assert best[0].score.trades != best[0].validated.trades


def test_the_simulated_market_ends_where_trials_were_told_of(storage: str) -> None:
    begin = 1_700_000_000.0
    source = SimulatedSource(7, ["EURUSD_otc"])
    swept = sweep(Swept, storage, source=source, begin=begin, end=begin + 600, validate_from=begin + 300)

    validated = swept.run(1, best=1).best[0].validated

    assert validated is not None
    assert validated.trades <= 300


def test_a_split_beside_the_prices_is_refused(storage: str) -> None:
    with pytest.raises(UsageError, match="both sides of the split"):
        sweep(Swept, storage, validate_from=BEGIN + SECONDS)


# Going on.


def test_a_sweep_goes_on_where_it_stopped(storage: str) -> None:
    sweep(Swept, storage).run(4)
    before = list(Swept.runs)

    result = sweep(Swept, storage).run(8)

    assert result.trials == 8
    assert len(Swept.runs) <= 8
    assert Swept.runs[: len(before)] == before


def test_a_stopped_sweep_goes_on_as_if_it_had_not_been(tmp_path: Path) -> None:
    whole, cut = sweep(Swept, str(tmp_path / "whole")), sweep(Swept, str(tmp_path / "cut"))
    whole.run(14)
    asked = iter(range(1000))

    stopped = cut.run(14, is_stopped=lambda: next(asked) > 8)
    finished = cut.run(14)

    assert stopped.is_stopped
    assert 0 < stopped.trials < 14
    assert not finished.is_stopped
    assert sorted(map(repr, trials(cut))) == sorted(map(repr, trials(whole)))


def test_a_trial_that_is_cut_short_is_tried_again(storage: str) -> None:
    asked = iter(range(1000))
    source = MadeUp(20_000, PRICES)

    stopped = sweep(Swept, storage, source=source).run(1, is_stopped=lambda: next(asked) > 2)

    assert (stopped.is_stopped, stopped.trials) == (True, 0)
    assert sweep(Swept, storage, source=source).run(1).trials == 1
    assert len(Swept.runs) == 2
    assert len(set(Swept.runs)) == 1


@pytest.mark.sockets
def test_a_killed_process_leaves_nothing_but_what_is_tried_again(tmp_path: Path) -> None:
    storage, program = str(tmp_path / "cut"), tmp_path / "program.py"
    program.write_text(
        "from tests.optionbus.backtest.test_sweep import marked, sweep, DiesOnce, Path\n"
        f"sweep(marked(DiesOnce, Path({str(tmp_path)!r})), {storage!r}).run(6)\n"
    )

    ended = subprocess.run([sys.executable, program], cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, check=False)
    result = sweep(marked(DiesOnce, tmp_path), storage).run(6)

    assert ended.returncode == -signal.SIGKILL
    assert (result.trials, result.failed, result.elsewhere) == (6, 0, 0)
    whole = sweep(Swept, str(tmp_path / "whole"))
    whole.run(6)
    swept = sweep(marked(DiesOnce, tmp_path), storage)
    assert sorted(map(repr, trials(swept))) == sorted(map(repr, trials(whole)))


@pytest.mark.parametrize(
    ("other", "what"),
    [
        ({"kind": Fails}, "strategy"),
        ({"source": MadeUp(SECONDS, (1.0, 2.0))}, "prices"),
        ({"end": BEGIN + 200}, "prices"),
        ({"ranges": {"every": "2..41"}}, "ranges"),
        ({"validate_from": BEGIN + 200}, "split"),
        ({"market": MarketSettings(payout_percent=80)}, "market"),
        ({"objective": Objective.PROFIT}, "objective"),
        ({"seed": 9}, "seed"),
        ({"kind": Swept.configured(params=Swept.Params(side="put"))}, "parameters"),
    ],
)
def test_another_sweep_under_the_name_is_refused(storage: str, other: dict[str, Any], what: str) -> None:
    sweep(Swept, storage, name="mine").run(1)
    kind = other.pop("kind", Swept)

    with pytest.raises(UsageError, match=f"another {what}: .* Choose another name"):
        sweep(kind, storage, name="mine", **other).run(1)


def test_several_sweeps_share_a_storage(storage: str) -> None:
    first, second = sweep(Swept, storage), sweep(Swept, storage, seed=3)

    results = [first.run(2), second.run(3)]

    assert first.name != second.name
    assert [result.trials for result in results] == [2, 3]


# Several jobs.


@pytest.mark.sockets
def test_two_jobs_run_as_many_trials_as_one(storage: str) -> None:
    swept = sweep(Swept, storage, {"every": "4..11"}, jobs=2, is_grid=True, validate_from=BEGIN + 300)

    result = swept.run(best=2)

    alone = sweep(Swept, f"{storage}.alone", {"every": "4..11"}, is_grid=True, validate_from=BEGIN + 300).run(best=2)
    assert result == alone
    assert all(each.validated is not None for each in result.best)


@pytest.mark.sockets
def test_the_trial_of_a_killed_worker_is_run_again(storage: str, tmp_path: Path) -> None:
    swept = sweep(marked(DiesOnce, tmp_path), storage, {"every": "4..9"}, jobs=2, is_grid=True)

    result = swept.run()

    assert (result.trials, result.looked_at, result.failed) == (6, 6, 0)
    assert (tmp_path / "trials").stat().st_size > 6


@pytest.mark.sockets
def test_a_trial_that_kills_every_worker_fails(storage: str, tmp_path: Path) -> None:
    result = sweep(marked(DiesOfTwenty, tmp_path), storage, {"every": "19..21"}, jobs=2, is_grid=True).run()

    assert (result.looked_at, result.failed) == (2, 1)
    assert result.reasons == {"its process died 3 times": 1}
    assert (tmp_path / "deaths").stat().st_size == 3


class Unfit(MadeUp):
    """Ends the process that it is sent to, or raises there."""

    def __init__(self, makes: Callable[[Any], Any], of: object) -> None:
        super().__init__(SECONDS, PRICES)
        self._made = makes, (of,)

    def __reduce__(self) -> tuple[Any, ...]:
        return self._made


@pytest.mark.sockets
def test_workers_that_die_as_they_start_end_the_sweep(storage: str) -> None:
    with pytest.raises(SystemFailed, match="die as they start"):
        sweep(Swept, storage, source=Unfit(os._exit, 3), jobs=2).run(8)


@pytest.mark.sockets
def test_what_a_worker_cannot_have_is_said(storage: str) -> None:
    with pytest.raises(UsageError, match=r"cannot be had in another process: ValueError: .*'seven'"):
        sweep(Swept, storage, source=Unfit(int, "seven"), jobs=2).run(8)


@pytest.mark.parametrize("ending", [".csv", ".csv.gz", ".jsonl", ".parquet"])
def test_files_of_prices_can_be_sent_to_workers(tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"EURUSD_otc{ending}"
    write_ticks(file, MadeUp(60).batches())
    data = read_data(file)

    sent = pickle.loads(pickle.dumps(data))  # noqa: S301 - our own

    assert list(sent.batches()) == list(data.batches())


def test_the_simulated_market_can_be_sent_to_workers() -> None:
    source = SimulatedSource(7, ["EURUSD_otc"])

    sent = pickle.loads(pickle.dumps(source))  # noqa: S301 - our own

    assert list(sent.batches(0.0, 300.0)) == list(source.batches(0.0, 300.0))


def test_a_strategy_that_cannot_be_imported_has_one_job(storage: str) -> None:
    class Inner(Swept):
        pass

    with pytest.raises(UsageError, match="Put the strategy into a module"):
        sweep(Inner, storage, jobs=2).run(2)
    assert sweep(Inner, storage).run(2).trials == 2


# The storage, as several machines see it.


def study(storage: str, now: list[float]) -> Study:
    swept = sweep(Swept, storage)
    return Study(storage, "shared", {}, swept._ranges, now=lambda: now[0])


def test_what_a_silent_machine_has_taken_is_tried_again(storage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr("platform.node", lambda: "elsewhere")
        other = study(storage, now)
    other.sign()
    number, chosen = other.take()
    mine = study(storage, now)

    now[0] += LOST_SECONDS
    mine.give_back_lost()
    assert mine.elsewhere == 1
    now[0] += 1
    mine.give_back_lost()

    assert mine.elsewhere == 0
    assert mine.take() == (number + 1, chosen)


def test_what_a_machine_that_signs_has_taken_stays_its_own(storage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr("platform.node", lambda: "elsewhere")
        other = study(storage, now)
    other.take()
    mine = study(storage, now)

    for _ in range(20):
        now[0] += SIGN_SECONDS
        other.sign()
        mine.give_back_lost()

    assert mine.elsewhere == 1


def test_the_end_of_a_trial_that_was_given_away_is_passed_over(storage: str) -> None:
    now = [1000.0]
    first, second = study(storage, now), study(storage, now)
    number, _chosen = first.take()
    second.give_back_lost()  # of the same process under another name: it is taken for dead

    first.finish(number, Score(worth=1.0))

    assert second.ended() == ()
    assert second.take()[0] == number + 1


def test_a_trial_that_ended_is_read_as_it_was(storage: str) -> None:
    shared = study(storage, [0.0])
    number, chosen = shared.take()
    came = Score(worth=0.25, trades=40, wins=30, losses=10, break_even=0.52, net_profit="12.50")

    shared.finish(number, came)

    assert study(storage, [0.0]).ended() == (Trial(number=number, chosen=dict(chosen), score=came),)


def test_a_database_is_a_storage_too(tmp_path: Path) -> None:
    storage = f"sqlite:///{tmp_path}/sweeps.sqlite3"

    assert sweep(Swept, storage).run(2).trials == 2
    assert sweep(Swept, storage).run(3).trials == 3


def test_the_password_of_a_database_is_not_shown() -> None:
    assert shown("postgresql://me:secret@host/sweeps?password=secret") == "postgresql://host/sweeps"


def test_a_file_that_is_no_storage_is_refused_and_left_alone(tmp_path: Path) -> None:
    prices = tmp_path / "prices.csv"
    prices.write_text("time,price\n1,2\n3,4\n")

    with pytest.raises(UsageError, match="cannot be used as a storage"):
        sweep(Swept, str(prices)).run(1)
    assert prices.read_text() == "time,price\n1,2\n3,4\n"


def test_a_storage_that_goes_away_ends_the_sweep(tmp_path: Path) -> None:
    folder = tmp_path / "there"
    folder.mkdir()

    def go_away(progress: SweepProgress) -> None:
        if progress.ended == 2:
            shutil.rmtree(folder)

    with pytest.raises(SystemFailed, match=r"cannot be used any more: .*sweeps\.journal"):
        sweep(Swept, str(folder / "sweeps.journal")).run(4, progress=go_away)


def test_a_line_that_was_cut_short_does_not_end_a_storage(storage: str) -> None:
    sweep(Swept, storage).run(2)
    with Path(storage).open("a") as file:
        file.write('{"op_code": 4, "wor')

    assert sweep(Swept, storage).run(4).trials == 4
    assert sweep(Swept, storage).run(5).trials == 5


@pytest.mark.sockets
def test_two_programs_share_the_trials_of_a_sweep(storage: str, tmp_path: Path) -> None:
    line = f"sweep(marked(Swept, Path({str(tmp_path)!r})), {storage!r}, {{'every': '20..31'}}, is_grid=True).run()\n"
    program = tmp_path / "program.py"
    program.write_text(f"from tests.optionbus.backtest.test_sweep import marked, sweep, Swept, Path\n{line}")
    mine = sweep(marked(Swept, tmp_path), storage, {"every": "20..31"}, is_grid=True)

    with subprocess.Popen([sys.executable, program], cwd=ROOT, env={"PYTHONPATH": str(ROOT)}) as other:
        mine.run()

    result = mine.run()
    assert other.returncode == 0
    assert (result.looked_at, result.failed, result.elsewhere) == (12, 0, 0)


# What is refused.


def test_without_optuna_it_is_said_what_to_install(storage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)

    with pytest.raises(ExtraMissing, match=r"pip install 'optionbus\[research\]'"):
        sweep(Swept, storage)


def test_a_sweep_without_jobs_is_refused(storage: str) -> None:
    with pytest.raises(UsageError, match="one job or more"):
        sweep(Swept, storage, jobs=0)


def test_a_time_without_prices_is_refused(storage: str) -> None:
    with pytest.raises(UsageError, match="no ticks in that time"):
        sweep(Swept, storage, begin=BEGIN + 10_000)


def test_assets_are_part_of_what_a_sweep_is(storage: str) -> None:
    source = MadeUp(SECONDS, PRICES, (POUND,))

    names = {sweep(Swept, storage).name, sweep(Swept.configured(assets=[POUND]), storage, source=source).name}

    assert len(names) == 2

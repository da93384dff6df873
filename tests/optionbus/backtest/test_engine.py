"""Covers optionbus.backtest.engine, and strategies and the player in it."""

import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct
from talipp.indicators import ATR, SMA

from actors.orders.gate import RiskSettings
from actors.strategies.context import CANDLES
from actors.strategies.indicators import ohlcv
from actors.strategies.player import PlayerActor
from messages.errors import BusError, SystemFailed, UsageError
from messages.market import Candle, GetCandles, Symbol, Tick
from messages.trading import Deal, DealResult, OrderId, Outcome
from optionbus import Bot, MarketSettings, Strategy
from optionbus.backtest.engine import Backtest
from optionbus.backtest.source import SimulatedSource
from optionbus.report.result import RunResult
from tests.optionbus.backtest.made_up import BEGIN, EURO, POUND, MadeUp
from tests.optionbus.backtest.some_strategies import Diary

PATIENT: dict[str, Any] = {"market": MarketSettings(balance=Decimal(1000), payout_percent=90)}


def run(kind: type[Strategy], seconds: int = 300, **options: Any) -> RunResult:
    source = options.pop("source", None) or MadeUp(seconds)
    return Backtest([kind], source, **(PATIENT | options)).run()


# What a strategy hears.


def test_every_tick_is_heard_once_in_its_order() -> None:
    class Mine(Diary):
        pass

    result = run(Mine, 95)

    assert [entry[2] for entry in Mine.of("tick")] == [BEGIN + second for second in range(95)]
    assert result.ticks == 95


def test_a_candle_has_closed_before_the_tick_that_shows_it() -> None:
    class Mine(Diary):
        pass

    run(Mine, 125)

    times = [(entry[0], entry[2]) for entry in Mine.of("tick", "candle")]
    assert times[60:62] == [("candle", BEGIN), ("tick", BEGIN + 60)]
    assert Mine.of("candle")[0][3:] == (1.0, 1.2, 1.0, 1.1)
    assert len(Mine.of("candle")) == 2  # the third is still forming


def test_the_first_candle_is_fetched_where_its_beginning_was_not_seen() -> None:
    class Mine(Diary):
        pass

    run(Mine, 125, begin=BEGIN + 30)

    assert [entry[2] for entry in Mine.of("candle")] == [BEGIN, BEGIN + 60]
    assert Mine.of("tick")[0][2] == BEGIN + 30


def test_an_order_is_answered_before_the_next_tick() -> None:
    class Mine(Diary):
        def on_tick(self, tick: Tick) -> None:
            super().on_tick(tick)
            if tick.time == BEGIN + 3:
                self.context.buy(EURO, 10, 10)

    run(Mine, 30)

    heard = [entry[0] for entry in Mine.heard]
    assert heard[:6] == ["tick"] * 4 + ["opened", "balance"]
    assert Mine.of("opened") == [("opened", BEGIN + 3, 1.1, Decimal(10))]


def test_the_end_of_a_deal_is_heard_before_the_next_tick() -> None:
    class Mine(Diary):
        def on_tick(self, tick: Tick) -> None:
            super().on_tick(tick)
            if tick.time == BEGIN:
                self.context.buy(EURO, 10, 10)

    run(Mine, 30)

    place = Mine.heard.index(("closed", BEGIN + 10, Outcome.WIN, Decimal("9.00")))
    assert Mine.heard[place - 1][:3] == ("tick", EURO, BEGIN + 10)
    assert [entry[0] for entry in Mine.heard[place : place + 3]] == ["closed", "balance", "tick"]


def test_what_is_decided_on_a_result_is_decided_then() -> None:
    class Mine(Diary):
        def on_start(self) -> None:
            self.context.call_at(BEGIN + 5, lambda: self.context.buy(EURO, 10, 10))

        def on_deal_closed(self, result: DealResult) -> None:
            super().on_deal_closed(result)
            self.context.sell(EURO, 20, 10)

    result = run(Mine, 28)

    # At the end of the one before, and filled at the first tick after it.
    assert [(trade.decided, trade.open_time) for trade in result.trades] == [
        (BEGIN + 5, BEGIN + 5),
        (BEGIN + 15, BEGIN + 16),
    ]
    assert result.open_orders == 1


def test_indicators_are_warm_from_the_start() -> None:
    class Mine(Strategy):
        seen: list[tuple[float, float | None]]

        def on_start(self) -> None:
            type(self).seen = []
            self.mean = self.context.indicator(SMA(3), warm_up=3)
            self.range = self.context.indicator(ATR(2), of=ohlcv, warm_up=3)

        def on_candle(self, _candle: Candle) -> None:
            self.seen.append((self.mean[-1], self.range[-1]))

    run(Mine, 600, begin=BEGIN + 300)

    mean, reach = Mine.seen[0]
    assert mean == pytest.approx(1.1)
    assert reach == pytest.approx(0.2)


def test_an_indicator_of_one_of_several_assets_has_to_be_named() -> None:
    class Mine(Strategy):
        assets = (EURO, POUND)

        def on_start(self) -> None:
            self.context.indicator(SMA(3))

    with pytest.raises(SystemFailed, match="Say which asset"):
        run(Mine, source=MadeUp(60, symbols=(EURO, POUND)))


def test_history_is_told_to_whoever_asks() -> None:
    class Mine(Strategy):
        told: list[float]

        def on_tick(self, tick: Tick) -> None:
            if tick.time == BEGIN + 250:
                self.context.history(EURO, 2, self.keep)

        def keep(self, candles: tuple[Candle, ...]) -> None:
            type(self).told = [self.context.time, *(candle.time for candle in candles)]

    run(Mine)

    assert Mine.told == [BEGIN + 250, BEGIN + 120, BEGIN + 180]


def test_a_result_is_told_to_whoever_asks() -> None:
    class Mine(Strategy):
        told: Outcome | None = None

        def on_start(self) -> None:
            self.context.call_at(BEGIN + 1, lambda: self.context.buy(EURO, 10, 10))

        def on_deal_opened(self, deal: Deal) -> None:
            self.context.result(deal.id, lambda result: setattr(type(self), "told", result.outcome))

    run(Mine, 30)

    assert Mine.told is Outcome.DRAW


def test_what_is_known_of_the_market_is_there() -> None:
    class Mine(Strategy):
        known: tuple[Any, ...] = ()

        def on_tick(self, _tick: Tick) -> None:
            context = self.context
            type(self).known = (context.time, context.balance, context.payout(EURO), context.payout("none"))

    run(Mine, 10)

    assert Mine.known == (BEGIN + 9, Decimal(1000), 90, None)


def test_a_function_is_called_before_the_first_event_at_its_time() -> None:
    class Mine(Diary):
        def on_start(self) -> None:
            self.context.call_at(BEGIN + 1.5, self.note)

        def note(self) -> None:
            self.heard.append(("called", self.context.time))
            if len(self.of("called")) == 1:
                self.context.call_later(3, self.note)

    run(Mine, 10)

    assert Mine.of("called") == [("called", BEGIN + 2), ("called", BEGIN + 5)]
    assert Mine.heard[2][0] == "called"


# Failing.


def test_a_strategy_that_raises_is_started_anew_and_told_so() -> None:
    class Mine(Diary):
        def on_tick(self, tick: Tick) -> None:
            super().on_tick(tick)
            if tick.time == BEGIN + 7 and not self.of("restart"):
                raise ValueError("seven")

        def on_restart(self, failure: str) -> None:
            self.heard.append(("restart", failure))

    result = run(Mine, 20)

    assert [entry[1] for entry in Mine.of("restart")] == ["ValueError: seven"]
    assert [entry[2] for entry in Mine.of("tick")] == [BEGIN + second for second in range(20)]
    assert result.ticks == 20


def test_its_deals_are_its_own_also_in_another_life() -> None:
    class Mine(Diary):
        def on_tick(self, tick: Tick) -> None:
            if tick.time == BEGIN:
                self.context.buy(EURO, 10, 10)
            if tick.time == BEGIN + 5 and not self.of("closed") and self.context.incarnation == 1:
                raise ValueError("five")

    run(Mine, 20)

    assert [entry[0] for entry in Mine.of("opened", "closed")] == ["opened", "closed"]


def test_a_strategy_that_always_raises_ends_the_run_with_its_error() -> None:
    class Mine(Strategy):
        def on_tick(self, _tick: Tick) -> None:
            raise ValueError("always")

    with pytest.raises(SystemFailed, match="always"):
        run(Mine)


@pytest.mark.parametrize(
    ("stake", "risk", "error"),
    [
        (Decimal(2000), RiskSettings(), "OrderRefused"),
        (Decimal("0.5"), RiskSettings(), "InvalidStake"),
        (Decimal(10), RiskSettings(max_stake=Decimal(5)), "OrderDenied"),
    ],
)
def test_an_order_that_comes_to_nothing_is_told_and_reported(stake: Decimal, risk: RiskSettings, error: str) -> None:
    class Mine(Diary):
        def on_start(self) -> None:
            self.context.call_at(BEGIN + 1, lambda: self.context.buy(EURO, stake, 10))

    result = run(Mine, 20, risk=risk)

    assert Mine.of("failed") == [("failed", BEGIN + 1, error)]
    assert len(result.refusals) == 1
    assert result.trades == ()


# Looking ahead.


class Cheat(Strategy):
    """Asks for the candle that is still forming, and for those after it."""

    told: list[tuple[float, float]]

    def on_tick(self, tick: Tick) -> None:
        query = GetCandles(symbol=EURO, period_seconds=60, count=1, end=tick.time + 120)
        self.context.ask(CANDLES, query, self.keep)

    def keep(self, reply: Any) -> None:
        self.told.extend((self.context.time, candle.time + 60) for candle in reply.candles)


def test_nobody_is_told_a_candle_before_its_end() -> None:
    Cheat.told = []

    run(Cheat, 200)

    assert Cheat.told
    assert all(end <= time for time, end in Cheat.told)


def test_without_the_guard_the_cheat_sees_the_future(monkeypatch: pytest.MonkeyPatch) -> None:
    Cheat.told = []
    monkeypatch.setattr(PlayerActor, "_known", lambda _self, end: end)

    run(Cheat, 200)

    assert any(end > time for time, end in Cheat.told)


# Several.


def test_several_strategies_trade_one_account_in_the_order_of_time() -> None:
    class Early(Diary):
        def on_tick(self, tick: Tick) -> None:
            if tick.time == BEGIN + 1:
                self.context.buy(EURO, 600, 10)

    class Late(Diary):
        def on_tick(self, tick: Tick) -> None:
            if tick.time == BEGIN + 2:
                self.context.sell(EURO, 600, 10)

    result = Bot(Late, Early).backtest(MadeUp(20), **PATIENT)

    assert len(Early.of("opened")) == 1
    assert Late.of("failed") == [("failed", BEGIN + 2, "OrderRefused")]
    assert [trade.strategy for trade in result.trades] == ["Early"]


def test_a_strategy_hears_of_its_own_assets_and_deals_alone() -> None:
    class Euro(Diary):
        assets = (EURO,)

        def on_tick(self, tick: Tick) -> None:
            super().on_tick(tick)
            if tick.time == BEGIN + 1:
                self.context.buy(EURO, 10, 5)

    class Pound(Diary):
        assets = (POUND,)

    Bot(Euro, Pound).backtest(MadeUp(20, symbols=(EURO, POUND)))

    assert {entry[1] for entry in Euro.of("tick")} == {EURO}
    assert {entry[1] for entry in Pound.of("tick")} == {POUND}
    assert len(Pound.of("tick")) == 20
    assert Pound.of("opened", "closed") == []


# Setting up.


class Tuned(Strategy):
    class Params(Struct, frozen=True, kw_only=True):
        length: int = 3


def test_a_strategy_is_given_other_parameters_without_changing_itself() -> None:
    other = Tuned.configured(assets=[POUND], period_seconds=5, params=Tuned.Params(length=9), name="Other")

    assert other.parameters() == {"assets": [POUND], "period_seconds": 5, "length": 9}
    assert Tuned.parameters() == {"assets": [EURO], "period_seconds": 60, "length": 3}
    assert other.__name__ == "Other"


@pytest.mark.parametrize(
    "wrong", [{"assets": "EURUSD_otc"}, {"assets": []}, {"params": MarketSettings()}], ids=["text", "none", "another's"]
)
def test_what_cannot_be_meant_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        Tuned.configured(**wrong)


@pytest.mark.parametrize(
    ("strategies", "message"),
    [
        ([], "one strategy or more"),
        ([Tuned, Tuned], "called 'Tuned'"),
        ([Tuned.configured(name="Market")], "called 'Market'"),
        ([Tuned.configured(assets=["AUDUSD"])], "wants AUDUSD"),
    ],
)
def test_a_backtest_that_makes_no_sense_is_refused(strategies: list[type[Strategy]], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Backtest(strategies, MadeUp(10))


def test_without_ticks_there_is_nothing_to_run() -> None:
    with pytest.raises(UsageError, match="no ticks"):
        Backtest([Tuned], MadeUp(10), begin=BEGIN + 100)


def test_progress_is_told() -> None:
    told: list[tuple[float, int]] = []

    Backtest([Tuned], MadeUp(100)).run(lambda time, ticks: told.append((time, ticks)))

    assert told[-1] == (BEGIN + 99, 100)


# The result.


def test_the_result_is_what_happened() -> None:
    class Mine(Strategy):
        def on_candle(self, _candle: Candle) -> None:
            self.context.buy(EURO, 10, 58)

        def on_order_failed(self, _order_id: OrderId, error: BusError) -> None:
            raise error

    result = run(Mine, 400)

    assert [trade.outcome for trade in result.trades] == [Outcome.WIN] * 5
    assert result.final_balance == 1000 + sum(trade.profit for trade in result.trades)
    assert (result.begin, result.end, result.source) == (BEGIN, BEGIN + 399, "made up")
    assert [len(chart.candles) for chart in result.charts] == [400]
    assert result.parameters["market"]["payout_percent"] == 90


SCRIPT = """
from tests.optionbus.backtest.some_strategies import Restless
from optionbus.backtest.engine import Backtest
from optionbus.backtest.source import DEFAULT_BEGIN, SimulatedSource
from optionbus.report.html_report import as_html
from optionbus.report.json_report import as_json
import sys
result = Backtest([Restless], SimulatedSource(7, ["EURUSD_otc"]), end=DEFAULT_BEGIN + 3000, seed=7).run()
sys.stdout.buffer.write(as_json(result) + as_html(result))
"""


def test_the_same_inputs_give_the_same_report_byte_for_byte() -> None:
    root = Path(__file__).parents[3]
    reports = [
        subprocess.run(
            [sys.executable, "-c", SCRIPT], cwd=root, env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    ]

    assert reports[0] == reports[1]
    assert b"Restless" in reports[0]


def test_the_simulated_market_has_all_assets_in_the_order_of_time() -> None:
    source = SimulatedSource(7, [EURO, POUND])

    ticks = [tick for batch in source.batches(BEGIN, BEGIN + 3000) for tick in batch]

    assert [tick.time for tick in ticks] == sorted(tick.time for tick in ticks)
    assert {tick.symbol for tick in ticks} == {Symbol(EURO), Symbol(POUND)}
    assert len(ticks) == 2 * 3000 * 3

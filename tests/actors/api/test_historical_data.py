"""Covers actors.api.historical_data."""

from functools import partial

import pytest

from actors.api.historical_data import HistoricalDataActor, HistoryMemory
from messages.base import Incarnation
from messages.errors import ConnectionLost, DeadlineExceeded, NotConnected, UnknownAsset, UsageError
from messages.market import Candle, GetHistory, History, HistoryReported, Symbol, Tick
from messages.session import SessionLost, SessionState
from tests.actors.api.samples import listed
from tests.actors.stage import Stage

NAME = "HistoricalData"
EURO = Symbol("EURUSD_otc")
MINUTE = 1_699_999_980.0

STALE = Candle(symbol=EURO, time=MINUTE, period_seconds=60, open=1.0, high=1.2, low=0.9, close=1.1, closed=False)
TICK = Tick(EURO, MINUTE + 15, 1.3, MINUTE + 7215)
FRESH = Candle(symbol=EURO, time=MINUTE, period_seconds=60, open=1.0, high=1.3, low=0.9, close=1.3, closed=False)

QUERY = GetHistory(symbol=EURO, period_seconds=60)
REPORT = HistoryReported(symbol=EURO, period_seconds=60, ticks=(TICK,), candles=(STALE,))


@pytest.fixture
def history(stage: Stage) -> Stage:
    stage.start(NAME, partial(HistoricalDataActor, memory=HistoryMemory()))
    stage.make_ready()
    return stage


def test_a_history_is_asked_for_by_a_change_of_symbol(history: Stage) -> None:
    history.ask(NAME, QUERY)

    assert history.requests("changeSymbol") == [{"asset": EURO, "period": 60}]


def test_the_answer_has_the_ticks_on_top_of_the_stale_candle(history: Stage) -> None:
    answer = history.ask(NAME, QUERY)

    history.publish(REPORT)

    reply = answer.get()
    assert isinstance(reply, History)
    assert (reply.symbol, reply.period_seconds) == (EURO, 60)
    assert (reply.ticks, reply.candles) == ((TICK,), (FRESH,))


def test_who_asks_for_the_same_shares_the_request(history: Stage) -> None:
    answers = [history.ask(NAME, QUERY) for _ in range(3)]

    history.publish(REPORT)

    assert len(history.sent) == 1
    assert [answer.get().candles for answer in answers] == [(FRESH,)] * 3


def test_who_asks_after_the_answer_asks_anew(history: Stage) -> None:
    history.ask(NAME, QUERY)
    history.publish(REPORT)

    answer = history.ask(NAME, QUERY)

    assert len(history.sent) == 2
    assert not answer.done


@pytest.mark.parametrize(
    "other",
    [
        HistoryReported(symbol=Symbol("GBPUSD_otc"), period_seconds=60, ticks=(), candles=()),
        HistoryReported(symbol=EURO, period_seconds=300, ticks=(), candles=()),
    ],
    ids=["symbol", "period"],
)
def test_a_history_of_another_chart_is_no_answer(history: Stage, other: HistoryReported) -> None:
    answer = history.ask(NAME, QUERY)

    history.publish(other)

    assert not answer.done


def test_another_period_is_a_request_of_its_own(history: Stage) -> None:
    minutes = history.ask(NAME, QUERY)
    hours = history.ask(NAME, GetHistory(symbol=EURO, period_seconds=3600))

    history.publish(HistoryReported(symbol=EURO, period_seconds=3600, ticks=(), candles=()))

    assert len(history.sent) == 2
    assert (minutes.done, hours.done) == (False, True)


def test_a_history_that_nobody_asked_for_is_passed_over(history: Stage) -> None:
    history.publish(REPORT)

    assert history.system.errors == 0


@pytest.mark.parametrize("state", [SessionState.IDLE, SessionState.BACKING_OFF, SessionState.AUTHENTICATING])
def test_without_a_session_nothing_is_sent(history: Stage, state: SessionState) -> None:
    history.set_session(state)

    answer = history.ask(NAME, QUERY)

    assert history.sent == []
    with pytest.raises(NotConnected, match=state.value):
        answer.get()


def test_a_lost_session_ends_the_request_for_everybody(history: Stage) -> None:
    answers = [history.ask(NAME, QUERY) for _ in range(2)]

    history.lose_session(ConnectionLost("pulled"))

    for answer in answers:
        with pytest.raises(ConnectionLost, match="pulled"):
            answer.get()


def test_after_a_lost_session_the_request_is_sent_anew(history: Stage) -> None:
    history.ask(NAME, QUERY)
    history.lose_session()
    history.make_ready(2)

    answer = history.ask(NAME, QUERY)
    history.publish(REPORT)

    assert len(history.sent) == 1
    assert answer.get().candles == (FRESH,)


def test_the_loss_of_an_older_session_ends_nothing(history: Stage) -> None:
    history.make_ready(2)
    answer = history.ask(NAME, QUERY)

    history.publish(SessionLost(incarnation=Incarnation(1), error=ConnectionLost("pulled")))

    assert not answer.done


def test_a_history_that_does_not_come_ends_the_request(history: Stage) -> None:
    answer = history.ask(NAME, QUERY)

    history.advance(9.9)
    was_done = answer.done
    history.advance(0.2)

    assert not was_done
    with pytest.raises(DeadlineExceeded, match=f"History of {EURO}"):
        answer.get()


def test_the_deadline_of_an_answered_request_does_not_end_the_next(history: Stage) -> None:
    history.ask(NAME, QUERY)
    history.advance(8.0)
    history.publish(REPORT)

    answer = history.ask(NAME, QUERY)
    history.advance(5.0)

    assert not answer.done


def test_a_request_in_flight_survives_a_crash(history: Stage) -> None:
    answered, overdue = history.ask(NAME, QUERY), history.ask(NAME, GetHistory(symbol=EURO, period_seconds=5))

    history.crash(NAME)
    history.publish(REPORT)
    history.advance(11.0)

    assert answered.get().candles == (FRESH,)
    with pytest.raises(DeadlineExceeded, match="History of"):
        overdue.get()


def test_an_unknown_asset_is_refused_unsent_with_those_like_it_even_after_a_crash(history: Stage) -> None:
    history.publish(listed(EURO))
    history.crash(NAME)

    answer = history.ask(NAME, GetHistory(symbol=Symbol("eurusd"), period_seconds=60))

    assert history.sent == []
    assert answer.done
    with pytest.raises(UnknownAsset, match=EURO):
        answer.get()


def test_a_known_asset_is_asked_for(history: Stage) -> None:
    history.publish(listed(EURO))

    history.ask(NAME, QUERY)

    assert len(history.sent) == 1


@pytest.mark.parametrize("period_seconds", [0, -60, 10**30])
def test_a_period_that_is_none_is_refused_unsent(history: Stage, period_seconds: int) -> None:
    answer = history.ask(NAME, GetHistory(symbol=EURO, period_seconds=period_seconds))

    assert history.sent == []
    with pytest.raises(UsageError):
        answer.get()

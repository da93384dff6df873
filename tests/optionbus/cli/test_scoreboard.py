"""Covers optionbus.cli.scoreboard: what is counted, once, and what is not."""

from decimal import Decimal

from msgspec.structs import replace

from messages.trading import DealClosed, DealId, DealOpened
from optionbus import DealResult, Direct, Direction, Outcome, SessionState, TimeAligned
from optionbus.cli.scoreboard import GetScore, Score, Scoreboard
from tests.optionbus.stepped_client import SteppedClient

ASSET = "EURUSD_otc"


class Watched(SteppedClient):
    def __init__(self) -> None:
        super().__init__(actors=[Scoreboard])

    @property
    def score(self) -> Score:
        self.runtime.advance(0.1)
        score: Score = self.client.ask("Scoreboard", GetScore()).get()
        return score


def test_a_new_score_knows_the_session_and_its_balance() -> None:
    score = Watched().score

    assert (score.state, score.logins, score.reconnects) == (SessionState.READY, 1, 0)
    assert score.balance == 50_000
    assert (score.ticks, score.candles, score.trades_opened, score.trades_settled) == (0, 0, 0, 0)
    assert Score(request_id=score.request_id).reconnects == 0


def test_ticks_and_candles_are_counted_by_asset() -> None:
    watched = Watched()
    ticks = watched.client.subscribe(ASSET)
    for aggregation in (Direct(), TimeAligned(5)):
        watched.client.subscribe(ASSET, aggregation, deliver_to="Scoreboard")
    watched.client.subscribe("GBPUSD_otc", deliver_to="Scoreboard")
    watched.runtime.advance(31)

    score = watched.score
    heard = list(ticks._stream._items)

    by_symbol = {str(asset.symbol): asset for asset in score.assets}
    assert by_symbol[ASSET].ticks == len(heard)
    assert (by_symbol[ASSET].before, by_symbol[ASSET].price) == (heard[-2].price, heard[-1].price)
    assert by_symbol[ASSET].candles == score.candles == 6
    assert by_symbol["GBPUSD_otc"].candles == 0
    assert score.ticks == sum(asset.ticks for asset in score.assets)


def test_a_trade_is_open_then_settled() -> None:
    watched = Watched()
    deal = watched.client.buy(ASSET, 10, 5).get()
    score = watched.score
    assert (score.open_deals[0].id, score.trades_opened, score.trades_settled) == (deal.id, 1, 0)
    assert 0 < deal.close_time - score.time <= 5

    result = watched.client.result(deal.id).get()

    score = watched.score
    assert (score.open_deals, score.trades_opened, score.trades_settled) == ((), 1, 1)
    assert score.results == (result,)
    assert score.profit == result.profit
    assert score.balance == 50_000 + result.profit


def test_each_outcome_is_counted_and_the_last_results_kept() -> None:
    watched = Watched()
    deal = watched.client.trade(ASSET, Direction.PUT, 1, 60).get()
    for number, outcome in enumerate([*Outcome, *Outcome]):
        each = replace(deal, id=DealId(f"made-{number}"))
        watched.client._edge.system.publish(DealOpened(deal=each))
        result = DealResult(outcome=outcome, profit=Decimal(number), deal=each)
        watched.client._edge.system.publish(DealClosed(result=result))

    score = watched.score

    assert (score.won, score.lost, score.drawn) == (2, 2, 2)
    assert [result.deal.id for result in score.results] == [f"made-{number}" for number in range(1, 6)]
    assert score.profit == 15


def test_deals_of_earlier_sessions_are_not_counted() -> None:
    watched = Watched()
    deal = replace(watched.client.buy(ASSET, 1, 60).get(), id=DealId("old"), open_time=0.0)
    publish = watched.client._edge.system.publish
    publish(DealOpened(deal=deal))
    publish(DealClosed(result=DealResult(outcome=Outcome.WIN, profit=Decimal(1), deal=deal)))

    assert (watched.score.trades_opened, watched.score.trades_settled) == (1, 0)


def test_a_deal_seen_only_when_it_had_closed_was_opened_too() -> None:
    watched = Watched()
    deal = replace(watched.client.buy(ASSET, 1, 60).get(), id=DealId("missed"))
    result = DealResult(outcome=Outcome.LOSS, profit=Decimal(-1), deal=deal)
    watched.client._edge.system.publish(DealClosed(result=result))

    score = watched.score

    assert (score.trades_opened, score.trades_settled, len(score.open_deals)) == (2, 1, 1)


def test_a_login_after_a_cut_is_a_reconnect() -> None:
    watched = Watched()
    watched.network.cut()
    watched.client.wait_disconnected(timeout=5)
    watched.client.wait_ready(timeout=5)

    assert (watched.score.state, watched.score.reconnects) == (SessionState.READY, 1)

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from actors.api.deals import GRACE_SECONDS
from actors.base import Actor
from actors.stepped import SteppedRuntime
from messages.account import GetBalance
from messages.base import AddressName
from messages.errors import (
    BusError,
    DeadlineExceeded,
    InvalidAggregation,
    InvalidArgument,
    InvalidDuration,
    InvalidSsid,
    InvalidStake,
    NotConnected,
    RealAccountRefused,
    StreamOverflow,
    SubscriptionLimitReached,
    SystemFailed,
    UnexpectedMessage,
    UnknownAddress,
    UnknownAsset,
    UsageError,
)
from messages.market import CandleClosed, Chunk, Direct, GetAssets, Symbol, Tick, TicksReceived, TimeAligned, Timed
from messages.order_errors import OrderRefused, OrderUnconfirmed, UnknownDeal
from messages.session import FrameReceived, FrameSent, SessionState
from messages.trading import Direction, Outcome, PendingTrigger
from optionbus.client import PocketOption
from optionbus.stream import Overflow
from supervisor.settings import Settings, SubscriptionSettings
from tests.optionbus.stepped_client import SteppedClient

ASSET = Symbol("EURUSD_otc")
REAL = '42["auth",{"session":"abcdefghijklmnopqrstuvwxyz","isDemo":0,"uid":12345,"platform":2}]'
BOTH = REAL.replace('"platform":2', '"platform":2,"currentUrl":"cabinet/demo-quick-high-low"')


@pytest.fixture
def stepped() -> Iterator[SteppedClient]:
    stepped = SteppedClient()
    yield stepped
    stepped.client.stop()


def test_a_client_reaches_ready_and_knows_its_account(stepped: SteppedClient) -> None:
    client = stepped.client

    assert client.state is SessionState.READY
    assert client.is_connected
    assert client.is_demo
    assert client.is_session_valid
    assert client.balance().get() == Decimal(50_000)


def test_server_time_is_true_utc_beside_the_raw_clock(stepped: SteppedClient) -> None:
    stepped.client.subscribe(ASSET).get(timeout=5)

    answer = stepped.client.server_time().get()

    assert answer.offset_seconds == 7200
    assert abs(answer.time - stepped.runtime.clock.now()) < 1
    assert answer.server_time == answer.time + 7200


def test_assets_payouts_and_their_checks(stepped: SteppedClient) -> None:
    client = stepped.client
    assets = {asset.symbol: asset for asset in client.assets().get()}

    assert len(assets) > 100
    assert client.payout(ASSET).get() == assets[ASSET].payout_percent
    assert client.payout([ASSET]).get() == {ASSET: assets[ASSET].payout_percent}
    assert set(client.payout().get()) == set(assets)
    assert all(asset.is_active for asset in client.active_assets().get())
    assert client.validate_asset(ASSET, 60).get() == assets[ASSET]
    with pytest.raises(InvalidDuration):
        client.validate_asset(ASSET, 1).get()
    with pytest.raises(UnknownAsset, match="EURUSD_otc"):
        client.payout("EURUSD_ot").get()


@pytest.mark.parametrize(("aggregation", "seconds"), [(Chunk(10), 30), (Timed(7.5), 60), (TimeAligned(60), 200)])
def test_candles_of_every_aggregation_arrive(
    stepped: SteppedClient, aggregation: Chunk | Timed | TimeAligned, seconds: float
) -> None:
    subscription = stepped.client.subscribe(ASSET, aggregation)
    subscription.confirmed.get(timeout=5)

    first, second = subscription.get(timeout=seconds), subscription.get(timeout=seconds)

    assert first.closed
    assert second.time >= first.time
    assert second.low <= min(second.open, second.close) <= max(second.open, second.close) <= second.high


def test_ticks_arrive_in_order_and_in_true_utc(stepped: SteppedClient) -> None:
    subscription = stepped.client.subscribe(ASSET)

    ticks = [subscription.get(timeout=10) for _ in range(20)]

    assert all(isinstance(tick, Tick) for tick in ticks)
    assert [tick.time for tick in ticks] == sorted(tick.time for tick in ticks)
    assert abs(ticks[-1].time - stepped.runtime.clock.now()) < 2
    assert ticks[0].server_time - ticks[0].time == 7200


def test_equal_subscriptions_share_one_aggregator(stepped: SteppedClient) -> None:
    one, two = (stepped.client.subscribe(ASSET, TimeAligned(60)) for _ in range(2))

    assert one.get(timeout=200) == two.get(timeout=200)

    names = [actor.name for actor in stepped.client.health()]
    assert [name for name in names if name.startswith("Candles")] == [f"Candles-{ASSET}-TimeAligned(60)"]


def test_a_closed_subscription_ends_and_its_aggregator_with_the_last(stepped: SteppedClient) -> None:
    client = stepped.client
    one, two = (client.subscribe(ASSET, Chunk(5)) for _ in range(2))
    one.confirmed.get(timeout=5)

    one.close()

    assert list(one) == []
    assert two.get(timeout=30).ticks == 5
    two.close()
    stepped.runtime.advance(1)
    assert client.subscriptions().get() == ()
    assert not [actor.name for actor in client.health() if actor.name.startswith("Candles")]


def test_nothing_holds_a_subscription_that_was_closed(stepped: SteppedClient) -> None:
    client = stepped.client
    client.subscribe(ASSET).confirmed.get(timeout=5)
    stepped.runtime.advance(1)
    system = client._edge.system
    before = len(system.directory._entries), len(system._ends), len(system.routes.ticks[ASSET])

    for _ in range(50):
        subscription = client.subscribe(ASSET)
        subscription.confirmed.get(timeout=5)
        subscription.close()
    stepped.runtime.advance(1)

    assert (len(system.directory._entries), len(system._ends), len(system.routes.ticks[ASSET])) == before


def test_unsubscribing_an_asset_ends_everything_of_it(stepped: SteppedClient) -> None:
    client = stepped.client
    client.subscribe(ASSET).confirmed.get(timeout=5)
    client.subscribe(ASSET, Chunk(3)).confirmed.get(timeout=5)
    client.subscribe("GBPUSD_otc").confirmed.get(timeout=5)

    client.unsubscribe(ASSET)
    stepped.runtime.advance(1)

    assert client.subscriptions().get() == (("GBPUSD_otc", Direct()),)


def test_a_fifth_asset_is_refused_and_the_four_stream_on(stepped: SteppedClient) -> None:
    client = stepped.client
    four = [client.subscribe(symbol) for symbol in ("EURUSD_otc", "GBPUSD_otc", "AUDCAD_otc", "EURJPY_otc")]
    for subscription in four:
        subscription.confirmed.get(timeout=5)

    fifth = client.subscribe("AUDUSD_otc")

    with pytest.raises(SubscriptionLimitReached, match="AUDUSD_otc"):
        fifth.confirmed.get(timeout=5)
    with pytest.raises(SubscriptionLimitReached):
        next(fifth)
    assert all(isinstance(subscription.get(timeout=5), Tick) for subscription in four)


@pytest.mark.parametrize(
    "aggregation", [Chunk(0), Timed(0.0), Timed(float("nan")), TimeAligned(7), TimeAligned(0), TimeAligned(-60)]
)
def test_an_aggregation_that_makes_no_candle_is_refused(
    stepped: SteppedClient, aggregation: Chunk | Timed | TimeAligned
) -> None:
    subscription = stepped.client.subscribe(ASSET, aggregation)

    with pytest.raises(InvalidAggregation):
        subscription.confirmed.get(timeout=5)
    assert stepped.client.subscriptions().get() == ()


def test_an_unknown_asset_is_refused_with_similar_ones(stepped: SteppedClient) -> None:
    subscription = stepped.client.subscribe("EURUSD_OTC")

    with pytest.raises(UnknownAsset, match="Did you mean EURUSD_otc"):
        next(subscription)


def test_a_slow_reader_loses_the_oldest_and_is_told_how_many(stepped: SteppedClient) -> None:
    kept = stepped.client.subscribe(ASSET, buffer=10)
    newest = stepped.client.subscribe(ASSET, overflow=Overflow.CONFLATE)
    kept.confirmed.get(timeout=5)

    stepped.runtime.advance(60)

    times = [kept.get(timeout=1).time for _ in range(10)]
    assert kept.dropped > 100
    assert newest.get(timeout=1).time == times[-1]


def test_what_a_full_stream_does_can_be_configured() -> None:
    stepped = SteppedClient(config=Settings(subscriptions=SubscriptionSettings(buffer=2, overflow="fail")))
    strict = stepped.client.subscribe(ASSET)
    lenient = stepped.client.subscribe(ASSET, overflow=Overflow.CONFLATE)

    stepped.runtime.advance(60)

    with pytest.raises(StreamOverflow):
        list(strict)
    assert next(lenient).symbol == ASSET
    stepped.client.stop()


@pytest.mark.parametrize("direction", list(Direction))
def test_a_trade_is_placed_settled_and_booked(stepped: SteppedClient, direction: Direction) -> None:
    client = stepped.client
    closed_before = {deal.id for deal in client.closed_deals().get()}

    deal = client.trade(ASSET, direction, "10.50", 60).get()

    assert (deal.symbol, deal.direction, deal.stake) == (ASSET, direction, Decimal("10.50"))
    assert deal.close_time - deal.open_time == 60
    assert client.opened_deals().get() == (deal,)
    assert client.opened_deal(deal.id).get() == deal
    assert client.deal_end_time(deal.id).get() == deal.close_time
    result = client.result(deal.id).get()
    assert result.deal.order_id == deal.order_id
    sign = {Outcome.WIN: 1, Outcome.LOSS: -1, Outcome.DRAW: 0}[result.outcome]
    assert (result.profit > 0) - (result.profit < 0) == sign
    stepped.runtime.advance(1)
    assert client.balance().get() == 50_000 + result.profit
    assert client.result(deal.id).get() == result
    assert {closed.id for closed in client.closed_deals().get()} - closed_before == {deal.id}


def test_the_same_order_id_is_the_same_order(stepped: SteppedClient) -> None:
    first, second = (stepped.client.buy(ASSET, 10, 60, request_id="one-and-only") for _ in range(2))

    assert first.get() == second.get()
    assert stepped.client.buy(ASSET, 10, 60, request_id="one-and-only").get() == first.get()
    assert len(stepped.client.opened_deals().get()) == 1


def test_a_refused_order_says_why_and_frees_the_asset(stepped: SteppedClient) -> None:
    client = stepped.client
    for _ in range(10):
        client.buy(ASSET, 1, 60, allow_duplicate=True).get()

    with pytest.raises(OrderRefused, match="MaxDemoTrades") as refusal:
        client.buy(ASSET, 1, 60, allow_duplicate=True).get()

    assert refusal.value.limit == 10
    client.result(client.opened_deals().get()[0].id).get()
    assert client.buy(ASSET, 1, 60, allow_duplicate=True).get().stake == 1


def test_orders_on_one_asset_wait_for_each_other(stepped: SteppedClient) -> None:
    futures = [stepped.client.buy(ASSET, amount, 60) for amount in (1, 2, 3)]

    assert [future.get().stake for future in futures] == [1, 2, 3]


def test_an_unanswered_order_is_unconfirmed_at_its_deadline_and_never_resent(stepped: SteppedClient) -> None:
    transport = stepped.network
    frames: list[FrameReceived | FrameSent] = []
    stepped.client.add_tap(frames.append)
    transport.is_muted = True

    order = stepped.client.buy(ASSET, 10, 60, timeout=2)
    waiting = stepped.client.sell(ASSET, 10, 60, timeout=1)

    with pytest.raises(DeadlineExceeded, match="not sent"):
        waiting.get()
    with pytest.raises(OrderUnconfirmed, match="never sent again"):
        order.get()
    transport.is_muted = False
    transport.cut()
    stepped.runtime.advance(30)
    sent = [frame.text for frame in frames if isinstance(frame, FrameSent)]
    assert len([text for text in sent if "openOrder" in text]) == 1


@pytest.mark.parametrize("amount", [0, -1, float("nan"), float("inf"), "abc", Decimal("0.5"), 20_001, None])
def test_an_impossible_stake_is_refused_at_once(stepped: SteppedClient, amount: object) -> None:
    with pytest.raises(InvalidStake, match="from 1"):
        stepped.client.buy(ASSET, amount, 60)  # type: ignore[arg-type]


@pytest.mark.parametrize("duration", [0, -5, 43_201, 1.5, True, "60", None])
def test_an_impossible_duration_is_refused_at_once(stepped: SteppedClient, duration: object) -> None:
    with pytest.raises(InvalidDuration, match="43200"):
        stepped.client.buy(ASSET, 10, duration)  # type: ignore[arg-type]


def test_an_order_on_an_unknown_asset_is_refused_unsent(stepped: SteppedClient) -> None:
    with pytest.raises(UnknownAsset):
        stepped.client.buy("NOSUCH", 10, 60).get()


def test_an_order_without_a_session_is_refused_unsent(stepped: SteppedClient) -> None:
    stepped.client.disconnect_and_hold().get()

    with pytest.raises(NotConnected, match="held"):
        stepped.client.buy(ASSET, 10, 60).get()


def test_the_result_of_an_unknown_deal_is_refused_at_once(stepped: SteppedClient) -> None:
    with pytest.raises(UnknownDeal):
        stepped.client.result("nothing").get()
    with pytest.raises(UnknownDeal):
        stepped.client.opened_deal("nothing").get()


def test_a_result_that_does_not_come_ends_after_expiry_and_grace(stepped: SteppedClient) -> None:
    client, clock = stepped.client, stepped.runtime.clock
    deal = client.buy(ASSET, 10, 60).get()
    client.disconnect_and_hold().get()

    with pytest.raises(DeadlineExceeded, match=deal.id):
        client.result(deal.id).get()

    assert abs(clock.now() - deal.close_time - GRACE_SECONDS) < 1
    with pytest.raises(DeadlineExceeded):
        client.result(deal.id, timeout=3).get()


def test_a_result_is_found_across_a_reconnect(stepped: SteppedClient) -> None:
    client = stepped.client
    deal = client.buy(ASSET, 10, 60).get()
    client.disconnect_and_hold().get()
    stepped.runtime.advance(65)

    client.connect().get()

    assert client.result(deal.id).get().deal.id == deal.id


def test_older_candles_and_history_agree_with_live_ones(stepped: SteppedClient) -> None:
    client = stepped.client

    candles = client.candles(ASSET, 60, 200).get()
    history = client.history(ASSET, 60).get()

    assert len(candles) == 200
    assert [candle.time for candle in candles] == sorted({candle.time for candle in candles})
    known = {candle.time: candle for candle in candles}
    shared = [candle for candle in history.candles if candle.time in known and candle.closed]
    assert shared
    assert all(known[c.time].open == c.open and known[c.time].high == c.high for c in shared[:-1])


@pytest.mark.parametrize(("period", "count"), [(0, 10), (60, 0), (-1, 1)])
def test_impossible_candles_are_refused(stepped: SteppedClient, period: int, count: int) -> None:
    with pytest.raises(UsageError):
        stepped.client.candles(ASSET, period, count).get()


def test_explicit_disconnect_keeps_what_was_wanted(stepped: SteppedClient) -> None:
    client = stepped.client
    subscription = client.subscribe(ASSET, Chunk(3))
    subscription.confirmed.get(timeout=5)

    client.disconnect_and_hold().get()
    client.wait_disconnected(timeout=1)
    stepped.runtime.advance(300)
    held = client.state
    client.connect().get()
    client.wait_ready(timeout=10)

    assert held is SessionState.HELD
    while subscription.get(timeout=10).time < stepped.runtime.clock.now() - 10:
        pass
    assert client.subscriptions().get() == ((ASSET, Chunk(3)),)


def test_a_pending_order_is_kept_listed_and_taken_back(stepped: SteppedClient) -> None:
    client, later = stepped.client, stepped.runtime.clock.now() + 3600

    order = client.open_pending_order(
        PendingTrigger.TIME, 5, ASSET, open_time=later, timeframe=60, min_payout=50, command=Direction.PUT
    ).get()

    assert (order.symbol, order.stake, order.direction) == (ASSET, Decimal(5), Direction.PUT)
    assert order.open_time is not None
    assert abs(order.open_time - later) <= 1
    assert client.pending_orders().get() == (order,)
    client.cancel_pending_order(order.ticket).get()
    assert client.pending_orders().get() == ()


@pytest.mark.parametrize(
    ("trigger", "wanted"),
    [
        (PendingTrigger.TIME, {"open_price": 1.1}),
        (PendingTrigger.PRICE, {"open_time": 2e9}),
        (PendingTrigger.PRICE, {"open_price": float("nan")}),
        (PendingTrigger.PRICE, {"open_price": 1.1, "open_time": 2e9}),
    ],
)
def test_a_pending_order_that_waits_for_nothing_is_refused(
    stepped: SteppedClient, trigger: PendingTrigger, wanted: dict[str, Any]
) -> None:
    with pytest.raises(UsageError, match="open_price"):
        stepped.client.open_pending_order(
            trigger, 5, ASSET, timeframe=60, min_payout=50, command=Direction.PUT, **wanted
        )


def test_a_raw_message_is_sent_as_it_is_or_not_at_all(stepped: SteppedClient) -> None:
    frames: list[FrameReceived | FrameSent] = []
    stepped.client.add_tap(frames.append)

    stepped.client.send_raw('42["anything"]').get()
    stepped.runtime.advance(1)
    stepped.client.disconnect_and_hold().get()

    assert '42["anything"]' in [frame.text for frame in frames if isinstance(frame, FrameSent)]
    with pytest.raises(NotConnected):
        stepped.client.send_raw('42["anything"]').get()


def test_states_are_told_in_order(stepped: SteppedClient) -> None:
    states = stepped.client.states()

    stepped.client.reconnect().get()
    stepped.client.wait_ready(timeout=10)

    names = [next(states).state.value for _ in range(5)]
    assert names == ["connecting", "handshaking", "authenticating", "restoring", "ready"]


def test_a_reconnect_callback_runs_before_ready(stepped: SteppedClient) -> None:
    seen: list[SessionState] = []
    stepped.client.on_reconnect(lambda: seen.append(stepped.client.state))

    stepped.client.reconnect().get()
    stepped.client.wait_ready(timeout=20)

    assert seen == [SessionState.RESTORING]


def test_opening_and_closing_in_haste_leaves_nothing_abandoned(stepped: SteppedClient) -> None:
    client = stepped.client
    for _ in range(5):
        subscription = client.subscribe(ASSET, TimeAligned(5))
        subscription.confirmed.get(timeout=5)
        subscription.close()
        stepped.runtime.advance(0.2)
    last = client.subscribe(ASSET, TimeAligned(5))
    stepped.runtime.advance(3)

    assert client.errors == 0
    assert [actor.state for actor in client.health() if actor.name.startswith("Candles")] == ["running"]
    assert last.get(timeout=20).period_seconds == 5


MISTAKES: list[Callable[[PocketOption], object]] = [
    lambda client: client.trade(ASSET, "up", 10, 60),
    lambda client: client.buy(None, 10, 60),  # type: ignore[arg-type]
    lambda client: client.buy(ASSET, 10, 60, request_id=5),  # type: ignore[arg-type]
    lambda client: client.result([]),  # type: ignore[arg-type]
    lambda client: client.subscribe(None),  # type: ignore[arg-type]
    lambda client: client.subscribe(ASSET, 60),  # type: ignore[arg-type]
    lambda client: client.subscribe(ASSET, Direct),  # type: ignore[arg-type]
    lambda client: client.subscribe(ASSET, TimeAligned("60")),  # type: ignore[arg-type]
    lambda client: client.candles(ASSET, 60, 10.5),  # type: ignore[arg-type]
    lambda client: client.candles(ASSET, 60, 10, end="now"),  # type: ignore[arg-type]
    lambda client: client.history(ASSET, "60"),  # type: ignore[arg-type]
    lambda client: client.send_raw(None),  # type: ignore[arg-type]
    lambda client: client.send_raw("\ud800"),
    lambda client: client.cancel_pending_order(7),  # type: ignore[arg-type]
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=range(len(MISTAKES)))
def test_a_wrongly_typed_argument_is_refused_before_any_actor_sees_it(
    stepped: SteppedClient, mistake: Callable[[PocketOption], object]
) -> None:
    with pytest.raises(InvalidArgument):
        mistake(stepped.client)

    assert stepped.client.balance().get() == 50_000
    assert not any(actor.restarts for actor in stepped.client.health() if actor.name != "Connection")


@pytest.mark.parametrize("arguments", [{"ssid": None}, {"ssid": b"bytes"}, {"config": "bot.toml"}, {"url": 5}])
def test_a_client_made_of_the_wrong_things_says_so(arguments: dict[str, Any]) -> None:
    demo = REAL.replace('"isDemo":0', '"isDemo":1')

    with pytest.raises(UsageError):
        PocketOption(**({"ssid": demo} | arguments))


def test_a_direction_may_be_written_out(stepped: SteppedClient) -> None:
    assert stepped.client.trade(ASSET, "put", 10, 60).get().direction is Direction.PUT


def test_what_an_actor_does_not_take_is_not_sent_to_it(stepped: SteppedClient) -> None:
    client = stepped.client

    with pytest.raises(UnexpectedMessage, match="GetAssets"):
        client.address("Balance").tell(GetAssets())
    with pytest.raises(UnexpectedMessage, match="FrameReceived"):
        client.add_tap(AddressName("Balance"))
    with pytest.raises(UnexpectedMessage, match="CandleClosed"):
        client.subscribe(ASSET, TimeAligned(5), deliver_to="Trades").confirmed.get()
    assert client.subscriptions().get() == ()


def test_an_actor_that_listens_to_what_it_does_not_take_is_refused() -> None:
    class Deaf(Actor[CandleClosed]):
        listens = (TicksReceived,)

    client = PocketOption.simulated(runtime=SteppedRuntime(), actors=[Deaf])

    with pytest.raises(UsageError, match=r"Deaf listens to .*TicksReceived"):
        client.start()


def test_messages_and_names_are_checked_at_the_edge(stepped: SteppedClient) -> None:
    with pytest.raises(UnknownAddress, match="Balance"):
        stepped.client.ask("Blance", GetBalance())
    with pytest.raises(UnexpectedMessage, match="GetBalance"):
        stepped.client.ask("Balance", GetAssets())


def test_after_stop_everything_ends_in_a_typed_error(stepped: SteppedClient) -> None:
    client = stepped.client
    subscription = client.subscribe(ASSET)
    subscription.confirmed.get(timeout=5)
    deal = client.buy(ASSET, 10, 60).get()
    result = client.result(deal.id)

    client.stop()
    client.stop()

    for future in (result, client.balance(), client.ready()):
        with pytest.raises(SystemFailed):
            future.get(timeout=1)
    with pytest.raises(BusError):
        list(subscription)
    with pytest.raises(UsageError, match="used once"):
        client.start()


def test_a_client_that_was_not_started_says_so() -> None:
    client = PocketOption.simulated(runtime=None)

    with pytest.raises(UsageError, match="with block"):
        client.balance()


@pytest.mark.parametrize("ssid", [REAL, BOTH])
def test_real_money_takes_an_opt_in(ssid: str) -> None:
    with pytest.raises(RealAccountRefused, match="allow_real"):
        PocketOption(ssid)

    assert PocketOption(ssid, allow_real=True).state is SessionState.IDLE


def test_what_is_no_session_is_refused_when_the_client_is_made() -> None:
    with pytest.raises(InvalidSsid, match="Expected"):
        PocketOption("hello")

"""Every actor of the tree is made to raise, in every way there is, beside a second account that must notice nothing."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from actors.api.assets import AssetsActor
from actors.api.balance import BalanceActor
from actors.api.deals import DealsActor
from actors.api.get_candles import GetCandlesActor
from actors.api.historical_data import HistoricalDataActor
from actors.api.keep_alive import KeepAliveActor
from actors.api.pending_trades import PendingTradesActor
from actors.api.raw import RawActor
from actors.api.server_time import ServerTimeActor
from actors.api.subscriptions import SubscriptionsActor
from actors.api.trades import TradesActor
from actors.base import Actor
from actors.candles.aggregator import CandleAggregatorActor
from actors.candles.live import LiveCandlesActor
from actors.connection import ConnectionActor
from actors.future import Future
from actors.log import LogActor
from actors.router import RouterActor
from messages.base import AddressName, Command, Done, Query, Request
from messages.errors import ActorCrashed, SystemFailed
from messages.market import Candle, Chunk, Tick, TicksReceived
from messages.raw import SendRaw
from messages.session import SessionState
from messages.supervision import ActorExited, ActorRestarted, DeadLetter, ExitReason
from messages.trading import GetPendingOrders
from optionbus.callbacks import CallbackActor
from optionbus.client import PocketOption
from optionbus.testing import Probe, SteppedRuntime
from supervisor.session import SessionActor
from supervisor.supervisor import SupervisorActor

ASSET = "EURUSD_otc"
LIVE = AddressName(f"LiveCandles-{ASSET}")
CALLBACK = "Callback"
"""Its name goes on with a number."""


class Listener(Actor[TicksReceived]):
    """A user's actor."""

    listens = (TicksReceived,)

    def on_receive(self, message: TicksReceived) -> None:
        pass


ACTORS: dict[str, type[Actor[Any]]] = {
    "Log": LogActor,
    "Router": RouterActor,
    "KeepAlive": KeepAliveActor,
    "Balance": BalanceActor,
    "Assets": AssetsActor,
    "ServerTime": ServerTimeActor,
    "Subscriptions": SubscriptionsActor,
    "GetCandles": GetCandlesActor,
    "HistoricalData": HistoricalDataActor,
    "Trades": TradesActor,
    "Deals": DealsActor,
    "PendingTrades": PendingTradesActor,
    "Raw": RawActor,
    "Listener": Listener,
    "Session": SessionActor,
    "Connection": ConnectionActor,
    f"Candles-{ASSET}-Chunk(2)": CandleAggregatorActor,
    LIVE: LiveCandlesActor,
    CALLBACK: CallbackActor,
}
every_actor = pytest.mark.parametrize("name", ACTORS)


class Boom(Command, frozen=True, kw_only=True):
    """Raise this."""

    error: BaseException


class Leave(Command, frozen=True, kw_only=True):
    """Stop by yourself."""


class Question(Query, frozen=True, kw_only=True):
    """Waits behind a crash for the next life."""


class Errand(Command, frozen=True, kw_only=True):
    """Is not done once its moment has passed."""


class Account:
    """A client and its broker: it streams, aggregates, and has an actor and a callback of the user's."""

    def __init__(self, runtime: SteppedRuntime, seed: int) -> None:
        self.runtime = runtime
        self.client = PocketOption.simulated(seed=seed, runtime=runtime, actors=[Listener])
        self.system = self.client._edge.system
        self.said = Probe()
        self.system.routes.listen((ActorExited, ActorRestarted, DeadLetter), self.said)
        edge, new_name = self.client._edge, self.client._edge.new_name
        # The live chart's name is known before there is one.
        edge.new_name = lambda label: LIVE if label == LIVE else new_name(label)  # type: ignore[method-assign]
        self.client.on_reconnect(lambda: None)

    def start(self) -> None:
        self.client.start()
        self.ticks = self.client.subscribe(ASSET)
        self.candles = self.client.subscribe(ASSET, Chunk(2))
        self.live = self.client.live_candles(ASSET, 5, history=2)
        self.client.wait_ready(timeout=10)

    def stop(self) -> None:
        self.client.stop()

    def full_name(self, name: str) -> AddressName:
        if name != CALLBACK:
            return AddressName(name)
        return next(entry.name for entry in self.client._edge.callbacks() if entry.name.startswith(CALLBACK))

    def queue(self, name: str, request: Request) -> Future[Any]:
        """Tell somebody something, while nobody moves."""
        future, reply_to, request_id = self.system.expect(type(request).__name__, 60.0, lambda reply: reply)
        address = self.system.address(self.full_name(name))
        address.tell(replace(request, reply_to=reply_to, request_id=request_id))
        return future

    def exits(self, name: str) -> list[ActorExited]:
        return [exit_ for exit_ in self.said.of(ActorExited) if exit_.name == self.full_name(name)]

    def incarnation(self, name: str) -> int:
        return self.system.address(self.full_name(name)).vitals.incarnation

    def check_that_it_streams(self) -> None:
        for stream in (self.ticks, self.candles):
            while len(stream._stream):
                stream.get()
        assert isinstance(self.ticks.get(timeout=5), Tick)
        assert isinstance(self.candles.get(timeout=10), Candle)
        self.live.get(timeout=10)
        assert self.live.get(timeout=10)[1] is not None

    def check_that_everything_works(self) -> None:
        """Ask something of every actor."""
        client = self.client
        client.wait_ready(timeout=60)
        self.check_that_it_streams()
        assert client.assets().get()
        assert client.server_time().get().offset_seconds == 7200
        assert len(client.candles(ASSET, 60, 5).get()) == 5
        assert client.history(ASSET, 60).get().ticks
        deal = client.buy(ASSET, 10, 5).get()
        assert client.result(deal.id).get().deal.id == deal.id
        assert client.balance().get()
        assert client.ask("PendingTrades", GetPendingOrders()).get().orders == ()
        client.ask("Raw", SendRaw(data='42["ps"]')).get()
        assert {actor.state for actor in client.health()} == {"running"}


class SharedRuntime(SteppedRuntime):
    """Two accounts live on it: the one that stops first does not close it."""

    def close(self) -> None:
        pass


@pytest.fixture
def runtime() -> SteppedRuntime:
    return SharedRuntime(3)


@pytest.fixture
def account(runtime: SteppedRuntime) -> Iterator[Account]:
    account = Account(runtime, seed=1)
    yield account
    account.stop()


@pytest.fixture(autouse=True)
def bystander(runtime: SteppedRuntime) -> Iterator[Account]:
    """The second account, on the same thread and clock; looked at when the test is over."""
    bystander = Account(runtime, seed=2)
    bystander.start()
    yield bystander
    assert bystander.client.state is SessionState.READY
    assert bystander.said.messages == []
    assert {actor.incarnation for actor in bystander.client.health()} == {1}
    assert (bystander.system.dead_letters, bystander.system.errors) == (0, 0)
    bystander.check_that_it_streams()
    bystander.stop()


def _arm(monkeypatch: pytest.MonkeyPatch, kind: type[Actor[Any]]) -> None:
    """Let a class of actors, besides what it does, raise, leave and answer on command."""
    original = kind.on_receive

    def on_receive(self: Actor[Any], message: Any) -> None:
        match message:
            case Boom():
                raise message.error
            case Leave():
                self.request_stop()
            case Question() | Errand():
                self.context.reply(message, Done(request_id=message.request_id))
            case _:
                original(self, message)

    monkeypatch.setattr(kind, "on_receive", on_receive)


def _fail_once(monkeypatch: pytest.MonkeyPatch, kind: type[Actor[Any]], hook: str, account: Account) -> None:
    """Let a hook raise in the first life that comes to it, of one account."""
    original: Callable[[Actor[Any]], None] = getattr(kind, hook)
    lives: list[int] = []

    def fail(self: Actor[Any]) -> None:
        if self.context.system is account.system and not lives:
            lives.append(self.context.incarnation)
            raise RuntimeError(hook)
        original(self)

    monkeypatch.setattr(kind, hook, fail)


def test_every_actor_of_the_tree_is_among_them(account: Account) -> None:
    account.start()

    there = {actor.name for actor in account.client.health()} - {"Supervisor"}

    assert there == {account.full_name(name) for name in ACTORS}


@every_actor
def test_one_that_raises_in_on_start_is_started_again(
    monkeypatch: pytest.MonkeyPatch, account: Account, name: str
) -> None:
    _arm(monkeypatch, ACTORS[name])
    _fail_once(monkeypatch, ACTORS[name], "on_start", account)
    question, errand = account.queue(name, Question()), account.queue(name, Errand())

    account.start()
    account.runtime.advance(1.0)

    assert [exit_.reason for exit_ in account.exits(name)] == [ExitReason.FAILED_TO_START]
    assert account.incarnation(name) == 2
    assert isinstance(question.get(), Done)
    assert isinstance(errand.error, ActorCrashed)
    account.check_that_everything_works()


@every_actor
@pytest.mark.parametrize("error", [RuntimeError("boom"), SystemExit(1)], ids=["Exception", "SystemExit"])
def test_one_that_raises_over_something_told_lives_again(
    monkeypatch: pytest.MonkeyPatch, account: Account, name: str, error: BaseException
) -> None:
    _arm(monkeypatch, ACTORS[name])
    account.start()
    address = account.system.address(account.full_name(name))
    address.tell(Boom(error=error))
    question, errand = account.queue(name, Question()), account.queue(name, Errand())

    account.runtime.advance(1.0)

    _check_the_second_life(account, name, ExitReason.FAILED)
    assert isinstance(question.get(), Done)
    assert isinstance(errand.error, ActorCrashed)
    assert account.system.address(account.full_name(name)) is address
    account.check_that_everything_works()


@every_actor
def test_one_that_raises_over_something_asked_tells_the_asker(
    monkeypatch: pytest.MonkeyPatch, account: Account, name: str
) -> None:
    _arm(monkeypatch, ACTORS[name])
    account.start()

    asked = account.queue(name, Boom(error=RuntimeError("boom")))
    asked_later = account.queue(name, Question())
    account.runtime.advance(1.0)

    _check_the_second_life(account, name, ExitReason.FAILED)
    assert isinstance(asked.error, ActorCrashed)
    assert "RuntimeError: boom" in str(asked.error)
    assert isinstance(asked_later.get(), Done)
    account.check_that_everything_works()


@every_actor
def test_one_that_raises_in_on_stop_lives_again(monkeypatch: pytest.MonkeyPatch, account: Account, name: str) -> None:
    _arm(monkeypatch, ACTORS[name])
    _fail_once(monkeypatch, ACTORS[name], "on_stop", account)
    account.start()
    account.queue(name, Leave())
    question, errand = account.queue(name, Question()), account.queue(name, Errand())

    account.runtime.advance(1.0)

    _check_the_second_life(account, name, ExitReason.FAILED_TO_STOP)
    assert isinstance(question.get(), Done)
    assert errand.done, "the session's supervisor takes its time to leave: it is done then, for all others reported"
    assert isinstance(errand.error, ActorCrashed) or name == "Session"
    account.check_that_everything_works()


@every_actor
def test_one_that_raises_in_on_stop_holds_up_no_end(
    monkeypatch: pytest.MonkeyPatch, account: Account, name: str
) -> None:
    _fail_once(monkeypatch, ACTORS[name], "on_stop", account)
    account.start()

    account.stop()

    reasons = {exit_.name: exit_.reason for exit_ in account.said.of(ActorExited)}
    others = set(reasons) - {account.full_name(name)}
    assert reasons[account.full_name(name)] is ExitReason.FAILED_TO_STOP
    assert {reasons[other] for other in others} == {ExitReason.STOPPED}
    assert len(reasons) == len(ACTORS)


def test_a_client_whose_actor_keeps_crashing_ends_and_can_be_stopped_at_once(
    monkeypatch: pytest.MonkeyPatch, account: Account
) -> None:
    _arm(monkeypatch, BalanceActor)
    account.start()
    waiting = account.client.disconnected()
    for _ in range(6):
        account.queue("Balance", Boom(error=RuntimeError("again")))
        account.runtime.run_until_idle()
    now = account.runtime.clock.monotonic()

    assert isinstance(waiting.error, SystemFailed)
    assert isinstance(account.client.balance().error, SystemFailed)
    with pytest.raises(SystemFailed):
        for _ in account.ticks:
            pass
    account.stop()
    assert account.runtime.clock.monotonic() - now < 1.0


def test_a_client_whose_supervisor_crashes_ends_and_can_be_stopped_at_once(
    monkeypatch: pytest.MonkeyPatch, account: Account
) -> None:
    _arm(monkeypatch, SupervisorActor)
    account.start()
    now = account.runtime.clock.monotonic()

    account.queue("Supervisor", Boom(error=RuntimeError("boom")))
    account.runtime.run_until_idle()

    assert isinstance(account.client.balance().error, SystemFailed)
    account.stop()
    assert account.runtime.clock.monotonic() - now < 1.0
    assert {address.vitals.state for address in account.system.directory.addresses()} == {"stopped"}


def _check_the_second_life(account: Account, name: str, reason: ExitReason) -> None:
    """The end of the first life was seen once, and nobody else died but the connection with its supervisor."""
    assert [(exit_.incarnation, exit_.reason) for exit_ in account.exits(name)] == [(1, reason)]
    assert account.incarnation(name) == 2
    others = {exit_.name for exit_ in account.said.of(ActorExited)} - {account.full_name(name)}
    assert others == ({"Connection"} if name == "Session" else set())
    health = {actor.name: actor.restarts for actor in account.client.health()}
    assert health[account.full_name(name)] == 1

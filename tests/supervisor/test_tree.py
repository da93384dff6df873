"""Covers supervisor.tree."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from actors.base import Actor
from actors.orders.memory_journal import MemoryJournal
from actors.runtime import Runtime, ThreadedRuntime
from actors.system import System
from messages.base import AddressName, Message
from messages.errors import UsageError
from messages.market import Candle, Chunk
from messages.secret import Secret
from messages.session import SessionState
from messages.supervision import ActorExited, ExitReason, GetHealth, Health, StopSystem, SystemStopped
from optionbus.client import PocketOption
from optionbus.testing import FakeTransport, Probe, SteppedRuntime
from supervisor.settings import ConnectionSettings, ReconnectSettings, Settings
from supervisor.tree import Callbacks, World, name_of, plant, specs

CONCERNS = (
    *("Log", "Router", "KeepAlive", "Assets", "ServerTime", "Subscriptions", "GetCandles"),
    *("HistoricalData", "Balance", "Deals", "PendingTrades", "Trades", "Raw", "Session"),
)
"""The children of the top, in the order of their starts."""

JOURNAL = MemoryJournal
LOGIN = Secret('42["auth",{}]')


class Silent:
    """A log that keeps nothing."""

    def write(self, level: str, source: str, text: str) -> None:
        pass

    def close(self) -> None:
        pass


class Mine(Actor[Message]):
    """A user's actor."""

    def on_receive(self, message: Message) -> None:
        pass


class CopyTraderActor(Mine):
    """Another."""


class Tree:
    """The real tree on a network that is not there."""

    def __init__(
        self,
        runtime: Runtime,
        settings: Settings | None = None,
        users: tuple[type[Actor[Any]], ...] = (),
        connections: int = 1,
    ) -> None:
        self.settings = settings or Settings()
        self.network = FakeTransport()
        self.system = System(runtime, connections=connections)
        self.callbacks = Callbacks(self.settings)
        self.world = World(
            transport=self.network,
            log_sink=Silent(),
            login=LOGIN,
            is_demo=True,
            user_agent="Mosaic/1",
            open_journal=JOURNAL,
        )
        self.specs = specs(self.system, self.settings, self.world, self.callbacks, users)

    def health(self) -> Health:
        future, reply_to, request_id = self.system.expect("health", 10.0, lambda reply: reply)
        question = GetHealth(reply_to=reply_to, request_id=request_id)
        self.system.directory.tell(AddressName("Supervisor"), question)
        health: Health = future.get()
        return health

    def stop(self) -> None:
        future, reply_to, request_id = self.system.expect("the end", 10.0, lambda reply: reply)
        self.system.directory.tell(AddressName("Supervisor"), StopSystem(reply_to=reply_to, request_id=request_id))
        future.get()


@pytest.fixture
def runtime() -> SteppedRuntime:
    return SteppedRuntime()


@pytest.fixture
def threaded() -> Iterator[Tree]:
    tree = Tree(ThreadedRuntime(seed=0))
    plant(tree.system, tree.specs, Settings())
    yield tree
    tree.stop()
    tree.system.close()


def test_everybody_is_there_in_the_order_of_their_starts(runtime: SteppedRuntime) -> None:
    assert tuple(spec.name for spec in Tree(runtime).specs) == CONCERNS


def test_the_log_is_the_first_and_the_session_the_last(runtime: SteppedRuntime) -> None:
    names = [spec.name for spec in Tree(runtime, users=(Mine,)).specs]

    assert (names[0], names[-1]) == ("Log", "Session")


def test_actors_of_the_user_come_before_the_session(runtime: SteppedRuntime) -> None:
    names = [spec.name for spec in Tree(runtime, users=(Mine, CopyTraderActor)).specs]

    assert names[-3:] == ["Mine", "CopyTrader", "Session"]


def test_further_lines_come_after_the_session_of_the_account(runtime: SteppedRuntime) -> None:
    children = Tree(runtime, connections=3).specs

    further = ("Router-1", "KeepAlive-1", "Session-1", "Router-2", "KeepAlive-2", "Session-2")
    assert tuple(spec.name for spec in children) == (*CONCERNS, *further)
    assert [spec.line for spec in children] == [0] * len(CONCERNS) + [1] * 3 + [2] * 3


def test_an_actor_is_called_what_its_class_is_without_the_word() -> None:
    class Actor_(Mine):  # noqa: N801
        pass

    Actor_.__name__ = "Actor"

    assert [name_of(kind) for kind in (Mine, CopyTraderActor, Actor_)] == ["Mine", "CopyTrader", "Actor"]


@pytest.mark.parametrize("name", ["Supervisor", "Connection", "BalanceActor", "Router"])
def test_an_actor_of_the_user_takes_nobodys_name(runtime: SteppedRuntime, name: str) -> None:
    namesake = type(name, (Mine,), {})

    with pytest.raises(UsageError, match="another name"):
        Tree(runtime, users=(namesake,))


def test_the_tree_is_stopped_in_reverse(runtime: SteppedRuntime) -> None:
    tree = Tree(runtime)
    said = Probe()
    tree.system.routes.listen((ActorExited, SystemStopped), said)
    plant(tree.system, tree.specs, Settings())
    runtime.run_until_idle()

    tree.stop()

    exits = said.of(ActorExited)
    assert tuple(exit_.name for exit_ in exits) == ("Connection", *reversed(CONCERNS))
    assert {exit_.reason for exit_ in exits} == {ExitReason.STOPPED}
    assert said.messages[-1] == SystemStopped()
    assert tree.system.directory.addresses() == []


def test_health_names_every_concern_each_with_a_thread_of_its_own(threaded: Tree) -> None:
    health = threaded.health()

    assert {actor.name for actor in health.actors} == {"Supervisor", *CONCERNS, "Connection"}
    threads = [actor.thread for actor in health.actors]
    assert len(set(threads)) == len(threads)
    running = {thread.name for thread in threading.enumerate()}
    begun = {thread for thread in threads if thread is not None}
    assert begun <= running


def test_health_knows_that_the_connection_is_a_life_of_its_own(runtime: SteppedRuntime) -> None:
    tree = Tree(runtime)
    plant(tree.system, tree.specs, Settings())
    runtime.run_until_idle()
    tree.network.channel.lose()
    runtime.advance(1.0)

    lives: dict[str, int] = {actor.name: actor.incarnation for actor in tree.health().actors}

    assert lives["Connection"] == 2
    assert {lives[name] for name in CONCERNS} == {1}


def test_each_attempt_tries_the_next_url(runtime: SteppedRuntime) -> None:
    settings = Settings(connection=ConnectionSettings(urls=("ws://a", "ws://b")))
    tree = Tree(runtime, settings)
    plant(tree.system, tree.specs, Settings())
    runtime.run_until_idle()
    for _ in range(3):
        tree.network.channel.lose()
        runtime.advance(30.0)

    assert [channel.endpoint.url for channel in tree.network.channels] == ["ws://a", "ws://b", "ws://a", "ws://b"]


def test_a_region_comes_first_and_the_usual_hosts_after_it(runtime: SteppedRuntime) -> None:
    settings = Settings(connection=ConnectionSettings(region="Moscow"))
    system, network = System(runtime), FakeTransport()
    world = World(transport=network, log_sink=Silent(), login=LOGIN, is_demo=False, open_journal=JOURNAL)
    plant(system, specs(system, settings, world, Callbacks(settings)), settings)
    runtime.run_until_idle()
    for _ in range(2):
        network.channel.lose()
        runtime.advance(30.0)

    hosts = [channel.endpoint.url.split("/")[2].partition(".")[0] for channel in network.channels]
    assert hosts == ["api-msk", "api-eu", "api-us-south"]
    assert network.measured == []


def test_the_nearest_of_all_hosts_is_measured_once(runtime: SteppedRuntime) -> None:
    settings = Settings(connection=ConnectionSettings(region="Fastest"))
    system, network = System(runtime), FakeTransport()
    far, near = settings.endpoints(is_demo=True)
    network.distances = {far: 0.2, near: 0.1}
    world = World(transport=network, log_sink=Silent(), login=LOGIN, is_demo=True, open_journal=JOURNAL)

    plant(system, specs(system, settings, world, Callbacks(settings)), settings)
    runtime.run_until_idle()

    assert [channel.endpoint.url for channel in network.channels] == [near]
    assert network.measured == [(far, near)]


@pytest.mark.parametrize(("session_agent", "used"), [("Mosaic/1", "Mosaic/1"), (None, "Set/2")])
def test_the_browser_of_the_session_goes_before_the_one_that_is_set(
    runtime: SteppedRuntime, session_agent: str | None, used: str
) -> None:
    settings = Settings(
        connection=ConnectionSettings(user_agent="Set/2", origin="https://here", proxy=Secret("http://p"))
    )
    system, network = System(runtime), FakeTransport()
    world = World(
        transport=network, log_sink=Silent(), login=LOGIN, is_demo=False, user_agent=session_agent, open_journal=JOURNAL
    )

    plant(system, specs(system, settings, world, Callbacks(settings)), settings)
    runtime.run_until_idle()

    endpoint = network.channel.endpoint
    assert (endpoint.user_agent, endpoint.origin, endpoint.proxy) == (used, "https://here", Secret("http://p"))


def test_the_session_is_restored_in_a_fixed_order_and_then_by_the_user() -> None:
    callbacks = Callbacks(Settings(reconnect=ReconnectSettings(callback_seconds=3.0)))

    callbacks.add(AddressName("Mine"))

    assert [callback.name for callback in callbacks()] == ["Assets", "Subscriptions", "Raw", "Trades", "Mine"]
    assert {callback.deadline_seconds for callback in callbacks()} == {3.0}


def test_the_backoff_is_the_one_that_is_set(runtime: SteppedRuntime) -> None:
    tree = Tree(runtime, Settings(reconnect=ReconnectSettings(max_failures=2)))
    plant(tree.system, tree.specs, Settings())
    runtime.run_until_idle()
    for _ in range(2):
        tree.network.channel.lose()
        runtime.advance(30.0)

    assert tree.system.session.state is SessionState.CLOSED
    assert len(tree.network.channels) == 2


def test_a_series_wanted_again_while_its_aggregator_leaves_goes_on() -> None:
    """However far the leaving has come."""
    runtime = SteppedRuntime(5)
    with PocketOption.simulated(seed=1, runtime=runtime) as client:
        client.wait_ready(timeout=10)
        for steps in range(48):
            series = client.subscribe("EURUSD_otc", Chunk(2))
            assert isinstance(series.get(timeout=10), Candle), f"after {steps} steps"
            series.close()
            for _ in range(steps % 12):
                runtime.step()


def test_trees_in_one_process_share_nothing(runtime: SteppedRuntime) -> None:
    trees = [Tree(runtime), Tree(runtime)]
    for tree in trees:
        plant(tree.system, tree.specs, Settings())
    runtime.run_until_idle()

    trees[0].stop()

    assert trees[0].system.session.state is SessionState.CLOSED
    assert trees[1].system.session.state is SessionState.CONNECTING
    assert len(trees[1].health().actors) == len(CONCERNS) + 2

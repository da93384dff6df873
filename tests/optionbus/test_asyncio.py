"""The client in asyncio code, on threads and real sockets: the loop is never blocked, and what is cancelled is gone."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from actors.future import Future
from actors.system import System
from messages.errors import RequestCancelled, SystemFailed
from messages.session import SessionState
from optionbus.client import PocketOption
from simulator.broker import Broker
from simulator.server import SimulatorServer
from supervisor.settings import LogSettings, ReconnectSettings, Settings

pytestmark = pytest.mark.sockets

SSID = '42["auth",{"session":"abcdefghijklmnopqrstuvwxyz","isDemo":1,"uid":12345,"platform":2}]'
ASSET = "EURUSD_otc"
QUICK = Settings(reconnect=ReconnectSettings(base_seconds=0.01), log=LogSettings(level="ERROR"))
PATIENCE_SECONDS = 10.0
BEAT_SECONDS = 0.25
"""A loop that stands still for so long was blocked: what is awaited here takes longer in sum, and its pieces less."""

Work = Callable[[PocketOption, SimulatorServer], Awaitable[Any]]


class Heart:
    """A task that wants to run all the time, and knows the longest pause it had to make."""

    def __init__(self) -> None:
        self.longest_pause = 0.0
        self.beats = 0

    async def beat(self) -> None:
        loop = asyncio.get_running_loop()
        last = loop.time()
        while True:
            await asyncio.sleep(0.001)
            now = loop.time()
            self.longest_pause = max(self.longest_pause, now - last)
            self.beats += 1
            last = now


def run(work: Work) -> Any:
    """Do the work with a client that is READY, within its time."""

    async def main() -> Any:
        with SimulatorServer(Broker(seed=1)) as server:
            async with asyncio.timeout(PATIENCE_SECONDS), PocketOption(SSID, url=server.url, config=QUICK) as client:
                await client.ready()
                return await work(client, server)

    return asyncio.run(main())


@asynccontextmanager
async def heartbeat() -> AsyncIterator[Heart]:
    heart = Heart()
    task = asyncio.create_task(heart.beat())
    yield heart
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def _value(future: Awaitable[Any]) -> Any:
    return await future


async def _cancel(future: Awaitable[Any]) -> None:
    """Begin to await it, and be cancelled."""
    task = asyncio.create_task(_value(future))
    await asyncio.sleep(0)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def _kept(system: System) -> tuple[int, int, int]:
    """How many names, ends and deadlines are kept for requests."""
    names = sum(name.startswith(("Caller", "Stream")) for name in system.directory._entries)
    actions = [entry.action for _, _, entry in tuple(system.runtime.scheduler._timers._entries)]  # type: ignore[attr-defined]
    deadlines = sum(getattr(action, "__func__", None) is Future.expire for action in actions)
    return names, len(system._ends), deadlines


def test_the_loop_beats_while_everything_is_awaited() -> None:
    async def work(client: PocketOption, server: SimulatorServer) -> Heart:
        async with heartbeat() as heart:
            await asyncio.gather(client.balance(), client.assets(), client.candles(ASSET, 60, 10))
            deal = await client.buy(ASSET, 10, 60)
            assert await client.opened_deal(deal.id) == deal
            with suppress(TimeoutError):
                await client.result(deal.id, timeout=0.3)
            await client.disconnect_and_hold()
            await client.connect()
            await client.ready()
            server.drop_connections()
            await client.disconnected()
            await client.ready()
            await anext(client.subscribe(ASSET))
        return heart

    heart = run(work)

    assert heart.beats > 100
    assert heart.longest_pause < BEAT_SECONDS


def test_a_heart_that_is_blocked_shows_it() -> None:
    async def work(client: PocketOption, _server: SimulatorServer) -> Heart:
        async with heartbeat() as heart:
            await asyncio.sleep(0.01)
            with suppress(TimeoutError):
                client.disconnected().get(timeout=BEAT_SECONDS)  # what no asyncio code should do
            await asyncio.sleep(0.01)
        return heart

    assert run(work).longest_pause >= BEAT_SECONDS


async def _until(stream: AsyncIterator[Any], is_last: Callable[[Any], bool]) -> list[Any]:
    """What is read, up to the first that is the last."""
    read = []
    async for item in stream:
        read.append(item)
        if is_last(item):
            break
    return read


def test_states_logs_and_subscriptions_are_iterated_at_once() -> None:
    async def work(client: PocketOption, server: SimulatorServer) -> tuple[list[Any], ...]:
        states, logs, ticks = client.states(), client.logs("INFO"), client.subscribe(ASSET)
        await ticks.confirmed
        server.drop_connections()
        return await asyncio.gather(
            _until(states, lambda change: change.state is SessionState.READY),
            _until(logs, lambda record: record.level == "WARNING"),
            _until(ticks, lambda tick: tick.symbol == ASSET),
        )

    states, records, ticks = run(work)

    assert states[0].state is SessionState.BACKING_OFF
    assert "backing off" in records[-1].text
    assert len(ticks) == 1


def test_logs_end_in_asyncio_code_after_their_timeout() -> None:
    async def work(client: PocketOption, _server: SimulatorServer) -> Heart:
        async with heartbeat() as heart:
            assert [record async for record in client.logs("CRITICAL", timeout=0.05)] == []
        return heart

    assert run(work).longest_pause < BEAT_SECONDS


def test_a_cancelled_await_leaves_nothing_behind() -> None:
    async def work(client: PocketOption, _server: SimulatorServer) -> tuple[object, object]:
        system = client._edge.system
        before = _kept(system)
        pending = system.expect("an answer that never comes", 3600, lambda reply: reply)[0]
        assert _kept(system) == tuple(number + 1 for number in before)  # it would be seen
        await _cancel(pending)
        for _ in range(50):
            await _cancel(client.disconnected(timeout=3600))
            await _cancel(system.expect("an answer that never comes", 3600, lambda reply: reply)[0])
        return before, _kept(system)

    before, after = run(work)

    assert after == before


def test_a_cancelled_read_leaves_no_reader_and_loses_no_item() -> None:
    async def work(client: PocketOption, _server: SimulatorServer) -> None:
        states, ticks = client.states(), client.subscribe(ASSET)
        for stream in (states, ticks._stream):
            while len(stream):
                stream.get()
            await _cancel(anext(stream))
            assert len(stream._readers) == 0
        assert (await anext(ticks)).symbol == ASSET

    run(work)


def test_a_timeout_around_an_await_is_a_cancelled_await() -> None:
    async def work(client: PocketOption, _server: SimulatorServer) -> None:
        future = client.disconnected()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(_value(future), 0.01)
        with pytest.raises(RequestCancelled):
            await future

    run(work)


def test_a_confirmation_that_is_cancelled_does_not_end_its_subscription() -> None:
    async def work(client: PocketOption, _server: SimulatorServer) -> None:
        ticks = client.subscribe(ASSET)
        await _cancel(ticks.confirmed)
        assert (await anext(ticks)).symbol == ASSET

    run(work)


def test_a_cancelled_order_is_not_unsent_and_its_deal_is_recorded() -> None:
    async def work(client: PocketOption, _server: SimulatorServer) -> int:
        await _cancel(client.buy(ASSET, 10, 60))
        while not (deals := await client.opened_deals()):
            pass
        return len(deals)

    assert run(work) == 1


def test_a_subscription_may_be_closed_by_another_task() -> None:
    async def work(client: PocketOption, _server: SimulatorServer) -> list[Any]:
        ticks = client.subscribe(ASSET)
        reading = asyncio.create_task(_read(ticks))
        await ticks.confirmed
        ticks.close()
        await reading
        return list(await client.subscriptions())

    assert run(work) == []


async def _read(stream: AsyncIterator[Any]) -> int:
    count = 0
    async for _ in stream:
        count += 1
    return count


def test_a_client_may_be_closed_by_another_task() -> None:
    async def work(client: PocketOption, _server: SimulatorServer) -> list[object]:
        waiting = [
            asyncio.create_task(_read(client.states())),
            asyncio.create_task(_read(client.subscribe(ASSET))),
            asyncio.create_task(_value(client.disconnected(timeout=3600))),
            asyncio.create_task(_read(client.logs())),
        ]
        await asyncio.sleep(0)
        async with heartbeat() as heart:
            await asyncio.to_thread(client.stop)
            ends = await asyncio.gather(*waiting, return_exceptions=True)
        assert heart.longest_pause < BEAT_SECONDS
        return list(ends)

    states, ticks, disconnected, logs = run(work)

    assert isinstance(states, SystemFailed)
    assert isinstance(ticks, SystemFailed)
    assert disconnected is None
    assert isinstance(logs, int)


def test_a_body_that_is_cancelled_still_stops_its_client() -> None:
    async def main(server: SimulatorServer) -> SessionState:
        client, is_ready = PocketOption(SSID, url=server.url, config=QUICK), asyncio.Event()

        async def body() -> None:
            async with client:
                await client.ready()
                is_ready.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(body())
        await is_ready.wait()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        return client.state

    with SimulatorServer(Broker(seed=1)) as server:
        assert asyncio.run(main(server)) is SessionState.CLOSED

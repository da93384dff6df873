"""The client on threads and real sockets: what only they can show."""

import asyncio
import ssl
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import pytest
import trustme

from messages.errors import BlockingInHandler, ConfigInvalid, DeadlineExceeded, SessionRejected, UsageError
from messages.market import Chunk, Symbol, Tick
from messages.session import FrameReceived, FrameSent, SessionState, SessionStateChanged
from messages.wire.commands import subscribe_for
from optionbus.client import PocketOption
from simulator.broker import Broker, Outgoing, Refusal
from simulator.server import SimulatorServer
from simulator.streams import ConnectionId
from supervisor.settings import ConnectionSettings, ReconnectSettings, Settings

pytestmark = pytest.mark.sockets

SSID = '42["auth",{"session":"abcdefghijklmnopqrstuvwxyz","isDemo":1,"uid":12345,"platform":2}]'
ASSET = "EURUSD_otc"
SYMBOLS = (Symbol(ASSET), Symbol("GBPUSD_otc"))
QUICK = Settings(reconnect=ReconnectSettings(base_seconds=0.01))


@contextmanager
def connected(server: SimulatorServer, config: Settings = QUICK, ssid: str = SSID) -> Iterator[PocketOption]:
    with PocketOption(ssid, url=server.url, config=config) as client:
        client.wait_ready(timeout=10)
        yield client


def test_five_cuts_are_healed_and_everything_streams_again() -> None:
    shaky = Settings(reconnect=ReconnectSettings(base_seconds=0.01, stable_seconds=60))
    with SimulatorServer(Broker(seed=1)) as server, connected(server, shaky) as client:
        states, seen = client.states(), Seen()
        client.add_tap(seen)
        ticks, candles = client.subscribe(SYMBOLS[0]), client.subscribe(SYMBOLS[1], Chunk(2))
        for subscription in (ticks, candles):
            subscription.confirmed.get(timeout=10)
        for _ in range(5):
            incarnation = client._edge.system.session.incarnation
            server.drop_connections()
            client._edge.watch.until("a new connection", lambda i=incarnation: _is_new(client, i), 10).get()  # type: ignore[misc]
            healed = client.server_time().get().time - 1
            for subscription in (ticks, candles):
                while subscription.get(timeout=10).time < healed:
                    pass
        traffic = client._edge.system.traffic
        assert client._edge.system.session.incarnation == 6
        assert traffic.malformed == traffic.payloads_rejected == 0
        assert seen.wishes == {(number, subscribe_for(symbol)): 1 for number in range(1, 7) for symbol in SYMBOLS}
        assert seen.incarnations == sorted(seen.incarnations)
        assert set(seen.incarnations) == set(range(1, 7))
        retries = (move.retry_in_seconds for move in states if move.state is SessionState.BACKING_OFF)
        delays = list(islice(retries, 5))
    assert delays[0] == 0
    assert delays[1:] == [pytest.approx(0.01 * 2**number, rel=0.2) for number in range(4)]


class Seen:
    """A tap: how often each connection asked for each asset, and on which connection each frame came."""

    def __init__(self) -> None:
        self.wishes: Counter[tuple[int, str]] = Counter()
        self.incarnations: list[int] = []

    def __call__(self, frame: FrameReceived | FrameSent) -> None:
        if isinstance(frame, FrameReceived):
            self.incarnations.append(frame.incarnation)
        elif "subfor" in frame.text:
            self.wishes[frame.incarnation, frame.text] += 1


def _is_new(client: PocketOption, incarnation: int) -> bool:
    session = client._edge.system.session
    return session.incarnation > incarnation and session.state is SessionState.READY


def test_wss_with_a_verified_certificate(tmp_path: Path) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    trusted = Settings(connection=ConnectionSettings(ca_file=str(tmp_path / "ca.pem")))

    with SimulatorServer(Broker(), ssl_context=context) as server:
        with connected(server, trusted) as client:
            assert server.url.startswith("wss://")
            assert client.subscribe(ASSET).get(timeout=10).symbol == ASSET
        with PocketOption(SSID, url=server.url) as stranger, pytest.raises(DeadlineExceeded, match="certificate"):
            stranger.wait_ready(timeout=1)


class RefusingBroker(Broker):
    """Remembers when it hung up."""

    refused_at = 0.0

    def feed(self, connection: ConnectionId, data: str | bytes, now: float) -> list[Outgoing]:
        outgoing = super().feed(connection, data, now)
        if any(each.frame is None for each in outgoing):
            self.refused_at = time.monotonic()
        return outgoing


@pytest.mark.parametrize("refusal", [Refusal.NOT_AUTHORIZED, Refusal.DISCONNECT])
def test_a_refused_session_is_a_typed_error_at_once_and_final(refusal: Refusal) -> None:
    broker = RefusingBroker(refusal=refusal)
    with SimulatorServer(broker) as server, PocketOption(SSID, url=server.url) as client:
        with pytest.raises(SessionRejected, match="SSID is fresh"):
            client.wait_ready(timeout=10)

        assert time.monotonic() - broker.refused_at < 1
        assert client.state is SessionState.REJECTED
        assert not client.is_session_valid
        assert client._edge.system.session.incarnation == 1
        with pytest.raises(SessionRejected):
            client.balance().get()


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "nonsense", "wss://"])
def test_a_url_that_cannot_be_used_is_refused_before_anything_starts(url: str) -> None:
    with pytest.raises(ConfigInvalid) as refused:
        PocketOption(SSID, url=url)

    assert (refused.value.source, refused.value.path) == ("argument", "connection.urls[0]")


def test_what_cannot_be_used_at_all_is_a_typed_error_and_final(tmp_path: Path) -> None:
    strange = Settings(connection=ConnectionSettings(ca_file=str(tmp_path / "missing.pem")))
    with SimulatorServer(Broker()) as server:
        url = server.url.replace("ws://", "wss://")
        with PocketOption(SSID, url=url, config=strange) as client:
            with pytest.raises(UsageError, match="CA file"):
                client.wait_ready(timeout=10)

            assert client.state is SessionState.CLOSED


def test_without_a_server_the_first_retry_is_at_once_then_backoff() -> None:
    server = SimulatorServer(Broker())
    server.start()
    url = server.url
    server.stop()
    client = PocketOption(SSID, url=url, config=Settings(reconnect=ReconnectSettings(base_seconds=0.1)))
    moves: list[SessionStateChanged] = []
    states = client.states()
    with client:
        with pytest.raises(DeadlineExceeded, match=r"refused|backing off"):
            client.wait_ready(timeout=0.6)
        while len(moves) < 6:
            moves.append(next(states))

    delays = [move.retry_in_seconds for move in moves if move.state is SessionState.BACKING_OFF]
    assert delays[0] == 0
    assert delays[1] is not None
    assert delays[2] is not None
    assert 0.08 <= delays[1] <= 0.12
    assert 0.16 <= delays[2] <= 0.24


def test_sixteen_threads_share_one_client() -> None:
    with SimulatorServer(Broker(seed=1)) as server, connected(server) as client:
        symbols = (ASSET, "GBPUSD_otc", "AUDCAD_otc", "EURJPY_otc")

        def work(number: int) -> Tick:
            subscription = client.subscribe(symbols[number % 4])
            tick: Tick = subscription.get(timeout=10)
            assert client.balance().get() <= 50_000
            assert len(client.candles(symbols[number % 4], 60, 10).get()) == 10
            subscription.close()
            return tick

        with ThreadPoolExecutor(16) as pool:
            ticks = list(pool.map(work, range(16)))

        assert {tick.symbol for tick in ticks} == set(symbols)
        assert client.subscriptions().get() == ()


def test_asyncio_code_awaits_without_blocking_its_loop() -> None:
    async def main(client: PocketOption) -> tuple[Tick, int]:
        turns = 0

        async def spin() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        async with client:
            spinning = asyncio.create_task(spin())
            await client.ready(timeout=10)
            balance, assets = await asyncio.gather(client.balance(), client.assets())
            assert balance == 50_000
            assert assets
            tick = await anext(client.subscribe(ASSET))
            spinning.cancel()
            return tick, turns

    with SimulatorServer(Broker(seed=1)) as server:
        tick, turns = asyncio.run(main(PocketOption(SSID, url=server.url)))

    assert tick.symbol == ASSET
    assert turns > 10


def test_waiting_inside_a_callback_is_refused_not_deadlocked() -> None:
    refused: list[BlockingInHandler] = []
    called = threading.Event()
    with SimulatorServer(Broker()) as server:
        client = PocketOption(SSID, url=server.url)

        def callback() -> None:
            try:
                client.balance().get()
            except BlockingInHandler as error:
                refused.append(error)
            called.set()

        client.on_reconnect(callback)
        with client:
            client.wait_ready(timeout=10)
            assert called.wait(5)

    assert "reply_to" in str(refused[0])


def test_two_accounts_in_one_process_do_not_meet() -> None:
    other = SSID.replace("12345", "54321")
    with SimulatorServer(Broker(seed=1)) as server, connected(server) as one, connected(server, ssid=other) as two:
        deal = one.buy(ASSET, 10, 60).get()
        one.stop()

        assert two.is_connected
        assert two.balance().get() == 50_000
        assert deal not in two.opened_deals().get()


def test_whoever_stops_a_client_returns_when_it_has_stopped() -> None:
    with SimulatorServer(Broker(seed=1)) as server:
        client = PocketOption(SSID, url=server.url)
        client.start()
        client.wait_ready(timeout=10)

        def stop(_number: int) -> bool:
            client.stop()
            return client.state is SessionState.CLOSED

        with ThreadPoolExecutor(4) as pool:
            assert all(pool.map(stop, range(4)))


def test_stopping_inside_an_actor_is_refused_and_changes_nothing() -> None:
    refused: list[BlockingInHandler] = []
    with SimulatorServer(Broker()) as server:
        client = PocketOption(SSID, url=server.url)

        def callback() -> None:
            try:
                client.stop()
            except BlockingInHandler as error:
                refused.append(error)

        client.on_reconnect(callback)
        with client:
            client.wait_ready(timeout=10)
            assert client.balance().get() == 50_000

    assert refused


def test_the_embedded_broker_runs_as_fast_as_asked() -> None:
    with PocketOption.simulated(seed=1, speed=60) as client:
        client.wait_ready(timeout=10)
        began = time.monotonic()

        deal = client.buy(ASSET, 10, 60).get()
        result = client.result(deal.id).get(timeout=20)

        assert time.monotonic() - began < 10
        assert result.deal.close_time - result.deal.open_time == 60

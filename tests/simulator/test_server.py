import contextlib
import logging
import socket
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator

import pytest
import trustme
import websocket

from messages.errors import PortTaken, TransportError
from simulator.broker import Broker
from simulator.server import SimulatorServer, WallClock
from tests.simulator.caller import Caller
from tests.simulator.world import ASSET

pytestmark = pytest.mark.sockets


SMALL_BUFFER = (socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)

Call = Callable[[SimulatorServer], Caller]


@pytest.fixture
def call() -> Iterator[Call]:
    with contextlib.ExitStack() as stack:

        def connect(server: SimulatorServer) -> Caller:
            caller = Caller(server.url)
            stack.callback(caller.hang_up)
            return caller

        yield connect


@pytest.fixture
def server() -> Iterator[SimulatorServer]:
    with SimulatorServer(Broker(seed=1)) as server:
        yield server


def test_a_client_logs_in_and_hears_ticks(server: SimulatorServer, call: Call) -> None:
    caller = call(server)
    caller.log_in()
    caller.say("subfor", ASSET)
    [[symbol, _, price]] = caller.await_event("updateStream")
    assert symbol == ASSET
    assert 1 < price < 1.2


def test_a_scaled_clock_settles_a_minute_in_a_second(call: Call) -> None:
    with SimulatorServer(Broker(), clock=WallClock(scale=60)) as server:
        caller = call(server)
        caller.log_in()
        order = {"asset": ASSET, "amount": 1, "action": "call", "isDemo": 1, "requestId": 1, "optionType": 100}
        caller.say("openOrder", order | {"time": 30})
        opened = caller.await_event("successopenOrder")
        closed = caller.await_event("successcloseOrder")
    assert closed["deals"][0]["id"] == opened["id"]


def test_a_scaled_clock_runs_from_the_present() -> None:
    clock = WallClock(scale=1000)
    real, scaled = WallClock().now(), clock.now()
    assert 0 <= scaled - real < 1000


def test_frames_come_late_by_the_latency(call: Call) -> None:
    with SimulatorServer(Broker(latency_seconds=0.05)) as server:
        began = time.monotonic()
        call(server).log_in()

    assert time.monotonic() - began > 0.04  # the wall clock, by which it waits, may be adjusted meanwhile


def test_tls_needs_nothing_but_a_context() -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    with SimulatorServer(Broker(), ssl_context=context) as server:
        assert server.url.startswith("wss://127.0.0.1:")
        caller = Caller(server.url, sslopt={"context": trust})
        caller.log_in()
        server.drop_connections()
        assert not caller.await_end()


def test_dropped_connections_end_without_a_close_frame(server: SimulatorServer, call: Call) -> None:
    callers = [call(server), call(server)]
    for caller in callers:
        caller.log_in()
    assert server.connection_count == 2
    server.drop_connections()
    assert [caller.await_end() for caller in callers] == [False, False]
    call(server).log_in()


def test_a_server_that_does_not_accept_says_so(server: SimulatorServer, call: Call) -> None:
    call(server).log_in()
    server.stop_accepting()
    with pytest.raises(websocket.WebSocketBadStatusException) as refusal:
        call(server)
    assert refusal.value.status_code == 503
    server.resume_accepting()
    call(server).log_in()


def test_a_browser_is_told_where_to_connect(server: SimulatorServer) -> None:
    with pytest.raises(urllib.error.HTTPError) as answer:
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"http://127.0.0.1:{server.port}/")
    with answer.value:
        assert answer.value.code == 400
        assert server.url in answer.value.read().decode()


def test_a_stopped_server_starts_again_on_its_port(server: SimulatorServer, call: Call) -> None:
    call(server).log_in()
    port = server.port
    server.stop()
    server.stop()
    with pytest.raises(ConnectionRefusedError):
        call(server)
    server.start()
    assert server.port == port
    call(server).log_in()


def test_a_refused_login_ends_the_connection(server: SimulatorServer, call: Call) -> None:
    caller = call(server)
    caller.socket.send("40")
    caller.say("auth", {})
    assert caller.await_end()


def test_a_taken_port_is_a_typed_error(server: SimulatorServer) -> None:
    with pytest.raises(PortTaken, match=str(server.port)):
        SimulatorServer(Broker(), port=server.port).start()


def test_a_host_that_is_not_ours_is_a_typed_error() -> None:
    with pytest.raises(TransportError, match="cannot listen"):
        SimulatorServer(Broker(), host="192.0.2.1").start()


def test_an_ipv6_host_is_bracketed_in_the_url() -> None:
    assert SimulatorServer(Broker(), host="::1", port=5).url.startswith("ws://[::1]:5/")


def test_whoever_does_not_read_is_cut_off_and_delays_nobody(
    server: SimulatorServer, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.server._UNREAD_SECONDS", 0.2)
    deaf, attentive = Caller(server.url, sockopt=[SMALL_BUFFER]), call(server)
    deaf.log_in()
    # Some seven megabytes, more than lies between the two.
    with contextlib.suppress(websocket.WebSocketException, OSError):
        for _ in range(150):
            deaf.say("changeSymbol", {"asset": ASSET, "period": 60})
    attentive.log_in()
    attentive.say("subfor", ASSET)
    while server.connection_count > 1:
        attentive.await_event("updateStream")
    deaf.hang_up()


def test_more_than_can_be_kept_for_a_client_cuts_it_off(
    server: SimulatorServer, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.server._UNREAD_FRAMES", 0)
    assert not call(server).await_end()


def test_data_after_the_end_of_a_connection_is_no_news(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("simulator.websocket")
    for error in (EOFError(), ValueError()):
        log.error("unexpected internal error", exc_info=error)

    assert [type(record.exc_info[1]) for record in caplog.records if record.exc_info] == [ValueError]


def test_stopping_leaves_no_thread_behind() -> None:
    before = set(threading.enumerate())
    with SimulatorServer(Broker()) as server:
        caller = Caller(server.url)
        caller.log_in()
        caller.say("subfor", ASSET)
        caller.await_event("updateStream")
    caller.await_end()
    assert set(threading.enumerate()) == before

"""Proxies with a login, and the nearest of several hosts: the whole client, on loopback."""

import socket
import threading
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress

import pytest

from messages.errors import DeadlineExceeded
from messages.secret import Secret
from messages.session import HostsMeasured
from optionbus.client import PocketOption
from optionbus.testing import Probe
from simulator.broker import Broker
from simulator.server import SimulatorServer
from supervisor.settings import ConnectionSettings, ReconnectSettings, Settings
from tests.actors.raw_server import Peer, RawServer, silent_listener

pytestmark = pytest.mark.sockets

SSID = '42["auth",{"session":"abcdefghijklmnopqrstuvwxyz","isDemo":1,"uid":12345,"platform":2}]'
PASSWORD = "f00d/feed"  # noqa: S105 - nobody's
LOGIN = b64encode(f"user:{PASSWORD}".encode()).decode()
FORMS = (PASSWORD, "f00d%2Ffeed", LOGIN)


def _behind(scheme: str, port: int) -> Settings:
    proxy = Secret(f"{scheme}://user:f00d%2Ffeed@127.0.0.1:{port}")
    return Settings(connection=ConnectionSettings(proxy=proxy), reconnect=ReconnectSettings(base_seconds=0.01))


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)


def _forward(peer: Peer, port: int) -> None:
    """Let both ends talk until one of them has had enough."""
    with socket.create_connection(("127.0.0.1", port)) as server:
        answers = threading.Thread(target=_pump, args=(server, peer.socket), daemon=True)
        answers.start()
        _pump(peer.socket, server)
        answers.join()


def _http(peer: Peer) -> None:
    header = peer.read_header()
    if f"Proxy-Authorization: Basic {LOGIN}\r\n" not in header:
        peer.send(b"HTTP/1.1 407 Login Required\r\n\r\n")
        return
    peer.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
    _forward(peer, int(header.split()[1].rpartition(":")[2]))


def _socks5(peer: Peer) -> None:
    peer.read(peer.read(2)[1])
    peer.send(b"\x05\x02")
    name, password = peer.read(peer.read(2)[1]), peer.read(peer.read(1)[0])
    assert (name, password) == (b"user", PASSWORD.encode())
    peer.send(b"\x01\x00")
    peer.read(8)
    port = int.from_bytes(peer.read(2))
    peer.send(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
    _forward(peer, port)


@pytest.mark.parametrize(("scheme", "act"), [("http", _http), ("socks5", _socks5)])
def test_a_client_trades_through_a_proxy_that_wants_a_login(scheme: str, act: Callable[[Peer], None]) -> None:
    with SimulatorServer(Broker(seed=1)) as server, RawServer(act) as proxy:
        client = PocketOption(SSID, url=server.url, config=_behind(scheme, proxy.port))
        records = client.logs("TRACE")
        with client:
            client.wait_ready(timeout=10)
            assert client.balance().get() == 50_000
            shown = f"{client!r} {client._edge.settings!r} {client._edge._world!r}"
        shown += "".join(record.text for record in records)

    assert proxy.accepted == 1
    assert "session ready" in shown
    assert [form for form in FORMS if form in shown] == []


def test_a_proxy_that_repeats_the_login_is_not_quoted() -> None:
    def act(peer: Peer) -> None:
        with suppress(OSError):  # the client may end while it is told
            peer.read_header()
            peer.send(f"HTTP/1.1 407 Not {PASSWORD} {LOGIN}\r\n\r\n".encode())

    with RawServer(act) as proxy:
        client = PocketOption(SSID, url="ws://127.0.0.1:1/", config=_behind("http", proxy.port))
        records = client.logs("TRACE")
        with client:
            texts = [""]
            while "backing off" not in texts[-1]:
                texts.append(records.get(timeout=10).text)
            with pytest.raises(DeadlineExceeded, match="the proxy answered 407") as caught:
                client.wait_ready(timeout=0.1)

    shown = "".join([f"{caught.value}", *texts, *(record.text for record in records)])
    assert [form for form in FORMS if form in shown] == []


def test_a_password_in_somebodys_log_line_is_cut_out() -> None:
    client = PocketOption(SSID, config=_behind("http", 1))

    assert not any(form in client._edge.system.redact(f"a line with {form}") for form in FORMS)


def test_the_nearest_host_is_found_by_connecting_to_all_at_once() -> None:
    told = Probe()
    with silent_listener() as silent, SimulatorServer(Broker(seed=1)) as server:
        urls = (f"ws://127.0.0.1:{silent}/", "ws://127.0.0.1:1/", server.url)
        connection = ConnectionSettings(urls=urls, region="fastest", connect_timeout_seconds=0.2)
        client = PocketOption(SSID, config=Settings(connection=connection))
        client._edge.system.routes.add(HostsMeasured, told)
        with client:
            client.wait_ready(timeout=10)

    (measured,) = told.of(HostsMeasured)
    assert [url for url, _ in measured.seconds] == [server.url]


def test_a_host_that_fails_is_left_for_the_next() -> None:
    with SimulatorServer(Broker(seed=1)) as server:
        connection = ConnectionSettings(urls=("ws://127.0.0.1:1/", server.url))
        with PocketOption(SSID, config=Settings(connection=connection)) as client:
            client.wait_ready(timeout=10)

            assert client.statistics().failures == 1

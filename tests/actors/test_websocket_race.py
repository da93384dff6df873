"""Covers actors.websocket_race, on loopback."""

import contextlib
import ssl
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import trustme

from actors.ports import Endpoint
from actors.websocket_race import race
from actors.websocket_transport import WebSocketTransport
from messages.secret import Secret
from tests.actors.raw_server import Peer, RawServer, silent_listener
from tests.actors.recording_inlet import PATIENCE_SECONDS

pytestmark = pytest.mark.sockets


def _await_end(peer: Peer) -> None:
    peer.await_end()


def _after_tls(context: ssl.SSLContext, gate: threading.Event) -> Callable[[Peer], None]:
    """A server whose handshake waits for the gate."""

    def act(peer: Peer) -> None:
        gate.wait(PATIENCE_SECONDS)
        with contextlib.suppress(OSError):  # whoever measures leaves without a word
            peer.start_tls(context)
            peer.await_end()

    return act


def test_the_quickest_is_first_and_who_cannot_be_reached_takes_no_part() -> None:
    with silent_listener() as refused_port:
        pass
    with RawServer(_await_end) as server:
        endpoints = [
            Endpoint(url=f"ws://127.0.0.1:{refused_port}/"),
            Endpoint(url="nonsense"),
            Endpoint(url="ws://127.0.0.1:1/", proxy=Secret("ftp://user:f00dfeed@host")),
            Endpoint(url=server.url()),
        ]
        laps = race(endpoints)

    assert list(laps) == [server.url()]
    assert 0 < laps[server.url()] < 2


def test_tls_is_part_of_the_way(tmp_path: Path) -> None:
    root, context, gate = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), threading.Event()
    root.issue_cert("127.0.0.1").configure_cert(context)
    root.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    ca_file = str(tmp_path / "ca.pem")
    slow, quick = _after_tls(context, gate), _after_tls(context, opened())
    with RawServer(slow) as far, RawServer(quick) as near:
        urls = [f"wss://127.0.0.1:{server.port}/" for server in (far, near)]
        laps = race([Endpoint(url=url, ca_file=ca_file, connect_timeout_seconds=1.0) for url in urls])
        gate.set()

    assert list(laps) == urls[1:]


def opened() -> threading.Event:
    gate = threading.Event()
    gate.set()
    return gate


def test_a_certificate_that_is_not_believed_takes_no_part() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with RawServer(_after_tls(context, opened())) as server:
        assert race([Endpoint(url=f"wss://127.0.0.1:{server.port}/")]) == {}


def test_a_transport_reports_once_and_does_not_hold_up_who_asks() -> None:
    reports: list[Mapping[str, float]] = []
    reported = threading.Event()

    def report(seconds: Mapping[str, float]) -> None:
        reports.append(seconds)
        reported.set()

    with silent_listener() as silent, RawServer(_await_end) as server:
        urls = [f"wss://127.0.0.1:{silent}/", server.url()]
        WebSocketTransport().measure([Endpoint(url=url, connect_timeout_seconds=0.2) for url in urls], report)
        assert reports == []
        assert reported.wait(PATIENCE_SECONDS)

    assert [list(seconds) for seconds in reports] == [[server.url()]]

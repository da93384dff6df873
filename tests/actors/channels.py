"""Channels for tests, the servers at their other end, and who signs the certificates."""

import contextlib
import ssl
import threading
from collections.abc import Callable, Iterator
from typing import NamedTuple

import trustme
from websockets.sync.server import ServerConnection, serve

from actors.ports import Channel, Endpoint
from actors.websocket_transport import WebSocketTransport
from messages.errors import BusError
from tests.actors.raw_server import Peer
from tests.actors.recording_inlet import PATIENCE_SECONDS, RecordingInlet


class Authority(NamedTuple):
    """Who signs the certificates of tests."""

    root: trustme.CA
    file: str

    def context(self, *names: str) -> ssl.SSLContext:
        """A server's side of TLS, under those names."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.root.issue_cert(*names).configure_cert(context)
        return context


@contextlib.contextmanager
def opening(
    inlet: RecordingInlet,
    url: str,
    *,
    timeout_seconds: float = PATIENCE_SECONDS,
    send_timeout_seconds: float = PATIENCE_SECONDS,
    ca_file: str | None = None,
    user_agent: str = "",
) -> Iterator[Channel]:
    """A channel that is over when the test is."""
    endpoint = Endpoint(url=url, connect_timeout_seconds=timeout_seconds, ca_file=ca_file, user_agent=user_agent)
    channel = WebSocketTransport(send_timeout_seconds=send_timeout_seconds).open(endpoint, inlet)
    try:
        yield channel
    finally:
        channel.abort()
        for thread in threading.enumerate():
            if thread.name == f"Reader-{inlet.incarnation}":
                thread.join(PATIENCE_SECONDS)


def error_of_opening(inlet: RecordingInlet, url: str, ca_file: str | None = None) -> BusError:
    """What it ends with, having heard nothing else."""
    with opening(inlet, url, ca_file=ca_file):
        heard = inlet.heard.get(timeout=PATIENCE_SECONDS)
    assert isinstance(heard, BusError), heard
    assert inlet.heard.empty()
    return heard


def echo(connection: ServerConnection) -> None:
    for message in connection:
        connection.send(message)


@contextlib.contextmanager
def serving_echo(context: ssl.SSLContext | None) -> Iterator[str]:
    """A real server's address."""
    with serve(echo, "127.0.0.1", 0, ssl=context, compression=None, ping_interval=None) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"ws{'s' if context else ''}://127.0.0.1:{server.socket.getsockname()[1]}/"
        server.shutdown()
        thread.join(PATIENCE_SECONDS)


def upgrade_and_send(data: bytes) -> Callable[[Peer], None]:
    def act(peer: Peer) -> None:
        peer.upgrade()
        peer.send(data)
        peer.await_end()

    return act


def answer(data: bytes) -> Callable[[Peer], None]:
    def act(peer: Peer) -> None:
        peer.read_header()
        with contextlib.suppress(OSError):
            peer.send(data)
        peer.await_end()

    return act

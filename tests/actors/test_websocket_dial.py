import contextlib
import socket
import ssl
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest
import trustme

from actors.ports import Endpoint
from actors.websocket_transport import WebSocketTransport
from messages.errors import BusError, TransportError, UsageError
from messages.secret import Secret
from tests.actors.raw_server import Peer, RawServer, frame, silent_listener
from tests.actors.recording_inlet import PATIENCE_SECONDS, RecordingInlet

pytestmark = pytest.mark.sockets

VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def asked() -> list[str]:
    """What the proxy was asked for."""
    return []


@pytest.fixture
def http_proxy(asked: list[str]) -> Callable[[Peer], None]:
    """A proxy that is also the server behind it."""

    def act(peer: Peer) -> None:
        asked.append(peer.read_header())
        peer.send(b"HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n")
        serve_one(peer)

    return act


def serve_one(peer: Peer) -> None:
    with contextlib.suppress(OSError):  # refused by its client
        peer.upgrade()
        peer.send(frame(b"hello"))
        peer.await_end()


def hang_up(_: Peer) -> None:
    pass


def socks_proxy(
    asked: list[str], *, wants_login: bool = False, behind: Callable[[Peer], None] = serve_one
) -> Callable[[Peer], None]:
    def act(peer: Peer) -> None:
        methods = peer.read(peer.read(2)[1])
        peer.send(b"\x05\x02" if wants_login else b"\x05\x00")
        if wants_login:
            assert 2 in methods
            name = peer.read(peer.read(2)[1])
            password = peer.read(peer.read(1)[0])
            asked.append(f"{name.decode()} {password.decode()}")
            peer.send(b"\x01\x00")
        kind = peer.read(4)[3]
        host = peer.read(peer.read(1)[0]) if kind == 3 else peer.read({1: 4, 4: 16}[kind])
        asked.append(f"{kind} {host.decode() if kind == 3 else host.hex()}:{int.from_bytes(peer.read(2))}")
        peer.send(b"\x05\x00\x00\x01\x0d\x0a\x0d\x0a\x0d\x0a")
        behind(peer)

    return act


def hidden(proxy: str | None) -> Secret | None:
    return None if proxy is None else Secret(proxy)


def messages_through(
    url: str, proxy: str | None = None, ca_file: str | None = None, timeout_seconds: float = PATIENCE_SECONDS
) -> list[tuple[bool, bytes]]:
    inlet = RecordingInlet()
    endpoint = Endpoint(url=url, proxy=hidden(proxy), ca_file=ca_file, connect_timeout_seconds=timeout_seconds)
    channel = WebSocketTransport().open(endpoint, inlet)
    inlet.wait_opened()
    messages = inlet.wait_messages(1)
    channel.abort()
    inlet.wait_closed()
    return messages


def error_through(url: str, proxy: str | None = None) -> BusError:
    inlet = RecordingInlet()
    endpoint = Endpoint(url=url, proxy=hidden(proxy), connect_timeout_seconds=PATIENCE_SECONDS)
    WebSocketTransport().open(endpoint, inlet)
    return inlet.wait_closed()


def test_an_http_proxy_is_asked_for_the_host_with_its_login(
    asked: list[str], http_proxy: Callable[[Peer], None]
) -> None:
    with RawServer(http_proxy) as proxy:
        messages = messages_through("ws://platform.invalid/", f"http://us%3Aer:f00d%2Ffeed@127.0.0.1:{proxy.port}")

    assert messages == [(True, b"hello")]
    login = b64encode(b"us:er:f00d/feed").decode()
    assert asked[0].splitlines()[:3] == [
        "CONNECT platform.invalid:80 HTTP/1.1",
        "Host: platform.invalid:80",
        f"Proxy-Authorization: Basic {login}",
    ]


def test_an_http_proxy_without_login_is_told_none(asked: list[str], http_proxy: Callable[[Peer], None]) -> None:
    with RawServer(http_proxy) as proxy:
        messages_through("ws://[2001:db8::1]:8080/", f"http://127.0.0.1:{proxy.port}")

    assert asked == ["CONNECT [2001:db8::1]:8080 HTTP/1.1\r\nHost: [2001:db8::1]:8080\r\n\r\n"]


def test_tls_goes_through_a_proxy_and_knows_its_host(asked: list[str], tmp_path: Path) -> None:
    root, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    root.issue_cert("platform.invalid").configure_cert(context)
    root.cert_pem.write_to_path(str(tmp_path / "ca.pem"))

    def act(peer: Peer) -> None:
        asked.append(peer.read_header())
        peer.send(b"HTTP/1.1 200 OK\r\n\r\n")
        peer.start_tls(context)
        serve_one(peer)

    with RawServer(act) as proxy:
        url = f"http://127.0.0.1:{proxy.port}"
        messages = messages_through("wss://platform.invalid/", url, str(tmp_path / "ca.pem"))

    assert messages == [(True, b"hello")]
    assert asked[0].startswith("CONNECT platform.invalid:443 ")


def test_a_socks_proxy_is_asked_for_the_host_by_name(asked: list[str]) -> None:
    with RawServer(socks_proxy(asked, wants_login=True)) as proxy:
        url = f"socks5h://us%3Aer:f00d%2Ffeed@127.0.0.1:{proxy.port}"
        messages = messages_through("ws://platform.invalid:81/", url)

    assert messages == [(True, b"hello")]
    assert asked == ["us:er f00d/feed", "3 platform.invalid:81"]


def test_a_socks_proxy_is_asked_for_an_address_found_here(asked: list[str]) -> None:
    with RawServer(socks_proxy(asked)) as proxy:
        messages = messages_through("ws://127.0.0.1:81/", f"socks5://127.0.0.1:{proxy.port}")

    assert messages == [(True, b"hello")]
    assert asked == ["1 7f000001:81"]


@pytest.mark.parametrize("scheme", ["http", "socks5", "socks5h"])
def test_a_proxy_that_refuses_is_an_error_without_the_login(scheme: str) -> None:
    refusal = b"HTTP/1.1 407 Login Required\r\n\r\n" if scheme == "http" else b"\x05\xff"

    def act(peer: Peer) -> None:
        peer.read(3)
        peer.send(refusal)
        peer.await_end()

    with RawServer(act) as proxy:
        error = error_through("ws://127.0.0.1/", f"{scheme}://user:f00dfeed@127.0.0.1:{proxy.port}")

    assert type(error) is TransportError
    assert "f00dfeed" not in str(error)


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 200" + b" " * 9000, b"A: b\r\n" * 12_000, b"\r\n\r\n", b"nonsense\r\n\r\n"]
)
def test_a_proxy_s_header_is_limited_and_read(answer: bytes) -> None:
    def act(peer: Peer) -> None:
        peer.read_header()
        with contextlib.suppress(OSError):
            peer.send(answer)
        peer.await_end()

    with RawServer(act) as proxy:
        assert type(error_through("ws://127.0.0.1/", f"http://127.0.0.1:{proxy.port}")) is TransportError


@pytest.mark.parametrize("variable", VARIABLES[:3])
def test_loopback_needs_no_proxy_whatever_the_environment_says(
    variable: str, monkeypatch: pytest.MonkeyPatch, asked: list[str], http_proxy: Callable[[Peer], None]
) -> None:
    with RawServer(http_proxy) as proxy, RawServer(serve_one) as server:
        monkeypatch.setenv(variable, f"http://127.0.0.1:{proxy.port}")
        for host in ("127.0.0.1", "localhost"):
            assert messages_through(server.url(host=host)) == [(True, b"hello")]

    assert asked == []


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "all_proxy"])
def test_elsewhere_the_environment_s_proxy_is_used(
    variable: str, monkeypatch: pytest.MonkeyPatch, asked: list[str], http_proxy: Callable[[Peer], None]
) -> None:
    with RawServer(http_proxy) as proxy:
        monkeypatch.setenv(variable, f"127.0.0.1:{proxy.port}")
        messages = messages_through("ws://platform.invalid/")

    assert messages == [(True, b"hello")]
    assert asked[0].startswith("CONNECT platform.invalid:80 ")


def test_the_environment_can_name_a_socks_proxy_for_tls(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with RawServer(socks_proxy(asked, behind=hang_up)) as proxy:
        monkeypatch.setenv("https_proxy", f"socks5h://127.0.0.1:{proxy.port}")
        error_through("wss://platform.invalid/")

    assert asked == ["3 platform.invalid:443"]


def test_what_needs_no_proxy_gets_none(monkeypatch: pytest.MonkeyPatch, http_proxy: Callable[[Peer], None]) -> None:
    with RawServer(http_proxy) as proxy:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("no_proxy", "platform.invalid")
        error_through("ws://platform.invalid/")

    assert proxy.accepted == 0


def test_the_next_address_is_tried_when_one_refuses_or_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        refusing = listener.getsockname()[1]
    with silent_listener() as silent, RawServer(serve_one) as server:
        ports = [refusing, silent, server.port]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [address(port) for port in ports])

        assert messages_through("ws://platform.invalid/", timeout_seconds=1.0) == [(True, b"hello")]


def address(port: int) -> tuple[object, ...]:
    return socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", port)


@pytest.mark.parametrize(
    "url", ["https://platform.invalid/", "platform.invalid", "wss://", "ws://a:port/", "ws://[::1/", ""]
)
def test_an_address_that_is_none_says_what_one_is(url: str) -> None:
    error = error_through(url)

    assert isinstance(error, UsageError)
    assert "ws:// or wss://" in str(error)


@pytest.mark.parametrize(
    "proxy", ["https://user:f00dfeed@127.0.0.1:1", "http://user:f00dfeed@127.0.0.1:f00dfeed", "http://user:f00dfeed@"]
)
def test_a_proxy_that_is_none_is_not_quoted(proxy: str) -> None:
    error = error_through("ws://127.0.0.1/", proxy)

    assert isinstance(error, UsageError)
    assert "f00dfeed" not in str(error)
    assert error.__cause__ is None


def test_a_proxy_that_speaks_for_its_server_is_not_believed() -> None:
    def act(peer: Peer) -> None:
        peer.read_header()
        peer.send(b"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 101 Switching Protocols\r\n\r\n")
        peer.await_end()

    with RawServer(act) as proxy:
        error = error_through("ws://127.0.0.1/", f"http://127.0.0.1:{proxy.port}")

    assert str(error) == "Network: the proxy said more than it was asked"

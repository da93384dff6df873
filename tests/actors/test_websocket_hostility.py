import contextlib
import socket
import ssl
import threading
from pathlib import Path

import pytest
from websocket import ABNF

from actors.websocket_headers import MAX_HEADER_BYTES, MAX_LINE_BYTES
from actors.websocket_stream import MAX_FRAGMENTS
from messages.errors import ConnectionLost, TransportError, UsageError
from tests.actors.channels import Authority, answer, error_of_opening, opening, serving_echo
from tests.actors.raw_server import Peer, RawServer, frame, silent_listener
from tests.actors.recording_inlet import PATIENCE_SECONDS, RecordingInlet

pytestmark = pytest.mark.sockets


def test_a_server_that_says_nothing_is_given_up(inlet: RecordingInlet) -> None:
    with RawServer(Peer.await_end) as server, opening(inlet, server.url(), timeout_seconds=0.05):
        error = inlet.wait_closed()

    assert type(error) is TransportError
    assert error.reason == "no answer in time"


@pytest.mark.parametrize("scheme", ["ws", "wss"])
def test_a_server_that_does_not_accept_is_given_up(scheme: str, inlet: RecordingInlet) -> None:
    with silent_listener() as port, opening(inlet, f"{scheme}://127.0.0.1:{port}/", timeout_seconds=0.05):
        error = inlet.wait_closed()

    assert type(error) is TransportError


def test_a_server_that_answers_tls_with_silence_is_given_up(inlet: RecordingInlet) -> None:
    with RawServer(Peer.await_end) as server, opening(inlet, server.url("wss"), timeout_seconds=0.05):
        assert type(inlet.wait_closed()) is TransportError


def test_a_name_that_never_resolves_is_given_up(inlet: RecordingInlet, monkeypatch: pytest.MonkeyPatch) -> None:
    is_over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: is_over.wait(PATIENCE_SECONDS) and [])

    with opening(inlet, "ws://platform.invalid/", timeout_seconds=0.05):
        assert type(inlet.wait_closed()) is TransportError

    is_over.set()


def test_a_refused_connection_is_an_error(inlet: RecordingInlet) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    assert str(error_of_opening(inlet, f"ws://127.0.0.1:{port}/")) == "Network: Connection refused"


HOSTILE_HEADERS = {
    "long line": b"HTTP/1.1 101 " + b"x" * MAX_LINE_BYTES,
    "many lines": b"HTTP/1.1 101 X\r\n" + b"A: b\r\n" * (MAX_HEADER_BYTES // 6),
    "no HTTP": b"220 mail.example ESMTP\r\n\r\n",
    "no UTF-8": b"HTTP/1.1 101 \xff\r\n\r\n",
    "no upgrade": b"HTTP/1.1 101 X\r\nUpgrade: h2c\r\n\r\n",
    "nothing more": b"HTTP/1.1 101 X\r\n",
}


@pytest.mark.parametrize("data", HOSTILE_HEADERS.values(), ids=HOSTILE_HEADERS.keys())
def test_a_hostile_header_is_an_error(data: bytes, inlet: RecordingInlet) -> None:
    def act(peer: Peer) -> None:
        peer.read_header()
        with contextlib.suppress(OSError):
            peer.send(data)
            peer.socket.shutdown(socket.SHUT_WR)
        peer.await_end()

    with RawServer(act) as server:
        assert type(error_of_opening(inlet, server.url())) is TransportError


@pytest.mark.parametrize("length", ["", "Content-Length: 999999999999\r\n", "Content-Length: x\r\n"])
def test_a_refusal_is_named_and_its_page_not_read(length: str, inlet: RecordingInlet) -> None:
    head = f"HTTP/1.1 403 Forbidden\r\n{length}\r\n"

    with RawServer(answer(head.encode() + b"<html>" * 10_000)) as server:
        error = error_of_opening(inlet, server.url())

    assert str(error) == "Network: no WebSocket; the answer was: HTTP/1.1 403 Forbidden"


def test_what_a_server_says_cannot_shape_a_log(inlet: RecordingInlet) -> None:
    with RawServer(answer(b"HTTP/1.1 403 \x1b[2J\x07" + b"no " * 500 + b"\r\n\r\n")) as server:
        error = error_of_opening(inlet, server.url())

    assert str(error).isprintable()
    assert len(str(error)) < 300


def test_a_cookie_of_one_connection_is_not_sent_on_another() -> None:
    cookies: list[str | None] = []

    def act(peer: Peer) -> None:
        cookies.append(peer.upgrade("Set-Cookie", "account=f00dfeed; Domain=127.0.0.1").headers.get("Cookie"))

    with RawServer(act) as server:
        for _ in range(2):
            inlet = RecordingInlet()
            with opening(inlet, server.url()):
                inlet.wait_opened()
                inlet.wait_closed()

    assert cookies == [None, None]


def test_a_redirect_is_not_followed(inlet: RecordingInlet) -> None:
    with RawServer(Peer.await_end) as elsewhere:
        redirect = f"HTTP/1.1 302 Found\r\nLocation: {elsewhere.url(host='localhost')}\r\n\r\n"
        with RawServer(answer(redirect.encode())) as server:
            error = error_of_opening(inlet, server.url())

        assert str(error) == "Network: no WebSocket; the answer was: HTTP/1.1 302 Found"
        assert elsewhere.accepted == 0


HOSTILE_FRAMES = {
    "endless fragments": frame(b"x", is_final=False) + frame(b"", ABNF.OPCODE_CONT, is_final=False) * MAX_FRAGMENTS,
    "huge message": b"\x82\x7f" + b"\xff" * 8,
    "nonsense": b"\xff" * 100,
    "cut off": frame(b"message")[:-1],
}


@pytest.mark.parametrize("data", HOSTILE_FRAMES.values(), ids=HOSTILE_FRAMES.keys())
def test_hostile_frames_end_the_connection(data: bytes, inlet: RecordingInlet) -> None:
    def act(peer: Peer) -> None:
        peer.upgrade()
        peer.send(data)
        peer.socket.shutdown(socket.SHUT_WR)
        peer.await_end()

    with RawServer(act) as server, opening(inlet, server.url()):
        inlet.wait_opened()

        assert type(inlet.wait_closed()) is ConnectionLost


def test_a_stranger_s_certificate_is_refused(inlet: RecordingInlet, authority: Authority) -> None:
    def act(peer: Peer) -> None:
        with contextlib.suppress(OSError):
            peer.start_tls(authority.context("127.0.0.1"))

    with RawServer(act) as server:
        error = error_of_opening(inlet, server.url("wss"))

    assert "the certificate is not accepted" in str(error)


def test_a_certificate_for_another_host_is_refused(inlet: RecordingInlet, authority: Authority) -> None:
    def act(peer: Peer) -> None:
        with contextlib.suppress(OSError):
            peer.start_tls(authority.context("platform.example"))

    with RawServer(act) as server:
        error = error_of_opening(inlet, server.url("wss"), authority.file)

    assert "not valid for '127.0.0.1'" in str(error)


def test_old_tls_is_refused(inlet: RecordingInlet, authority: Authority) -> None:
    def act(peer: Peer) -> None:
        context = authority.context("127.0.0.1")
        with pytest.warns(DeprecationWarning, match="TLSv1_1"):
            context.maximum_version = ssl.TLSVersion.TLSv1_1
        with contextlib.suppress(OSError):
            peer.start_tls(context)

    with RawServer(act) as server:
        assert type(error_of_opening(inlet, server.url("wss"), authority.file)) is TransportError


def test_a_ca_file_that_is_none_says_so(inlet: RecordingInlet, tmp_path: Path) -> None:
    with RawServer(Peer.await_end) as server:
        error = error_of_opening(inlet, server.url("wss"), str(tmp_path / "missing.pem"))

    assert isinstance(error, UsageError)
    assert "missing.pem" in str(error)


def test_no_keys_are_logged_whatever_the_environment_says(
    inlet: RecordingInlet, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = authority.context("127.0.0.1")
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))

    with serving_echo(context) as url, opening(inlet, url, ca_file=authority.file):
        inlet.wait_opened()

    assert list(tmp_path.iterdir()) == []

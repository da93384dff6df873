import contextlib
import logging
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
import trustme
import websocket
from websocket import ABNF
from websockets.sync.server import ServerConnection, serve

from actors.ports import Channel, Endpoint
from actors.websocket_headers import MAX_HEADER_BYTES, MAX_LINE_BYTES
from actors.websocket_stream import MAX_FRAGMENTS
from actors.websocket_transport import WebSocketTransport
from messages.errors import BusError, ConnectionLost, TransportError, UsageError
from tests.actors.raw_server import Peer, RawServer, frame, silent_listener
from tests.actors.recording_inlet import PATIENCE_SECONDS, RecordingInlet

pytestmark = pytest.mark.sockets

AT_ONCE_SECONDS = 0.1
LOGIN = '42["auth",{"session":"f00dfeed"}]'


class Authority(NamedTuple):
    """Who signs the certificates of tests."""

    root: trustme.CA
    file: str

    def context(self, *names: str) -> ssl.SSLContext:
        """A server's side of TLS, under those names."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.root.issue_cert(*names).configure_cert(context)
        return context


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    file = tmp_path_factory.mktemp("authority") / "ca.pem"
    root = trustme.CA()
    root.cert_pem.write_to_path(str(file))
    return Authority(root, str(file))


@pytest.fixture
def inlet() -> RecordingInlet:
    return RecordingInlet()


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


# What is said and heard


@pytest.mark.parametrize("scheme", ["ws", "wss"])
def test_text_and_bytes_go_and_come(scheme: str, inlet: RecordingInlet, authority: Authority) -> None:
    context = authority.context("127.0.0.1") if scheme == "wss" else None
    with serving_echo(context) as url, opening(inlet, url, ca_file=authority.file) as channel:
        inlet.wait_opened()
        channel.send("tëxt")
        channel.send(b"\x00\xff")
        channel.send("x" * 300_000)

        assert inlet.wait_messages(3) == [(True, "tëxt".encode()), (False, b"\x00\xff"), (True, b"x" * 300_000)]


def test_the_server_is_told_origin_and_user_agent(inlet: RecordingInlet) -> None:
    heads: list[str] = []

    def act(peer: Peer) -> None:
        request = peer.upgrade()
        heads.extend([request.path, request.headers["Origin"], request.headers["User-Agent"]])

    with RawServer(act) as server, opening(inlet, server.url(), user_agent="Mozilla/5.0 (X11)"):
        inlet.wait_closed()

    assert heads == ["/path?query=1", "https://pocketoption.com", "Mozilla/5.0 (X11)"]


def test_messages_that_are_there_come_in_one_batch(inlet: RecordingInlet) -> None:
    with RawServer(upgrade_and_send(frame(b"m") * 100)) as server, opening(inlet, server.url()):
        inlet.wait_opened()

        assert len(inlet.wait_messages(100)) == 100

    assert len(inlet.batches) == 1


def test_messages_of_many_tls_records_share_batches(authority: Authority) -> None:
    is_all_sent = threading.Event()

    def act(peer: Peer) -> None:
        peer.start_tls(authority.context("127.0.0.1"))
        peer.upgrade()
        for _ in range(100):
            peer.send(frame(b"m"))
        is_all_sent.set()
        peer.await_end()

    class LateInlet(RecordingInlet):
        def opened(self) -> None:
            super().opened()
            is_all_sent.wait(PATIENCE_SECONDS)

    late = LateInlet()
    with RawServer(act) as server, opening(late, server.url("wss"), ca_file=authority.file):
        late.wait_opened()
        late.wait_messages(100)

    assert len(late.batches) == 1


def test_an_incomplete_message_holds_nothing_up(inlet: RecordingInlet) -> None:
    with RawServer(upgrade_and_send(frame(b"one") + frame(b"two")[:3])) as server, opening(inlet, server.url()):
        inlet.wait_opened()

        assert inlet.wait_messages(1) == [(True, b"one")]


def test_a_server_may_send_byte_by_byte(inlet: RecordingInlet) -> None:
    def act(peer: Peer) -> None:
        peer.upgrade()
        for byte in frame(b"slow" * 50) + frame(b"", ABNF.OPCODE_PING) + frame(b"end", ABNF.OPCODE_BINARY):
            peer.send(bytes([byte]))
        peer.await_end()

    with RawServer(act) as server, opening(inlet, server.url()):
        inlet.wait_opened()

        assert inlet.wait_messages(2) == [(True, b"slow" * 50), (False, b"end")]


def test_a_ping_is_answered(inlet: RecordingInlet) -> None:
    answers: list[tuple[int, bytes]] = []

    def act(peer: Peer) -> None:
        peer.upgrade()
        peer.send(frame(b"abc", ABNF.OPCODE_PING))
        answers.append(peer.read_frame())

    with RawServer(act) as server, opening(inlet, server.url()):
        inlet.wait_closed()

    assert answers == [(ABNF.OPCODE_PONG, b"abc")]


def test_a_close_is_answered_and_named(inlet: RecordingInlet) -> None:
    answers: list[int] = []

    def act(peer: Peer) -> None:
        peer.upgrade()
        peer.send(frame(b"last") + frame(b"\x03\xe9maintenance", ABNF.OPCODE_CLOSE))
        answers.append(peer.read_frame()[0])

    with RawServer(act) as server, opening(inlet, server.url()):
        inlet.wait_opened()
        messages = inlet.wait_messages(1)
        error = inlet.wait_closed()

    assert messages == [(True, b"last")]
    assert answers == [ABNF.OPCODE_CLOSE]
    assert type(error) is ConnectionLost
    assert error.reason == "the server closed the WebSocket with code 1001 maintenance"


def send_all(channel: Channel, contents: Sequence[str | bytes]) -> None:
    for content in contents:
        channel.send(content)


def test_frames_of_concurrent_senders_do_not_interleave(inlet: RecordingInlet, authority: Authority) -> None:
    senders, each = 4, 50
    received: list[bytes] = []

    def act(peer: Peer) -> None:
        peer.start_tls(authority.context("127.0.0.1"))
        peer.upgrade()
        while len(received) < senders * each:
            received.extend(peer.receive())

    with RawServer(act) as server, opening(inlet, server.url("wss"), ca_file=authority.file) as channel:
        inlet.wait_opened()
        contents = [bytes([65 + sender]) * 20_000 for sender in range(senders)]
        threads = [threading.Thread(target=send_all, args=(channel, [content] * each)) for content in contents]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE_SECONDS)
        inlet.wait_closed()

    assert sorted(received) == sorted(contents * each)


def converse(peer: Peer, count: int, received: list[bytes]) -> None:
    """Send and receive that many at once, from one thread: a server with two has the trouble this is about."""
    outgoing = memoryview(b"".join(frame(b"%d" % number) for number in range(count)))
    peer.socket.setblocking(False)
    while outgoing or len(received) < count:
        is_idle = True
        with contextlib.suppress(ssl.SSLWantWriteError, ssl.SSLWantReadError):
            outgoing = outgoing[peer.socket.send(outgoing[:500]) :] if outgoing else outgoing
            is_idle = not outgoing
        with contextlib.suppress(ssl.SSLWantWriteError, ssl.SSLWantReadError):
            received.extend(peer.receive())
            is_idle = False
        if is_idle:
            select.select([peer.socket], [peer.socket] if outgoing else [], [], PATIENCE_SECONDS)


def test_tls_survives_sending_and_receiving_at_once(inlet: RecordingInlet, authority: Authority) -> None:
    count = 10_000
    received: list[bytes] = []

    def act(peer: Peer) -> None:
        peer.start_tls(authority.context("127.0.0.1"))
        peer.upgrade()
        converse(peer, count, received)

    with RawServer(act) as server, opening(inlet, server.url("wss"), ca_file=authority.file) as channel:
        inlet.wait_opened()
        sender = threading.Thread(target=send_all, args=(channel, [str(number) for number in range(count)]))
        sender.start()
        messages = inlet.wait_messages(count)
        sender.join(PATIENCE_SECONDS)
        inlet.wait_closed()

    expected = [b"%d" % number for number in range(count)]
    assert [content for _, content in messages] == expected
    assert received == expected


# Servers that mean no good


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


# The ends of it


def _resolving(monkeypatch: pytest.MonkeyPatch, stack: contextlib.ExitStack, reached: threading.Event) -> str:
    is_over = threading.Event()
    stack.callback(is_over.set)

    def never(*_: object, **__: object) -> list[object]:
        reached.set()
        is_over.wait(PATIENCE_SECONDS)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", never)
    return "ws://platform.invalid/"


def _connecting(_: pytest.MonkeyPatch, stack: contextlib.ExitStack, reached: threading.Event) -> str:
    reached.set()
    return f"ws://127.0.0.1:{stack.enter_context(silent_listener())}/"


def _encrypting(_: pytest.MonkeyPatch, stack: contextlib.ExitStack, reached: threading.Event) -> str:
    def act(peer: Peer) -> None:
        peer.read(1)
        reached.set()
        peer.await_end()

    return stack.enter_context(RawServer(act)).url("wss")


def _upgrading(_: pytest.MonkeyPatch, stack: contextlib.ExitStack, reached: threading.Event) -> str:
    def act(peer: Peer) -> None:
        peer.read_header()
        reached.set()
        peer.await_end()

    return stack.enter_context(RawServer(act)).url()


def _receiving(_: pytest.MonkeyPatch, stack: contextlib.ExitStack, reached: threading.Event) -> str:
    def act(peer: Peer) -> None:
        peer.upgrade()
        reached.set()
        peer.await_end()

    return stack.enter_context(RawServer(act)).url()


@pytest.mark.parametrize("stage", [_resolving, _connecting, _encrypting, _upgrading, _receiving])
def test_aborting_ends_it_at_once_at_every_stage(
    stage: Callable[[pytest.MonkeyPatch, contextlib.ExitStack, threading.Event], str],
    inlet: RecordingInlet,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reached = threading.Event()
    with contextlib.ExitStack() as stack:
        channel = stack.enter_context(opening(inlet, stage(monkeypatch, stack, reached)))
        assert reached.wait(PATIENCE_SECONDS)

        started = time.monotonic()
        channel.abort()
        error = inlet.wait_closed()
        taken = time.monotonic() - started

        monkeypatch.undo()
    assert isinstance(error, TransportError)
    assert error.reason == "it was aborted"
    assert taken < AT_ONCE_SECONDS
    assert inlet.heard.empty()


def test_aborting_under_load_ends_it_at_once(inlet: RecordingInlet, authority: Authority) -> None:
    def act(peer: Peer) -> None:
        peer.start_tls(authority.context("127.0.0.1"))
        peer.upgrade()
        with contextlib.suppress(OSError):
            while True:
                peer.send(frame(b"message"))

    with RawServer(act) as server, opening(inlet, server.url("wss"), ca_file=authority.file) as channel:
        inlet.wait_opened()
        inlet.wait_messages(100)
        started = time.monotonic()
        channel.abort()
        inlet.wait_closed()

        assert time.monotonic() - started < AT_ONCE_SECONDS * 5  # three busy threads share one interpreter


def test_aborting_twice_or_late_is_no_error(inlet: RecordingInlet) -> None:
    with RawServer(upgrade_and_send(b"")) as server, opening(inlet, server.url()) as channel:
        inlet.wait_opened()
        channel.abort()
        channel.abort()
        inlet.wait_closed()
        channel.abort()

    assert inlet.heard.empty()


def test_sending_after_the_end_raises(inlet: RecordingInlet) -> None:
    with RawServer(Peer.upgrade) as server, opening(inlet, server.url()) as channel:  # type: ignore[arg-type]
        inlet.wait_closed()

        with pytest.raises(TransportError):
            channel.send("late")


def test_sending_before_it_is_open_raises_and_ends_it(inlet: RecordingInlet) -> None:
    with RawServer(Peer.await_end) as server, opening(inlet, server.url()) as channel:
        with pytest.raises(TransportError):
            channel.send("early")

        assert "before it was open" in str(inlet.wait_closed())


def test_a_send_the_network_does_not_take_ends_it(inlet: RecordingInlet, authority: Authority) -> None:
    is_over = threading.Event()

    def act(peer: Peer) -> None:
        peer.start_tls(authority.context("127.0.0.1"))
        peer.upgrade()
        is_over.wait(PATIENCE_SECONDS)

    with (
        RawServer(act) as server,
        opening(inlet, server.url("wss"), ca_file=authority.file, send_timeout_seconds=0.05) as channel,
    ):
        inlet.wait_opened()
        with pytest.raises(TransportError) as caught:
            send_for_ever(channel)
        ended = inlet.wait_closed()
        is_over.set()

    assert "f00dfeed" not in f"{caught.value}{caught.value!r}{caught.value.__cause__!r}{ended}"
    assert "a frame could not be sent" in str(ended)


def send_for_ever(channel: Channel) -> None:
    while True:
        channel.send(LOGIN * 10_000)


def test_half_a_character_is_refused_without_being_shown(inlet: RecordingInlet) -> None:
    with RawServer(upgrade_and_send(b"")) as server, opening(inlet, server.url()) as channel:
        inlet.wait_opened()
        with pytest.raises(UsageError) as caught:
            channel.send("f00dfeed\ud800")

    assert "f00dfeed" not in str(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.parametrize("failure", [ValueError, SystemExit, KeyboardInterrupt])
def test_an_inlet_that_fails_still_hears_the_end_once(failure: type[BaseException]) -> None:
    class FailingInlet(RecordingInlet):
        def received(self, messages: object) -> None:  # noqa: ARG002
            raise failure("f00dfeed")

    failing = FailingInlet()
    with RawServer(upgrade_and_send(frame(b"1"))) as server, opening(failing, server.url()):
        failing.wait_opened()
        error = failing.wait_closed()

    assert str(error) == f"Network: the reader failed with {failure.__name__}"
    assert failing.heard.empty()


def test_websocket_client_s_trace_does_not_see_what_is_sent(inlet: RecordingInlet) -> None:
    lines: list[str] = []

    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    websocket.enableTrace(True, Lines())
    try:
        with serving_echo(None) as url, opening(inlet, url) as channel:
            inlet.wait_opened()
            channel.send(LOGIN)
            inlet.wait_messages(1)
    finally:
        websocket.enableTrace(False)

    assert any("Sec-WebSocket-Key" in line for line in lines)
    assert not any("f00dfeed" in line for line in lines)


def test_many_channels_leave_nothing_behind(authority: Authority) -> None:
    def count() -> int:
        return threading.active_count() + len(list(Path("/proc/self/fd").iterdir()))

    context = authority.context("127.0.0.1")

    def act(peer: Peer) -> None:
        peer.start_tls(context)
        peer.upgrade()
        peer.await_end()

    with RawServer(act) as server:
        before = count()
        for _ in range(10):
            inlet = RecordingInlet()
            with opening(inlet, server.url("wss"), ca_file=authority.file):
                inlet.wait_opened()
        server.join_peers()

        assert count() <= before

import contextlib
import select
import socket
import ssl
import threading
from collections.abc import Sequence

import pytest
from websocket import ABNF

from actors.ports import Channel
from messages.errors import ConnectionLost
from tests.actors.channels import Authority, opening, serving_echo, upgrade_and_send
from tests.actors.raw_server import Peer, RawServer, frame
from tests.actors.recording_inlet import PATIENCE_SECONDS, RecordingInlet

pytestmark = pytest.mark.sockets


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
    senders, each = 4, 8
    received: list[bytes] = []

    def act(peer: Peer) -> None:
        peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32_768)  # so that sending has to wait
        peer.start_tls(authority.context("127.0.0.1"))
        peer.upgrade()
        while len(received) < senders * each:
            received.extend(peer.receive())

    with RawServer(act) as server, opening(inlet, server.url("wss"), ca_file=authority.file) as channel:
        inlet.wait_opened()
        contents = [bytes([65 + sender]) * 500_000 for sender in range(senders)]
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


def test_no_more_is_read_than_there_is_room_for() -> None:
    sent = threading.Event()

    class FullInlet(RecordingInlet):
        def has_room(self) -> bool:
            return sent.is_set()

    def act(peer: Peer) -> None:
        peer.upgrade()
        inlet.wait_opened()
        peer.send(frame(b"1"))
        inlet.wait_messages(1)
        peer.send(frame(b"2"))
        assert inlet.heard.empty()
        sent.set()
        peer.await_end()

    inlet = FullInlet()
    with RawServer(act) as server, opening(inlet, server.url()):
        assert sent.wait(PATIENCE_SECONDS)
        while inlet.heard.get(timeout=PATIENCE_SECONDS) != [(True, b"2")]:
            pass


def test_who_waits_for_room_hears_that_it_is_over() -> None:
    class FullInlet(RecordingInlet):
        def has_room(self) -> bool:
            return False

    inlet = FullInlet()
    with RawServer(upgrade_and_send(frame(b"1"))) as server, opening(inlet, server.url()) as channel:
        inlet.wait_opened()
        inlet.wait_messages(1)
        channel.abort()

        assert type(inlet.wait_closed()) is ConnectionLost


def test_what_follows_the_answer_at_once_is_not_lost(inlet: RecordingInlet) -> None:
    def act(peer: Peer) -> None:
        peer.protocol.receive_data(peer.read_header().encode())
        (request,) = peer.protocol.events_received()
        peer.protocol.send_response(peer.protocol.accept(request))  # type: ignore[arg-type]
        peer.send(b"".join(peer.protocol.data_to_send()) + frame(b"at once"))
        peer.await_end()

    with RawServer(act) as server, opening(inlet, server.url()):
        inlet.wait_opened()

        assert inlet.wait_messages(1) == [(True, b"at once")]

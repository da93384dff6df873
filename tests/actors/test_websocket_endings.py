import contextlib
import json
import logging
import socket
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
import websocket

from actors.ports import Channel
from messages.errors import TransportError, UsageError
from tests.actors.channels import Authority, opening, serving_echo, upgrade_and_send
from tests.actors.raw_server import Peer, RawServer, frame, silent_listener
from tests.actors.recording_inlet import PATIENCE_SECONDS, RecordingInlet

pytestmark = pytest.mark.sockets

AT_ONCE_SECONDS = 0.1
LOGIN = '42["auth",{"session":"f00dfeed"}]'


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


def test_an_error_of_sending_refers_to_nothing_that_holds_the_data(inlet: RecordingInlet) -> None:
    with RawServer(Peer.upgrade) as server, opening(inlet, server.url()) as channel:  # type: ignore[arg-type]
        inlet.wait_closed()
        with pytest.raises(TransportError) as caught:
            send_login(channel)

    assert (caught.value.__cause__, caught.value.__context__) == (None, None)
    assert "f00dfeed" not in shown(caught.value)


def test_an_error_that_ends_it_refers_to_nothing(inlet: RecordingInlet) -> None:
    with RawServer(Peer.upgrade) as server, opening(inlet, server.url()):  # type: ignore[arg-type]
        error = inlet.wait_closed()

    assert (error.__cause__, error.__context__, error.__traceback__) == (None, None, None)


def send_login(channel: Channel) -> None:
    channel.send(json.loads('"f00dfeed"'))


def shown(error: BaseException) -> str:
    """What a traceback that shows locals shows, below the test itself."""
    frames = traceback.TracebackException.from_exception(error, capture_locals=True).stack
    return "".join(str(frame.locals) for frame in frames[1:])


def send_for_ever(channel: Channel) -> None:
    while True:
        channel.send(LOGIN * 10_000)


def test_half_a_character_is_refused_without_being_shown(inlet: RecordingInlet) -> None:
    with RawServer(upgrade_and_send(b"")) as server, opening(inlet, server.url()) as channel:
        inlet.wait_opened()
        with pytest.raises(UsageError) as caught:
            channel.send("f00dfeed\ud800")

    assert "f00dfeed" not in f"{caught.value}{shown(caught.value)}"
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

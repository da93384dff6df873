"""A canary in the SSID: whatever happens, it comes out nowhere."""

import gc
import io
import logging
import pickle
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import websocket
from loguru import logger

from actors.base import Actor
from actors.ports import Channel, Endpoint, Inlet
from actors.router import RouterActor
from actors.websocket_transport import _WebSocketChannel
from messages.base import Message
from messages.errors import BusError, TransportError
from messages.supervision import DeadLetter
from optionbus.client import PocketOption
from optionbus.testing import FakeTransport
from simulator.broker import Broker, Refusal
from simulator.server import SimulatorServer
from supervisor.settings import LogSettings, ReconnectSettings, Settings

CANARY = "canaryc0ffee5ec2e7canaryc0ffee5e"
SSID = f'42["auth",{{"session":"{CANARY}","isDemo":1,"uid":12345,"platform":2}}]'
TRACE = Settings(log=LogSettings(level="TRACE"), reconnect=ReconnectSettings(base_seconds=0.01))


class Overheard:
    """Everything that came out anywhere."""

    def __init__(self) -> None:
        self.text = io.StringIO()

    def hears(self, what: str) -> bool:
        return what in self.text.getvalue()

    @property
    def leaks(self) -> list[str]:
        return [line for line in self.text.getvalue().splitlines() if CANARY in line]


class Hidden:
    """A text that no traceback of ours shows: what the caller's own variables show is the caller's affair."""

    def __init__(self, text: str) -> None:
        self.__text = text

    def make(self, **options: Any) -> PocketOption:
        return PocketOption(self.__text, **options)


def in_a_thread(work: Callable[[], None]) -> None:
    """Run it where no frame of the test runner's lies below."""
    thread = threading.Thread(target=work)
    thread.start()
    thread.join(30)


@pytest.fixture
def overheard() -> Iterator[Overheard]:
    """Loguru as it comes (diagnose and backtrace on), the standard library's logging, and this package turned on."""
    out = Overheard()
    logger.remove()
    sink = logger.add(out.text, level="TRACE", diagnose=True, backtrace=True)
    handler = logging.StreamHandler(out.text)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    websocket.enableTrace(True, handler=handler, level="DEBUG")
    logger.enable("optionbus")
    yield out
    logger.disable("optionbus")
    websocket.enableTrace(False)
    root.removeHandler(handler)
    root.setLevel(level)
    logger.remove(sink)
    logger.add(sys.stderr)


class _DeadLetters:
    def __init__(self, out: io.StringIO) -> None:
        self._out = out

    def tell(self, message: Message) -> None:
        self._out.write(f"{message!r}\n")


class _Explodes(Exception):
    pass


@pytest.mark.sockets
def test_a_whole_session_at_trace_level_shows_no_ssid(overheard: Overheard, monkeypatch: pytest.MonkeyPatch) -> None:
    with SimulatorServer(Broker(seed=1)) as server:
        client = PocketOption(SSID, url=server.url, config=TRACE)
        client._edge.system.routes.add(DeadLetter, _DeadLetters(overheard.text))
        with client:
            client.wait_ready(timeout=10)
            ticks = client.subscribe("EURUSD_otc")
            ticks.get(timeout=10)
            _crash_once(monkeypatch, RouterActor)
            while not any(actor.restarts for actor in client.health() if actor.name == "Router"):
                ticks.get(timeout=10)
            server.drop_connections()
            client.wait_disconnected(timeout=10)
            client.wait_ready(timeout=10)
            overheard.text.write(repr([client, client.health(), client._edge, client._edge.system]))
            for held in gc.get_objects():
                if issubclass(type(held), Message | Actor | BusError):
                    overheard.text.write(repr(held))

    assert overheard.hears("successauth")  # it did listen
    assert overheard.hears("_Explodes")
    assert overheard.leaks == []
    assert overheard.hears('42["auth",[hidden]')


@pytest.mark.parametrize("is_real", [True, False], ids=["the real channel", "a fake one"])
def test_a_login_that_cannot_be_sent_is_not_shown(
    overheard: Overheard, monkeypatch: pytest.MonkeyPatch, *, is_real: bool
) -> None:
    monkeypatch.setattr("optionbus.client.WebSocketTransport", lambda: _RefusingTransport(is_real=is_real))
    hidden, told = Hidden(SSID), list[BusError]()

    def work() -> None:
        with hidden.make(config=TRACE) as client:
            states = client.states()
            client.connect()
            for event in states:
                if isinstance(event.error, TransportError):
                    told.append(event.error)
                    break
        _tell_all(overheard, told[0])

    in_a_thread(work)

    assert told
    assert overheard.hears("TransportError")
    assert overheard.leaks == []


class _RefusingTransport(FakeTransport):
    """Takes what comes before the login, and then loses its link."""

    def __init__(self, *, is_real: bool) -> None:
        super().__init__()
        self._is_real = is_real

    def open(self, endpoint: Endpoint, inlet: Inlet) -> Channel:
        channel = super().open(endpoint, inlet)
        send = channel.send

        def fail(data: str | bytes) -> None:
            if CANARY not in str(data):
                send(data)
            elif self._is_real:
                _WebSocketChannel(endpoint, inlet, 1.0).send(data)
            else:
                raise TransportError("the network is gone")

        channel.send = fail  # type: ignore[method-assign]
        threading.Thread(target=self.channel.accept, daemon=True).start()
        return channel


def _crash_once(monkeypatch: pytest.MonkeyPatch, kind: type[RouterActor]) -> None:
    receive = kind.on_receive

    def explode(_self: RouterActor, _message: object) -> None:
        monkeypatch.setattr(kind, "on_receive", receive)
        raise _Explodes(f"while it had {SSID}")

    monkeypatch.setattr(kind, "on_receive", explode)


@pytest.mark.sockets
def test_a_refused_session_shows_no_ssid(overheard: Overheard) -> None:
    with SimulatorServer(Broker(refusal=Refusal.NOT_AUTHORIZED)) as server:
        hidden = Hidden(SSID)

        def work() -> None:
            with hidden.make(url=server.url, config=TRACE) as client:
                try:
                    client.wait_ready(timeout=10)
                except BusError as error:
                    _tell_all(overheard, error)

        in_a_thread(work)

    assert overheard.hears("NotAuthorized")
    assert overheard.leaks == []


@pytest.mark.parametrize(
    "text",
    [
        SSID.replace('"isDemo":1', '"isDemo":0'),
        SSID.replace('"uid":12345,', ""),
        SSID[:-10],
        f"{{session: {CANARY}}}",
        f'"{CANARY}"',
        CANARY,
    ],
)
def test_a_session_that_cannot_be_used_is_not_quoted(overheard: Overheard, text: str) -> None:
    hidden = Hidden(text)

    def work() -> None:
        try:
            hidden.make()
        except BusError as error:
            _tell_all(overheard, error)

    in_a_thread(work)

    assert overheard.hears("InvalidSsid") or overheard.hears("RealAccountRefused")
    assert overheard.leaks == []


def test_the_overheard_would_hear_a_leak(overheard: Overheard) -> None:
    _tell_all(overheard, ValueError(SSID))

    assert overheard.hears(CANARY)


def test_a_client_is_not_pickled() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(PocketOption(SSID))


def _tell_all(overheard: Overheard, error: BaseException) -> None:
    logger.opt(exception=error).error("it failed")
    overheard.text.write("".join(traceback.format_exception(error)))
    overheard.text.write("".join(traceback.TracebackException.from_exception(error, capture_locals=True).format()))
    overheard.text.write(f"{error!r} {error} {vars(error)}")

"""The client that faults happen to, the broker behind a proxy that it connects to, and how its moves are waited for.

Decides what of it is set for speed: no pause between attempts, no file of orders. Does not know what happens to it.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit, urlunsplit

from actors.base import Actor
from messages.base import Message
from messages.errors import BusError
from messages.session import SessionState, SessionStateChanged
from optionbus import Config, PocketOption
from optionbus.simulated import SSID
from supervisor.settings import JournalSettings, ReconnectSettings, RequestSettings, SubscriptionSettings
from tests.faults.programs import Program, program

PATIENCE_SECONDS: Final = 60.0
"""How long anything is waited for that must happen."""

AT_ONCE: Final = ReconnectSettings(base_seconds=0.001, maximum_seconds=0.001)


class Move(NamedTuple):
    """A move of the session, and when it was made (monotonic seconds)."""

    moment: float
    state: SessionState
    incarnation: int
    error: BusError | None


class Moves:
    """The moves of a client's session, from now on."""

    def __init__(self, client: PocketOption) -> None:
        self._heard: SimpleQueue[Move] = SimpleQueue()
        client._edge.system.routes.add(SessionStateChanged, self)

    def tell(self, event: Message) -> None:
        """Called by the session's own thread."""
        assert isinstance(event, SessionStateChanged)
        self._heard.put(Move(time.monotonic(), event.state, event.incarnation, event.error))

    def next(self, which: Callable[[Move], bool], seconds: float = PATIENCE_SECONDS) -> Move:
        """The next such move; raises queue.Empty where there is none in time."""
        until = time.monotonic() + seconds
        while not which(move := self._heard.get(timeout=max(0.0, until - time.monotonic()))):
            pass
        return move

    def ready(self, seconds: float = PATIENCE_SECONDS) -> Move:
        """The next time that it is READY."""
        return self.next(lambda move: move.state is SessionState.READY, seconds)

    def come_back(self, seconds: float) -> bool:
        """Whether it is READY once more in time."""
        try:
            self.ready(seconds)
        except Empty:
            return False
        return True

    def lost(self, seconds: float = PATIENCE_SECONDS) -> Move:
        """The next time that a connection is lost."""
        return self.next(lambda move: move.error is not None, seconds)


@contextmanager
def ready_client(
    url: str,
    *,
    limit: int = 4,
    buffer: int = 10_000,
    reconnect: ReconnectSettings = AT_ONCE,
    requests: RequestSettings | None = None,
    actors: Sequence[type[Actor[Any]]] = (),
) -> Iterator[tuple[PocketOption, Moves]]:
    """A client that is READY, and its moves from then on."""
    streams = SubscriptionSettings(limit=limit, buffer=buffer)
    config = Config(
        reconnect=reconnect,
        subscriptions=streams,
        requests=requests or RequestSettings(),
        journal=JournalSettings(in_memory=True),
    )
    client = PocketOption(SSID.reveal(), url=url, config=config, actors=actors)
    moves = Moves(client)
    with client:
        moves.ready()
        yield client, moves


def through(url: str, port: int | str) -> str:
    """The same URL at another port."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"127.0.0.1:{port}"))


def port_of(url: str) -> int:
    """Where it leads."""
    port = urlsplit(url).port
    assert port is not None
    return port


@contextmanager
def proxied(*broker_options: object) -> Iterator[tuple[Program, Program, str]]:
    """A broker behind a proxy, the proxy, and the URL that leads through it."""
    with (
        program("tests.faults.broker", *broker_options) as broker,
        program("tests.faults.proxy", "--to", port_of(broker.ready)) as proxy,
    ):
        yield broker, proxy, through(broker.ready, proxy.ready)

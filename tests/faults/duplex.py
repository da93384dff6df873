"""wss with both directions busy: one thread sends while another receives, and a server echoes each message.

Decides how many messages are under way, and that every echo must be the next one. Does not know actors: this is the
transport alone, where OpenSSL is shared by two threads.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from actors.ports import Endpoint
from actors.websocket_transport import WebSocketTransport
from messages.base import Incarnation
from messages.errors import BusError
from tests.faults.client import PATIENCE_SECONDS
from tests.faults.figure import Control, Figure, Reading, exactly
from tests.faults.programs import Program, program

WINDOW: Final = 256
"""How many messages are under way at most."""


class Echoes:
    """An inlet that checks each message, and makes room for the next."""

    incarnation = Incarnation(1)

    def __init__(self) -> None:
        self.room = threading.Semaphore(WINDOW)
        self.is_open = threading.Event()
        self.is_over = threading.Event()
        self.right = self.wrong = 0
        self.error: BusError | None = None

    def opened(self) -> None:
        self.is_open.set()

    def received(self, messages: Sequence[tuple[bool, bytes]]) -> None:
        for is_text, data in messages:
            if not is_text and data == (self.right + self.wrong).to_bytes(8):
                self.right += 1
            else:
                self.wrong += 1
        self.room.release(len(messages))

    def has_room(self) -> bool:
        return True

    def ponged(self) -> None:
        self.wrong += 1  # nobody has asked

    def closed(self, error: BusError) -> None:
        self.error = error
        self.is_over.set()


def measure(is_full: bool) -> Sequence[Reading]:  # noqa: FBT001 - every figure's
    """So many frames, counted in both directions."""
    count = 5_000_000 if is_full else 20_000
    with _server() as (_, url, ca_file):
        echoes = Echoes()
        channel = WebSocketTransport().open(Endpoint(url=url, ca_file=ca_file), echoes)
        echoes.is_open.wait(PATIENCE_SECONDS)
        sent = 0
        while sent < count and echoes.room.acquire(timeout=PATIENCE_SECONDS) and not echoes.is_over.is_set():
            channel.send(sent.to_bytes(8))
            sent += 1
        for _ in range(WINDOW):  # all of it is free once every echo has come
            echoes.room.acquire(timeout=PATIENCE_SECONDS)
        problem = echoes.is_over.is_set()
        channel.abort()
        echoes.is_over.wait(PATIENCE_SECONDS)
    return [
        exactly("frames, both ways", sent + echoes.right, 2 * count),
        exactly("errors", echoes.wrong + problem, 0),
    ]


def control(is_full: bool) -> Sequence[Reading]:  # noqa: FBT001
    """The same with websocket-client alone, until it fails: one connection in ten does well for so long."""
    count = 500_000 if is_full else 100_000
    with _server() as (_, url, ca_file):
        for _ in range(5):
            with program("tests.faults.stock_client", url, ca_file, count) as stock:
                said = stock.hear(60 * PATIENCE_SECONDS)
            echoed, _, problem = (said or "0 the process crashed").partition(" ")
            if int(echoed) < count:
                break
    return [
        exactly("frames that came back", int(echoed), count),
        exactly(f"errors ({problem[:60]})", problem != "nothing went wrong", 0),
    ]


@contextmanager
def _server() -> Iterator[tuple[Program, str, str]]:
    with TemporaryDirectory() as folder:
        ca_file = Path(folder, "ca.pem")
        with program("tests.faults.echo_server", "--ca-file", ca_file) as server:
            yield server, f"wss://127.0.0.1:{server.ready}/", str(ca_file)


FIGURE: Final = Figure(
    name="duplex",
    what="wss, one thread sends while another receives; a server echoes each message",
    measure=measure,
    controls=(
        Control(broken="websocket-client alone, used by two threads", measure=control, misses="frames that came back"),
    ),
)

"""The WebSocket shell around the broker: ws and wss, in this process or as a program of its own.

Decides who sends on which thread and what becomes of a client that does not read. Three threads a connection: the
library's receives, the handler feeds the broker, the writer sends what the broker says; one more thread for all of
them lets the broker's time pass. The broker itself is used under one lock, in which nobody waits.

Knows nothing of the protocol above WebSocket (``simulator.broker``).
"""

import contextlib
import errno
import heapq
import logging
import socket
import ssl
import struct
import time
from http import HTTPStatus
from itertools import count
from queue import SimpleQueue
from threading import Condition, Thread
from types import TracebackType
from typing import Final, Protocol, Self

from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import Server, ServerConnection, serve

from messages.errors import PortTaken, TransportError
from simulator.broker import Broker, Outgoing
from simulator.streams import ConnectionId

_PATH: Final = "/socket.io/?EIO=4&transport=websocket"
_QUERY: Final = frozenset({"EIO=4", "transport=websocket"})
_OPEN_TIMEOUT_SECONDS: Final = 3.0
_CLOSE_TIMEOUT_SECONDS: Final = 1.0
_SHUTDOWN_POLL_SECONDS: Final = 0.01
_UNREAD_FRAMES: Final = 20_000
_UNREAD_SECONDS: Final = 5.0
"""Whoever leaves so many frames unread, or reads nothing for so long while one waits, is cut off."""


def _is_news(record: logging.LogRecord) -> bool:
    """The library calls data that it read from a connection which has just ended an internal error."""
    return not (record.exc_info and record.exc_info[0] is EOFError)


# At DEBUG the library logs every frame, and one of them logs in.
_log: Final = logging.getLogger("simulator.websocket")
_log.setLevel(logging.INFO)
_log.addFilter(_is_news)


class Clock(Protocol):
    """Whose time the platform lives in."""

    @property
    def scale(self) -> float:
        """How many of its seconds pass in one real second."""

    def now(self) -> float:
        """True UTC, seconds."""


class WallClock:
    """The real time, or one that runs ``scale`` times as fast from now on."""

    def __init__(self, scale: float = 1.0) -> None:
        self.scale = scale
        self._origin = time.time()

    def now(self) -> float:
        """UTC seconds."""
        return self._origin + (time.time() - self._origin) * self.scale


class _Line:
    """One WebSocket: what waits to be sent on it, and the thread that sends it."""

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection
        # A send that waits holds the library's lock, so that nothing else would end it, not even a close.
        patience = struct.pack("ll", int(_UNREAD_SECONDS), int(_UNREAD_SECONDS % 1 * 1e6))
        connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, patience)
        self._outbox: SimpleQueue[str | bytes | None] = SimpleQueue()
        self._writer = Thread(target=self._write, name="simulator-writer", daemon=True)
        self._writer.start()

    def put(self, frame: str | bytes | None) -> None:
        """Send this after what waits already, or close in good order where it is None."""
        if self._outbox.qsize() < _UNREAD_FRAMES:
            self._outbox.put(frame)
        else:
            self.cut()

    def cut(self) -> None:
        """End the connection without a word."""
        # Below TLS, and not through the library, whose lock is held by a send that waits for the peer.
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self._connection.socket, socket.SHUT_RDWR)

    def end(self) -> None:
        """The connection is over: let the writer finish."""
        self._outbox.put(None)
        self._writer.join()

    def _write(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            while (frame := self._outbox.get()) is not None:
                self._connection.send(frame)
            self._connection.close()


class SimulatorServer:
    """A broker that listens on a port; a context manager.

    Args:
        broker: the platform itself.
        host: the interface to listen on.
        port: the port, 0 for a free one.
        ssl_context: with it the server speaks wss.
        clock: whose time the platform lives in; a scaled one makes everything faster, pings included.
    """

    def __init__(
        self,
        broker: Broker,
        host: str = "127.0.0.1",
        port: int = 0,
        ssl_context: ssl.SSLContext | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._broker = broker
        self._host = host
        self._port = port
        self._ssl_context = ssl_context
        self._clock = clock or WallClock()
        self._accepting = True
        self._stopping = False
        self._changed = Condition()
        self._sleeps_until: float | None = None
        self._lines: dict[ConnectionId, _Line] = {}
        self._delayed: list[tuple[float, int, Outgoing]] = []
        self._order = count()
        self._server: Server | None = None
        self._threads: tuple[Thread, ...] = ()

    @property
    def port(self) -> int:
        """The port, known once started."""
        return self._port

    @property
    def url(self) -> str:
        """Where to connect."""
        scheme = "ws" if self._ssl_context is None else "wss"
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{scheme}://{host}:{self._port}{_PATH}"

    @property
    def connection_count(self) -> int:
        """How many clients are connected."""
        with self._changed:
            return len(self._lines)

    def start(self) -> None:
        """Listen.

        Raises:
            PortTaken: somebody else does already.
            TransportError: it is not possible for another reason.
        """
        listener = self._listen()
        self._stopping = False
        self._port = listener.getsockname()[1]
        self._server = serve(
            self._serve,
            sock=listener,
            ssl=self._ssl_context,
            compression=None,
            ping_interval=None,
            process_request=self._admit,
            open_timeout=_OPEN_TIMEOUT_SECONDS,
            close_timeout=_CLOSE_TIMEOUT_SECONDS,
            logger=_log,
        )
        self._server.SHUTDOWN_POLLING_INTERVAL = _SHUTDOWN_POLL_SECONDS
        self._threads = (
            Thread(target=self._server.serve_forever, name="simulator-listener", daemon=True),
            Thread(target=self._let_time_pass, name="simulator-time", daemon=True),
        )
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Cut every connection and listen no more; ``start`` listens on the same port again. Twice is no error."""
        if self._server is None:
            return
        self._stopping = True
        self.drop_connections()
        self._server.shutdown()
        with self._changed:
            self._changed.notify()
        for thread in self._threads:
            thread.join()
        self._server = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def drop_connections(self) -> None:
        """Cut every connection without a word, as a failing network does."""
        with self._changed:
            for line in self._lines.values():
                line.cut()

    def stop_accepting(self) -> None:
        """Answer whoever connects with 503 from now on; who is connected stays."""
        self._accepting = False

    def resume_accepting(self) -> None:
        """Let clients connect again."""
        self._accepting = True

    def _listen(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        try:
            return socket.create_server((self._host, self._port), family=family)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortTaken(self._host, self._port) from None
            raise TransportError(f"cannot listen on {self._host}:{self._port}: {error}") from error

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        if self._stopping or not self._accepting:
            return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "The simulator takes no connections now.\n")
        if _QUERY.issubset(request.path.partition("?")[2].split("&")):
            return None
        return connection.respond(HTTPStatus.BAD_REQUEST, f"Connect with a WebSocket to {self.url}\n")

    def _serve(self, connection: ServerConnection) -> None:
        line = _Line(connection)
        name = self._enter(line)
        try:
            with contextlib.suppress(ConnectionClosed):
                for message in connection:
                    self._feed(name, message)
        finally:
            with self._changed:
                del self._lines[name]
                self._broker.disconnect(name)
            line.end()

    def _enter(self, line: _Line) -> ConnectionId:
        with self._changed:
            now = self._clock.now()
            name, outgoing = self._broker.connect(now)
            self._lines[name] = line
            self._hand_out(outgoing, now)
        return name

    def _feed(self, name: ConnectionId, message: str | bytes) -> None:
        with self._changed:
            now = self._clock.now()
            self._hand_out(self._broker.feed(name, message, now), now)

    def _hand_out(self, outgoing: list[Outgoing], now: float) -> None:
        for item in outgoing:
            if item.delay_seconds:
                heapq.heappush(self._delayed, (now + item.delay_seconds, next(self._order), item))
            else:
                self._put(item)
        due = self._due()
        if due is not None and (self._sleeps_until is None or due < self._sleeps_until):
            self._changed.notify()

    def _put(self, item: Outgoing) -> None:
        line = self._lines.get(item.connection)
        if line is not None:
            line.put(item.frame)

    def _due(self) -> float | None:
        due = self._broker.due()
        moments = [moment for moment, *_ in self._delayed[:1]] + ([] if due is None else [due])
        return min(moments, default=None)

    def _let_time_pass(self) -> None:
        with self._changed:
            while not self._stopping:
                now = self._clock.now()
                while self._delayed and self._delayed[0][0] <= now:
                    self._put(heapq.heappop(self._delayed)[2])
                self._hand_out(self._broker.poll(now), now)
                self._sleeps_until = due = self._due()
                pause = None if due is None else max(0.0, due - self._clock.now()) / self._clock.scale
                self._changed.wait(pause)

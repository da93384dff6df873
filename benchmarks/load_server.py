"""The load server, a process of its own: ``python -m benchmarks.load_server`` prints its port and serves until it ends.

Theory of operation. One thread and one ``select``: nothing here waits for anything else. What a client is to be sent
stands in the URL that it connects to (``Plan.url``). Its stream begins when somebody connects and says ``GO``: the
contestant, once it is ready to be measured.

Decides who is sent what, when. Does not know what the messages mean (``benchmarks.conversation``).
"""

import selectors
import socket
import time
from contextlib import suppress
from typing import Final

from benchmarks.conversation import Conversation
from benchmarks.load import Load, load_of

GO: Final = b"GO"

_CHUNK_BYTES: Final = 256 * 1024
_IDLE_SECONDS: Final = 1.0


class _Client:
    """One connection, and what is still to be sent on it."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self._conversation = Conversation()
        self._load: Load | None = None
        self._is_streaming = False
        self._backlog = memoryview(b"")
        self._is_first = True
        self.said_go = False

    def receive(self) -> bool:
        """Take in what came; False: it has hung up."""
        data = self.socket.recv(_CHUNK_BYTES)
        self.said_go = self._is_first and data.startswith(GO)
        self._is_first = False
        if data and not self.said_go:
            self._queue(self._conversation.receive(data))
        if self._load is None and self._conversation.plan is not None:
            self._load = load_of(self._conversation.plan)
        return bool(data) and not self.said_go

    def go(self) -> None:
        """Begin to stream."""
        self._is_streaming = True

    def send(self, now: float) -> None:
        """Send what is due, as far as the socket takes it."""
        if self._load is not None and self._is_streaming:
            self._queue(self._load.due(now))
        with suppress(BlockingIOError):
            while self._backlog:
                self._backlog = self._backlog[self.socket.send(self._backlog[:_CHUNK_BYTES]) :]

    @property
    def is_behind(self) -> bool:
        """Whether the socket took less than there was."""
        return bool(self._backlog)

    def wait(self, now: float) -> float | None:
        """Seconds until something is due; None: never."""
        return self._load.wait(now) if self._load is not None and self._is_streaming else None

    def _queue(self, data: bytes) -> None:
        if data:
            self._backlog = memoryview(bytes(self._backlog) + data)


class LoadServer:
    """Serves any number of clients on a free port of the loopback."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        # Of all selectors the one that counts in microseconds.
        self._selector = selectors.SelectSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._clients: dict[socket.socket, _Client] = {}

    @property
    def port(self) -> int:
        """Where it listens."""
        port: int = self._listener.getsockname()[1]
        return port

    def run(self) -> None:
        """Serve until the process ends."""
        while True:
            self.step()

    def step(self) -> None:
        """Wait for the next thing to do, at most a second, and do it."""
        for key, events in self._selector.select(self._timeout()):
            connection = key.fileobj
            if connection is self._listener:
                self._accept()
            elif isinstance(connection, socket.socket) and events & selectors.EVENT_READ:
                self._receive(self._clients[connection])
        now = time.monotonic()
        for client in tuple(self._clients.values()):
            self._send(client, now)

    def close(self) -> None:
        """Hang up on everybody."""
        for connection in (self._listener, *self._clients):
            connection.close()
        self._selector.close()

    def _timeout(self) -> float:
        now = time.monotonic()
        waits = (client.wait(now) for client in self._clients.values() if not client.is_behind)
        return min((wait for wait in waits if wait is not None), default=_IDLE_SECONDS)

    def _accept(self) -> None:
        connection, _ = self._listener.accept()
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._selector.register(connection, selectors.EVENT_READ)
        self._clients[connection] = _Client(connection)

    def _receive(self, client: _Client) -> None:
        try:
            is_there = client.receive()
        except OSError:
            is_there = False
        if client.said_go:
            for each in self._clients.values():
                each.go()
        if not is_there:
            self._forget(client)

    def _send(self, client: _Client, now: float) -> None:
        try:
            client.send(now)
        except OSError:
            self._forget(client)
            return
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if client.is_behind else 0)
        if self._selector.get_key(client.socket).events != wanted:
            self._selector.modify(client.socket, wanted)

    def _forget(self, client: _Client) -> None:
        self._selector.unregister(client.socket)
        del self._clients[client.socket]
        client.socket.close()


def main() -> None:
    """Say the port, and serve."""
    server = LoadServer()
    print(server.port, flush=True)
    with suppress(KeyboardInterrupt):
        server.run()


if __name__ == "__main__":
    main()

"""A proxy that treats a connection as badly as networks do: ``python -m tests.faults.proxy --to PORT``.

Theory of operation. One thread and one ``select`` for sockets and commands alike: what is closed is closed at once,
with an RST where one is wanted, because nobody else is inside a call on it.

Commands, one a line, each answered by the moment (monotonic seconds) that counts:
``reset`` (every connection ends in an RST), ``half`` (half of what the server says next, then RST), ``trickle`` (to the
client a byte at a time), ``delay SECONDS`` (both ways), ``blackhole`` (nothing arrives any more and nothing ends;
answered by the moment of the last byte to the client), ``pass`` (none of these for what comes).

Decides what becomes of bytes. Does not know what they mean.
"""

import argparse
import heapq
import itertools
import os
import selectors
import socket
import struct
import sys
import time
from contextlib import suppress
from typing import Final

from tests.faults.programs import say

_CHUNK_BYTES: Final = 65_536
_STUCK_SECONDS: Final = 10.0
_LINGER: Final = struct.pack("ii", 1, 0)
"""To close such a socket is to reset the connection."""


class Pair:
    """One connection: the client's end of it and the server's."""

    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self.client, self.server = client, server
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            end.settimeout(_STUCK_SECONDS)

    def other(self, end: socket.socket) -> socket.socket:
        return self.server if end is self.client else self.client


class ChaosProxy:
    """Carries bytes between whoever connects and the port of a server."""

    def __init__(self, to: int, commands: int) -> None:
        self._to = to
        self._commands = commands
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(commands, selectors.EVENT_READ)
        self._pairs: dict[socket.socket, Pair] = {}
        self._delayed: list[tuple[float, int, Pair, socket.socket, bytes]] = []
        self._order = itertools.count()
        self._told_until = time.monotonic()
        self._unread = b""
        self._is_over = self._is_hole = self._is_halving = self._trickles = False
        self._delay_seconds = 0.0

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    def run(self) -> None:
        """Serve until nobody is left who gives commands."""
        while not self._is_over:
            pause = max(0.0, self._delayed[0][0] - time.monotonic()) if self._delayed else None
            for key, _ in self._selector.select(pause):
                self._on_ready(key.fileobj)
            while self._delayed and self._delayed[0][0] <= time.monotonic():
                _, _, pair, end, data = heapq.heappop(self._delayed)
                self._put(pair, end, data)

    def _on_ready(self, ready: object) -> None:
        if ready is self._listener:
            self._accept()
        elif ready == self._commands:
            self._obey()
        elif isinstance(ready, socket.socket) and ready in self._pairs:
            self._carry(self._pairs[ready], ready)

    def _accept(self) -> None:
        client, _ = self._listener.accept()
        try:
            server = socket.create_connection(("127.0.0.1", self._to), timeout=_STUCK_SECONDS)
        except OSError:
            client.close()
            return
        pair = Pair(client, server)
        for end in (client, server):
            self._pairs[end] = pair
            self._selector.register(end, selectors.EVENT_READ)

    def _obey(self) -> None:
        data = os.read(self._commands, _CHUNK_BYTES)
        self._is_over = not data
        *lines, self._unread = (self._unread + data).split(b"\n")
        for line in lines:
            answer = self._do(*line.decode().split())
            if answer is not None:
                say(repr(answer))

    def _do(self, command: str, *arguments: str) -> float | None:
        now = time.monotonic()
        match command:
            case "reset":
                self._reset(*self._pairs.values())
            case "half":
                self._is_halving = True
                return None  # said once it has happened
            case "trickle":
                self._trickles = True
            case "delay":
                self._delay_seconds = float(arguments[0])
            case "blackhole":
                self._is_hole = True
                return self._told_until
            case "pass":
                self._is_hole = self._is_halving = self._trickles = False
                self._delay_seconds = 0.0
        return now

    def _carry(self, pair: Pair, end: socket.socket) -> None:
        try:
            data = end.recv(_CHUNK_BYTES)
        except OSError:
            data = b""
        if self._is_hole:
            if not data:
                self._selector.unregister(end)  # that it is over is swallowed too
        elif not data:
            self._close(pair)
        elif self._is_halving and end is pair.server:
            self._tear(pair, data)
        elif self._delay_seconds:
            due = time.monotonic() + self._delay_seconds
            heapq.heappush(self._delayed, (due, next(self._order), pair, pair.other(end), data))
        else:
            self._put(pair, pair.other(end), data)

    def _put(self, pair: Pair, end: socket.socket, data: bytes) -> None:
        size = 1 if self._trickles and end is pair.client else len(data)
        try:
            for at in range(0, len(data), size):
                end.sendall(data[at : at + size])
        except OSError:
            self._close(pair)
        if end is pair.client:
            self._told_until = time.monotonic()

    def _tear(self, pair: Pair, data: bytes) -> None:
        self._is_halving = False
        self._put(pair, pair.client, data[: (len(data) + 1) // 2])
        now = time.monotonic()
        self._reset(pair)
        say(repr(now))

    def _reset(self, *pairs: Pair) -> None:
        for pair in set(pairs):
            for end in (pair.client, pair.server):
                with suppress(OSError):
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER)
            self._close(pair)

    def _close(self, pair: Pair) -> None:
        for end in (pair.client, pair.server):
            if self._pairs.pop(end, None) is not None:
                with suppress(KeyError):
                    self._selector.unregister(end)
                end.close()


def main() -> None:
    """Say the port, and serve."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.proxy", description=__doc__)
    parser.add_argument("--to", type=int, required=True, metavar="PORT", help="where the server listens")
    proxy = ChaosProxy(parser.parse_args().to, sys.stdin.fileno())
    say(proxy.port)
    proxy.run()


if __name__ == "__main__":
    main()

"""A server that streams ticks and pings meanwhile: ``python -m tests.faults.ping_server --rate 50000 --pings 500``.

Theory of operation. One thread and one ``select``. It says its port; once its one client has subscribed it sends ticks
at the rate and a ping every ``--every`` seconds, in turn one of Engine.IO's and one of the WebSocket's. Then it says
the seconds between each ping and its pong, by kind, and ends. Pongs carry no number: they are taken in order.

Decides when a ping was sent: when it was given to the kernel behind all ticks that were due by then.
"""

import argparse
import json
import select
import socket
import time
from collections import deque

from websocket import ABNF

from benchmarks.conversation import Conversation
from benchmarks.frames import frame, text
from benchmarks.load import Plan, Steady
from messages.wire.framing import PING, PONG
from tests.faults.programs import say

_STEP_SECONDS = 0.001
_PATIENCE_SECONDS = 20.0
_NAME = b"ping-of-the-websocket"


class Listener(Conversation):
    """A conversation in which pongs are timed."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[bytes, deque[float]] = {PONG.encode(): deque(), _NAME: deque()}
        self.took: dict[str, list[float]] = {"engine": [], "websocket": []}
        self.is_subscribed = False

    def _answer(self, message: bytes) -> bytes:
        if message in self.sent:
            kind = "websocket" if message == _NAME else "engine"
            self.took[kind].append(time.monotonic() - self.sent[message].popleft())
            return b""
        self.is_subscribed |= b"subfor" in message
        return super()._answer(message)


class PingServer:
    """Serves one client."""

    def __init__(self, connection: socket.socket, rate: float, pings: int, every: float) -> None:
        self._connection = connection
        self._listener = Listener()
        self._load = Steady(Plan(ticks=1 << 60, assets=8, rate=rate))
        self._left = pings
        self._every = every
        self._next_ping = 0.0

    def run(self) -> dict[str, list[float]]:
        """Stream and ping until every pong has come or nothing comes any more; the seconds of each."""
        until = time.monotonic() + _PATIENCE_SECONDS + self._left * self._every
        while (self._left or any(self._listener.sent.values())) and time.monotonic() < until:
            self._hear()
            if self._listener.is_subscribed:
                self._speak(time.monotonic())
        return self._listener.took

    def _hear(self) -> None:
        readable, _, _ = select.select([self._connection], [], [], _STEP_SECONDS)
        if readable:
            answer = self._listener.receive(self._connection.recv(65_536))
            if answer:
                self._connection.sendall(answer)

    def _speak(self, now: float) -> None:
        data = self._load.due(now)
        if self._left and now >= self._next_ping:
            self._next_ping = now + self._every
            self._left -= 1
            is_of_engine = self._left % 2
            name = PONG.encode() if is_of_engine else _NAME
            data += text(PING) if is_of_engine else frame(0x80 | ABNF.OPCODE_PING, _NAME)
            self._listener.sent[name].append(time.monotonic())
        self._connection.sendall(data)


def main() -> None:
    """Say the port, serve one client, and say what came of it."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.ping_server", description=__doc__)
    parser.add_argument("--rate", type=float, required=True, help="ticks a second")
    parser.add_argument("--pings", type=int, required=True, help="how many")
    parser.add_argument("--every", type=float, default=0.02, help="seconds between two of them")
    options = parser.parse_args()
    listener = socket.create_server(("127.0.0.1", 0))
    say(listener.getsockname()[1])
    connection, _ = listener.accept()
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    say(json.dumps(PingServer(connection, options.rate, options.pings, options.every).run()))


if __name__ == "__main__":
    main()

"""Servers that say exactly what a test wants said, byte by byte."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from typing import Self

from websocket import ABNF
from websockets.frames import Frame
from websockets.http11 import Request
from websockets.server import ServerProtocol

from tests.actors.recording_inlet import PATIENCE_SECONDS


class Peer:
    """The server's end of one connection."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self.protocol = ServerProtocol(max_size=None)

    def read_header(self) -> str:
        """What came up to the first empty line."""
        header = b""
        while not header.endswith(b"\r\n\r\n"):
            header += self.read(1)
        return header.decode()

    def read(self, size: int) -> bytes:
        """Exactly that many bytes. Raises ConnectionError where there are fewer."""
        data = b""
        while len(data) < size:
            data += (more := self.socket.recv(size - len(data)))
            if not more:
                raise ConnectionResetError
        return data

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def start_tls(self, context: ssl.SSLContext) -> None:
        self.socket = context.wrap_socket(self.socket, server_side=True)

    def upgrade(self, *header: str) -> Request:
        """Accept the WebSocket, with one more header; the request that asked for it."""
        self.protocol.receive_data(self.read_header().encode())
        (request,) = self.protocol.events_received()
        assert isinstance(request, Request)
        response = self.protocol.accept(request)
        if header:
            name, value = header
            response.headers[name] = value
        self.protocol.send_response(response)
        self.send(b"".join(self.protocol.data_to_send()))
        return request

    def read_frame(self) -> tuple[int, bytes]:
        """Opcode and payload of the next frame; short ones only."""
        first, second, *mask = self.read(6)
        payload = self.read(second & 0x7F)
        return first & 0x0F, bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))

    def receive(self) -> list[bytes]:
        """The contents of the frames that are completed by what is there."""
        self.protocol.receive_data(self.socket.recv(65_536))
        return [bytes(event.data) for event in self.protocol.events_received() if isinstance(event, Frame)]

    def await_end(self) -> None:
        """Return when the client has ended the connection."""
        with contextlib.suppress(OSError):
            while self.socket.recv(65_536):
                pass


class RawServer:
    """Listens on a free port and gives each connection to ``serve``, on a thread of its own."""

    def __init__(self, serve: Callable[[Peer], None]) -> None:
        self.accepted = 0
        self.failures: list[BaseException] = []
        self._serve = serve
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, name="Listener", daemon=True)]

    def url(self, scheme: str = "ws", host: str = "127.0.0.1") -> str:
        return f"{scheme}://{host}:{self.port}/path?query=1"

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(PATIENCE_SECONDS)
        self._listener.close()
        assert not self.failures, self.failures

    def join_peers(self) -> None:
        """Return when every connection so far is over."""
        for thread in self._threads[1:]:
            thread.join(PATIENCE_SECONDS)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                connection.settimeout(PATIENCE_SECONDS)
                self.accepted += 1
                thread = threading.Thread(target=self._handle, args=(connection,), name="Peer", daemon=True)
                thread.start()
                self._threads.append(thread)  # who joins it may do so at once

    def _handle(self, connection: socket.socket) -> None:
        peer = Peer(connection)
        try:
            self._serve(peer)
        except Exception as error:  # noqa: BLE001 - shown to the test
            self.failures.append(error)
        finally:
            peer.socket.close()


@contextlib.contextmanager
def silent_listener() -> Iterator[int]:
    """A port on which a connection is never made: its queue is full."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


def frame(payload: bytes, opcode: int = ABNF.OPCODE_TEXT, *, is_final: bool = True) -> bytes:
    """A frame as servers send it."""
    return ABNF(int(is_final), 0, 0, 0, opcode, 0, payload).format()

"""A server that keeps every byte it is sent: before TLS, inside it, and inside the frames of the WebSocket.

Decides what counts as received. It answers each request as it is told to, or goes along with the login as far as the
client does. Does not know what is a secret, nor what the client should have done.
"""

import socket
import ssl
from collections.abc import Callable, Iterable

from websockets.frames import Frame
from websockets.http11 import Request
from websockets.server import ServerProtocol

from messages.wire.framing import encode_connect, encode_open
from tests.actors.raw_server import Peer

Received = Callable[[bytes], Iterable[bytes]]
"""What came in; gives what is to be said about it."""

GREETING = (encode_open("eavesdropper", 25_000, 20_000), encode_connect("eavesdropper"))


class Eavesdropper:
    """Serves connections (``serve``, for a RawServer), with TLS where there is a context.

    Attributes:
        wire: what came over TCP.
        plain: the same without TLS.
        contents: of the WebSocket frames, unmasked.
    """

    def __init__(self, context: ssl.SSLContext | None = None, answer: bytes | None = None) -> None:
        self.wire, self.plain, self.contents = bytearray(), bytearray(), bytearray()
        self._context = context
        self._answer = answer

    def hears(self, secret: bytes) -> bool:
        """Whether it came in anywhere."""
        return any(secret in heard for heard in (self.wire, self.plain, self.contents))

    def serve(self, peer: Peer) -> None:
        """Go along until the client ends it, or has said who it is."""
        listening = self._listen()
        if self._context is None:
            self._converse(peer.socket, listening)
        else:
            self._converse(peer.socket, _inside_tls(self._context, listening))

    def _converse(self, connection: socket.socket, received: Received) -> None:
        try:
            while data := connection.recv(65_536):
                self.wire += data
                for said in received(data):
                    connection.sendall(said)
                if b'"auth"' in self.contents:
                    return
        except OSError:
            pass

    def _listen(self) -> Received:
        protocol = ServerProtocol(max_size=None)

        def received(data: bytes) -> Iterable[bytes]:
            self.plain += data
            protocol.receive_data(data)
            for event in protocol.events_received():
                if isinstance(event, Frame):
                    self.contents += event.data
                elif self._answer is not None:
                    yield self._answer
                else:
                    yield from _welcome(protocol, event)

        return received


def _welcome(protocol: ServerProtocol, request: object) -> Iterable[bytes]:
    assert isinstance(request, Request)
    protocol.send_response(protocol.accept(request))
    for packet in GREETING:
        protocol.send_text(packet.encode())
    yield from protocol.data_to_send()


def _inside_tls(context: ssl.SSLContext, inner: Received) -> Received:
    """The server's side of TLS, through memory, so that what comes before it can be kept too. Raises OSError."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_side=True)
    is_shaken = False

    def received(data: bytes) -> Iterable[bytes]:
        nonlocal is_shaken
        incoming.write(data)
        try:
            if not is_shaken:
                tls.do_handshake()
                is_shaken = True
            while plain := tls.read(65_536):
                for said in inner(plain):
                    tls.write(said)
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError:
            yield outgoing.read()  # the alert
            raise
        yield outgoing.read()

    return received

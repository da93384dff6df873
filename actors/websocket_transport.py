"""The transport of real connections: WebSockets over TCP and TLS.

Theory of operation. Each channel has one reader thread. It alone connects, receives, closes and talks to the inlet, so
that the inlet hears ``opened``, ``received`` and ``closed`` in this order and the last exactly once, whatever happens.
Sending and aborting come from any thread and touch only the link.

Decides what becomes of an error. Does not know sockets (``actors.websocket_link``), how a connection is made
(``actors.websocket_dial``), frames (``actors.websocket_stream``), nor what the messages mean.
"""

import ssl
import time
from collections.abc import Callable, Mapping, Sequence

from python_socks import ProxyError
from websocket import ABNF, WebSocketException, WebSocketTimeoutException

from actors.ports import Channel, Endpoint, Inlet
from actors.runtime import ActorThread
from actors.websocket_dial import dial
from actors.websocket_link import Link
from actors.websocket_race import race
from actors.websocket_stream import Batch, MessageStream
from messages.errors import BusError, ConnectionLost, TransportError, UsageError


class WebSocketTransport:
    """Makes WebSockets. A frame that the network does not take within ``send_timeout_seconds`` ends its channel."""

    def __init__(self, *, send_timeout_seconds: float = 5.0) -> None:
        self._send_timeout_seconds = send_timeout_seconds

    def open(self, endpoint: Endpoint, inlet: Inlet) -> Channel:
        """Begin to connect and return at once."""
        channel = _WebSocketChannel(endpoint, inlet, self._send_timeout_seconds)
        ActorThread(target=channel.run, name=f"Reader-{inlet.incarnation}", daemon=True).start()
        return channel

    def measure(self, endpoints: Sequence[Endpoint], report: Callable[[Mapping[str, float]], None]) -> None:
        """Begin to connect to all at once; see ``actors.websocket_race``."""
        ActorThread(target=lambda: report(race(endpoints)), name="Race", daemon=True).start()


class _WebSocketChannel:
    def __init__(self, endpoint: Endpoint, inlet: Inlet, send_timeout_seconds: float) -> None:
        self._endpoint = endpoint
        self._inlet = inlet
        self._link = Link()
        self._stream = MessageStream(self._link, send_timeout_seconds, inlet.ponged)
        self._is_open = False

    def send(self, data: str | bytes) -> None:
        """Hand one message to the network. What is raised holds nothing of it."""
        error = self._try_to_send(data)
        del data  # a traceback shows the locals of its frames to whoever asks
        if error is not None:
            raise error

    def ping(self) -> None:
        """Ask for a sign of life."""
        error = self._try_to_send(b"", ABNF.OPCODE_PING)
        if error is not None:
            raise error

    def abort(self) -> None:
        """End it now."""
        self._link.abort()

    def run(self) -> None:
        """Live: the reader's thread."""
        try:
            self._connect()
            self._inlet.opened()
            while True:
                self._receive()
        except BaseException as error:  # noqa: BLE001 - an inlet that is not told waits for ever
            end = self._end(error)
        self._link.close()
        self._inlet.closed(end)

    def _try_to_send(self, data: str | bytes, control: int | None = None) -> BusError | None:
        # Returned, not raised: an error raised here would refer to the frames that hold the data.
        try:
            content, opcode = _content(data)
            if not self._is_open:
                self._link.abort("something was sent before it was open")
            self._stream.send(content, opcode if control is None else control)
        except UnicodeEncodeError:
            return UsageError("The text is not Unicode (it holds half of a surrogate pair); nothing was sent.")
        except (OSError, WebSocketException) as error:
            return TransportError(_reason(error))
        return None

    def _connect(self) -> None:
        until = time.monotonic() + self._endpoint.connect_timeout_seconds
        dial(self._link, self._endpoint, until)
        self._stream.upgrade(self._endpoint, until)
        self._is_open = True

    def _receive(self) -> None:
        batch: Batch = []
        try:
            self._stream.gather(batch)
        finally:
            if batch:
                self._inlet.received(batch)
        while not self._inlet.has_room() and not self._link.is_over:
            time.sleep(_PAUSE_SECONDS)  # what is not read waits at the sender's

    def _end(self, error: BaseException) -> BusError:
        if isinstance(error, BusError):
            return error.with_traceback(None)
        return ConnectionLost(_reason(error)) if self._is_open else TransportError(_reason(error))


def _content(data: str | bytes) -> tuple[bytes, int]:
    if isinstance(data, bytes):
        return data, ABNF.OPCODE_BINARY
    return data.encode(), ABNF.OPCODE_TEXT


def _reason(error: BaseException) -> str:
    """Say why, in a line that whoever sits at the other end cannot shape."""
    match error:
        case TimeoutError() | WebSocketTimeoutException():
            reason = "no answer in time"
        case ssl.SSLCertVerificationError():
            reason = f"the certificate is not accepted: {error.verify_message}"
        case OSError():
            reason = error.strerror or str(error)
        case WebSocketException() | ProxyError():
            reason = str(error)
        case _:
            reason = f"the reader failed with {type(error).__name__}"
    return "".join(filter(str.isprintable, reason))[:_MAX_REASON]


_MAX_REASON = 200
_PAUSE_SECONDS = 0.002

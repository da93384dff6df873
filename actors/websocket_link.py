"""One TCP connection, plain or TLS, that a reader and several senders use at once.

Theory of operation. OpenSSL's state survives only one thread at a time, and a call that blocks would keep the others
out. So the socket never blocks: every call on it is made under one lock and returns at once, and whoever has to wait
does so outside the lock. Only the reader connects, receives and closes; anyone may send and abort. Aborting shuts the
socket down, which wakes whoever waits for it; nothing can start after that.

Decides who may touch the socket and when. Does not know WebSocket, proxies, nor why it was ended.
"""

import os
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from errno import EINPROGRESS
from operator import methodcaller
from queue import Empty, SimpleQueue
from typing import Any, Final

from websocket import DEFAULT_SOCKET_OPTION

CHUNK_BYTES: Final = 65_536

_Found = list[tuple[Any, ...]] | OSError | UnicodeError


class Link:
    """A connection, from before it is made. Every ``until`` is a moment of the monotonic clock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # around every call on the socket
        self._sending = threading.Lock()  # around every frame
        self._socket: socket.socket | None = None
        self._ending = ""
        self._awaited = 0  # what to poll for before receiving again; the reader's own
        self._found: SimpleQueue[_Found] = SimpleQueue()

    @property
    def is_over(self) -> bool:
        """Whether it was aborted."""
        return bool(self._ending)

    def resolve(self, host: str, port: int, until: float) -> list[tuple[Any, ...]]:
        """What ``getaddrinfo`` says. It cannot be interrupted, so it runs on a thread that can be left behind."""
        threading.Thread(target=self._look_up, args=(host, port), name="Resolver", daemon=True).start()
        try:
            found = self._found.get(timeout=_left(until))
        except Empty:
            raise TimeoutError from None
        if isinstance(found, list):
            return found
        raise found

    def connect(self, host: str, port: int, until: float) -> None:
        """Connect to the first address that answers; each gets its share of the time that is left."""
        addresses = self.resolve(host, port, until)
        failure: OSError = OSError(f"{host} has no address")
        for index, (family, _, _, _, address) in enumerate(addresses):
            share = _left(until) / (len(addresses) - index)
            try:
                return self._connect(family, address, time.monotonic() + share)
            except OSError as error:
                failure = error
        raise failure

    def start_tls(self, context: ssl.SSLContext, host: str, until: float) -> None:
        """Go on encrypted."""
        with self._lock:
            plain = self._live()
            self._socket = context.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
        self._perform(methodcaller("do_handshake"), select.POLLIN, until)

    def receive(self, until: float | None = None, size: int = CHUNK_BYTES) -> bytes:
        """Wait until there is something, and return it. Raises OSError at the end."""
        while True:
            if self._awaited:
                self._wait_to_receive(until)
            if data := self.receive_now(size):
                return data

    def receive_now(self, size: int = CHUNK_BYTES) -> bytes:
        """What is already there; empty if nothing is."""
        if self._awaited:
            return b""
        with self._lock:
            live = self._live()
            try:
                data = live.recv(size)
            except ssl.SSLWantWriteError:
                self._awaited = select.POLLOUT
                return b""
            except (ssl.SSLWantReadError, BlockingIOError):
                self._awaited = select.POLLIN
                return b""
        if not data:
            raise ConnectionResetError("the server closed the connection")
        if len(data) < size and not isinstance(live, ssl.SSLSocket):
            self._awaited = select.POLLIN  # TLS gives one record at a time, TCP all there is
        return data

    def send(self, data: bytes, until: float) -> None:
        """Send all of it, or end the link: nothing can follow half a frame."""
        with self._sending:
            rest = memoryview(data)
            try:
                while rest:
                    rest = rest[self._perform(methodcaller("send", rest), select.POLLOUT, until) :]
            except BaseException:
                self.abort("a frame could not be sent")
                raise

    def abort(self, reason: str = "it was aborted") -> None:
        """End it, from any thread and at any stage; the first reason stands."""
        self._found.put(ConnectionAbortedError(reason))
        with self._lock:
            self._ending = self._ending or reason
            if self._socket is not None:
                with suppress(OSError):  # not connected any more
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)  # SSLSocket's own goes on in plain text

    def close(self) -> None:
        """Give the socket back; the reader's last call."""
        self.abort("it is closed")
        with self._sending, self._lock:  # no sender may be left waiting for a number that is given away
            if self._socket is not None:
                with suppress(OSError):
                    self._socket.close()
                self._socket = None

    def _look_up(self, host: str, port: int) -> None:
        try:
            self._found.put(list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
        except (OSError, UnicodeError) as error:
            self._found.put(error)

    def _connect(self, family: int, address: Any, until: float) -> None:  # noqa: ANN401 - its shape is the family's
        with self._lock:
            code = self._begin(family, address)
        if code == EINPROGRESS:
            self._wait(select.POLLOUT, until)
            with self._lock:
                code = self._live().getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise OSError(code, os.strerror(code))

    def _begin(self, family: int, address: Any) -> int:  # noqa: ANN401
        if self._socket is not None:
            self._live().close()
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        self._socket.setblocking(False)
        for option in DEFAULT_SOCKET_OPTION:  # TCP_NODELAY and keep-alive
            self._socket.setsockopt(*option)
        # Under the lock, and after a look at the end: a shutdown of a socket not yet connecting would be lost.
        return self._live().connect_ex(address)

    def _live(self) -> socket.socket:
        if self._ending or self._socket is None:
            raise ConnectionAbortedError(self._ending or "it is not connected")
        return self._socket

    def _perform(self, call: Callable[[socket.socket], Any], awaited: int, until: float) -> Any:  # noqa: ANN401
        while True:
            with self._lock:
                try:
                    return call(self._live())
                except ssl.SSLWantReadError:
                    awaited = select.POLLIN
                except ssl.SSLWantWriteError:
                    awaited = select.POLLOUT
                except BlockingIOError:
                    pass
            self._wait(awaited, until)

    def _wait_to_receive(self, until: float | None) -> None:
        with self._lock:
            live = self._live()
            has_pending = isinstance(live, ssl.SSLSocket) and live.pending() > 0  # of that poll knows nothing
        if not has_pending:
            self._wait(self._awaited, until)
        self._awaited = 0

    def _wait(self, awaited: int, until: float | None) -> None:
        poll = select.poll()
        with self._lock:
            poll.register(self._live(), awaited)
        if not poll.poll(None if until is None else _left(until) * 1000):
            raise TimeoutError


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left

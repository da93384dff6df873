"""A link dressed as the blocking socket that libraries shake hands over, with a deadline and limits.

Decides how much a server or proxy may say before the connection stands. Does not know what it is asked.
"""

from typing import Final, Self

from websocket import WebSocketException

from actors.websocket_link import Link

MAX_LINE_BYTES: Final = 8 * 1024
MAX_HEADER_BYTES: Final = 64 * 1024


class BlockingLink:
    """What libraries need of a socket. All of the handshake must be over at ``until``."""

    def __init__(self, link: Link, until: float) -> None:
        self._link = link
        self._until = until

    def connect(self, **_: object) -> Self:
        """Be the connection to a proxy that somebody wants to make."""
        return self

    def recv(self, size: int) -> bytes:
        """At least one byte, at most ``size``."""
        return self._link.receive(self._until, size)

    def sendall(self, data: bytes) -> None:
        """Send it all."""
        self._link.send(data, self._until)

    def send(self, data: bytes) -> int:
        """Send it all."""
        self.sendall(data)
        return len(data)

    def gettimeout(self) -> float:
        """Say that it is not for the library to wait."""
        return 0.0

    def close(self) -> None:
        """Nothing: whoever made the link closes it."""


class HeaderLink(BlockingLink):
    """Gives the header of one HTTP answer, and nothing of what follows it."""

    def __init__(self, link: Link, until: float) -> None:
        super().__init__(link, until)
        self._lines = [b""]
        self._total = 0

    @property
    def status(self) -> str:
        """The first line."""
        return self._lines[0].decode(errors="replace").strip()

    @property
    def is_complete(self) -> bool:
        """Whether the empty line has been read."""
        return len(self._lines) > 1 and self._lines[-1] == b"" and self._lines[-2].strip() == b""

    def recv(self, size: int) -> bytes:  # noqa: ARG002
        """Return the next byte, whatever the size: what comes after the header is not for the library."""
        if self.is_complete:  # an error's page, of any length
            raise WebSocketException(f"the answer was: {self.status}")
        byte = super().recv(1)
        self._total += 1
        self._lines[-1] += byte
        if len(self._lines[-1]) > MAX_LINE_BYTES or self._total > MAX_HEADER_BYTES:
            raise WebSocketException("the answer's header is too long")
        if byte == b"\n":
            self._lines.append(b"")
        return byte

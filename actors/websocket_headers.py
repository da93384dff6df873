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
    """Gives the header of one HTTP answer, and nothing of what follows it.

    Leaves cookies out: websocket-client would keep them for the whole process, and show those of one account to the
    server in the name of another.
    """

    def __init__(self, link: Link, until: float) -> None:
        super().__init__(link, until)
        self.status = ""
        self.is_complete = False
        self._total = 0
        self._rest = b""  # of the line that is being given

    def recv(self, size: int) -> bytes:
        """Return some of the current line."""
        while not self._rest:
            if self.is_complete:  # what follows is an error's page, of any length
                raise WebSocketException(f"the answer was: {self.status}")
            line = self._read_line()
            self._rest = b"" if line.lstrip().lower().startswith(b"set-cookie:") else line
        given, self._rest = self._rest[:size], self._rest[size:]
        return given

    def _read_line(self) -> bytes:
        line = b""
        while not line.endswith(b"\n"):
            line += super().recv(1)  # no more: the next byte may be TLS
            if len(line) > MAX_LINE_BYTES or self._total + len(line) > MAX_HEADER_BYTES:
                raise WebSocketException("the answer's header is too long")
        self._total += len(line)
        self.status = self.status or line.decode(errors="replace").strip()
        self.is_complete = not line.strip()
        return line

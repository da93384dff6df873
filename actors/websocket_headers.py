"""A link dressed as the blocking socket that libraries shake hands over, with a deadline and limits.

Decides how much a server or proxy may say before the connection stands. Does not know what it is asked.
"""

from typing import Final, Self

from websocket import WebSocketException

from actors.websocket_link import Link

MAX_LINE_BYTES: Final = 8 * 1024
MAX_HEADER_BYTES: Final = 64 * 1024

_CHUNK_BYTES: Final = 4 * 1024


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
    """Gives the header of one HTTP answer. The whole of it is read and judged before any of it is given.

    Leaves cookies out: websocket-client would keep them for the whole process, and show those of one account to the
    server in the name of another.

    Attributes:
        status: the answer's first line.
        is_complete: whether all of the header was read.
        rest: what came behind it.
    """

    def __init__(self, link: Link, until: float) -> None:
        super().__init__(link, until)
        self.status = ""
        self.is_complete = False
        self.rest = b""
        self._header = b""
        self._given = 0

    def recv(self, size: int) -> bytes:
        """Return some of the header."""
        if not self.is_complete:
            self._read()
        elif self._given == len(self._header):  # what follows is an error's page, of any length
            raise WebSocketException(f"the answer was: {self.status}")
        start = self._given
        self._given = min(start + size, len(self._header))
        return self._header[start : self._given]

    def _read(self) -> None:
        data, lines, start = bytearray(), list[bytes](), 0
        while not self.is_complete:
            data += super().recv(_CHUNK_BYTES)
            while not self.is_complete and (end := data.find(b"\n", start) + 1):
                self._check(start, end)
                lines.append(self._line(bytes(data[start:end])))
                start = end
            if not self.is_complete:
                self._check(start, len(data))
        self._header, self.rest = b"".join(lines), bytes(data[start:])

    def _check(self, start: int, end: int) -> None:
        if end - start > MAX_LINE_BYTES or end > MAX_HEADER_BYTES:
            raise WebSocketException("the answer's header is too long")

    def _line(self, line: bytes) -> bytes:
        self.status = self.status or line.decode(errors="replace").strip()
        self.is_complete = not line.strip()
        return b"" if line.lstrip().lower().startswith(b"set-cookie:") else line

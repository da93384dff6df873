"""What may look at, change or drop whatever goes over the socket.

Decides the hooks, their order (of registration), and that one that raises is skipped: reported, never fatal.
Does not know what a frame says. What makes the session (handshake, login, pings) does not come by here.
"""

from collections.abc import Callable
from types import UnionType
from typing import TypeVar

from messages.errors import BusError
from messages.session import Frame

T = TypeVar("T")


class Middleware:
    """Subclass and override what you need.

    ``on_receive`` runs in the router's thread, all others in the connection's: be quick.
    """

    def on_connection_attempt(self, url: str) -> None:
        """A connection to ``url`` is about to be made."""

    def on_connect(self) -> None:
        """The session is logged in."""

    def on_connection_failure(self, error: BusError) -> None:
        """No session came of the attempt."""

    def on_disconnect(self, error: BusError | None) -> None:
        """The session is over; ``error`` where nobody asked for it."""

    def on_send(self, data: str | bytes) -> str | bytes | None:
        """A message is about to be sent: return it, another one, or None to drop it. Never sees the login."""
        return data

    def on_receive(self, frame: Frame) -> Frame | None:
        """A frame has come: return it, another one, or None to drop it."""
        return frame


class MiddlewareStack:
    """All middleware of a system, in order of registration."""

    def __init__(self, on_error: Callable[[str, Exception], None]) -> None:
        self._on_error = on_error
        self.entries: tuple[Middleware, ...] = ()

    def add(self, middleware: Middleware) -> None:
        """Let it take part from now on."""
        self.entries = (*self.entries, middleware)

    def tell(self, hook: Callable[[Middleware], None]) -> None:
        """Call an observing hook of each."""
        for middleware in self.entries:
            try:
                hook(middleware)
            except Exception as error:  # noqa: BLE001 - the user's code; reported
                self._on_error(type(middleware).__name__, error)

    def outbound(self, data: str | bytes) -> str | bytes | None:
        """What is left to send."""
        for middleware in self.entries:
            try:
                changed = _checked(middleware.on_send(data), str | bytes)
            except Exception as error:  # noqa: BLE001 - the user's code; reported
                self._on_error(f"{type(middleware).__name__}.on_send", error)
                continue
            if changed is None:
                return None
            data = changed
        return data

    def inbound(self, frame: Frame) -> Frame | None:
        """What is left to route."""
        for middleware in self.entries:
            try:
                changed = _checked(middleware.on_receive(frame), Frame)
            except Exception as error:  # noqa: BLE001 - the user's code; reported
                self._on_error(f"{type(middleware).__name__}.on_receive", error)
                continue
            if changed is None:
                return None
            frame = changed
        return frame


def _checked(returned: T, kind: type | UnionType) -> T:
    if returned is None or isinstance(returned, kind):
        return returned
    raise TypeError(f"it returned {type(returned).__name__}")

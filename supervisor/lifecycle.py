"""Where a session can stand, and what moves it.

Theory of operation. The supervisor of the connection feeds every event of the session's life into one
table. CONNECTING to READY are the life of one socket, told by its connection; IDLE, BACKING_OFF, HELD,
REJECTED and CLOSED lie between sockets. A command drops the socket or asks for one; LOST is every end of a
socket that nobody asked for. REJECTED and CLOSED are final.

A pair that is not in the table raises and changes nothing.

Pure. Does not know what is done in a state.
"""

from enum import Enum
from typing import Final

from messages.errors import UsageError
from messages.session import SessionState as S


class LifecycleEvent(Enum):
    """What can happen to a session."""

    CONNECT = "connect"
    DISCONNECT = "disconnect"
    HOLD = "disconnect and hold"
    RECONNECT = "reconnect"
    SHUTDOWN = "shutdown"
    OPENED = "opened"
    SHAKEN = "shaken hands"
    AUTHENTICATED = "authenticated"
    RESTORED = "restored"
    LOST = "lost"
    RETRY_DUE = "retry due"
    REFUSED = "refused"
    GAVE_UP = "gave up"


E = LifecycleEvent


class IllegalTransition(UsageError):
    """The event cannot happen in that state."""

    def __init__(self, state: S, event: LifecycleEvent) -> None:
        self.state, self.event = state, event
        final = " That is final: make a new client." if state in (S.REJECTED, S.CLOSED) else ""
        super().__init__(f"The session is {state.value}: there is no {event.value}.{final}")


def _live(state: S, **forward: S) -> dict[tuple[S, LifecycleEvent], S]:
    """The row of a state in which there is a socket: every way to lose it, and the way on."""
    return {
        (state, E.CONNECT): state,
        (state, E.DISCONNECT): S.BACKING_OFF,
        (state, E.HOLD): S.HELD,
        (state, E.RECONNECT): S.CONNECTING,
        (state, E.SHUTDOWN): S.CLOSED,
        (state, E.LOST): S.BACKING_OFF,
        (state, E.REFUSED): S.REJECTED,
        **{(state, LifecycleEvent[event]): following for event, following in forward.items()},
    }


TABLE: Final[dict[tuple[S, LifecycleEvent], S]] = {
    (S.IDLE, E.CONNECT): S.CONNECTING,
    (S.IDLE, E.RECONNECT): S.CONNECTING,
    (S.IDLE, E.DISCONNECT): S.IDLE,
    (S.IDLE, E.HOLD): S.HELD,
    (S.IDLE, E.SHUTDOWN): S.CLOSED,
    **_live(S.CONNECTING, OPENED=S.HANDSHAKING),
    **_live(S.HANDSHAKING, SHAKEN=S.AUTHENTICATING),
    **_live(S.AUTHENTICATING, AUTHENTICATED=S.RESTORING),
    **_live(S.RESTORING, RESTORED=S.READY),
    **_live(S.READY),
    (S.BACKING_OFF, E.RETRY_DUE): S.CONNECTING,
    (S.BACKING_OFF, E.CONNECT): S.CONNECTING,
    (S.BACKING_OFF, E.RECONNECT): S.CONNECTING,
    (S.BACKING_OFF, E.DISCONNECT): S.BACKING_OFF,
    (S.BACKING_OFF, E.HOLD): S.HELD,
    (S.BACKING_OFF, E.SHUTDOWN): S.CLOSED,
    (S.BACKING_OFF, E.GAVE_UP): S.CLOSED,
    (S.BACKING_OFF, E.REFUSED): S.REJECTED,
    (S.HELD, E.CONNECT): S.CONNECTING,
    (S.HELD, E.RECONNECT): S.CONNECTING,
    (S.HELD, E.DISCONNECT): S.HELD,
    (S.HELD, E.HOLD): S.HELD,
    (S.HELD, E.SHUTDOWN): S.CLOSED,
    (S.REJECTED, E.SHUTDOWN): S.CLOSED,
    (S.CLOSED, E.SHUTDOWN): S.CLOSED,
}

LIVE: Final = frozenset({S.CONNECTING, S.HANDSHAKING, S.AUTHENTICATING, S.RESTORING, S.READY})
"""The states in which there is a socket."""


def advance(state: S, event: LifecycleEvent) -> S:
    """The state that follows. Raises IllegalTransition where none does."""
    try:
        return TABLE[state, event]
    except KeyError:
        raise IllegalTransition(state, event) from None

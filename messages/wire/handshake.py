"""The client's side of the beginning of a session, and of its end.

Theory of operation. A session opens in three steps, each begun by the server and answered by the client:
open → connect, connect → auth, successauth → logged in. Two rules:

1. The table holds every (stage, input) that may happen, with what is to be done about it. A pair that is not
   in it raises WireError and changes nothing.
2. Who ended the session decides how it goes on. NotAuthorized at any time, and a disconnect before
   successauth, are about the credentials: REFUSED, and trying again cannot help. Everything else is about
   the connection: LOST, and another may be tried. That includes a connect error: it comes before the
   credentials are sent.

Does not know sockets, deadlines, the SSID, or what is inside a packet; it says what to do and does none of it.
"""

from enum import Enum
from typing import Final

from messages.errors import WireError
from messages.session import Frame
from messages.wire.framing import Control, PacketKind


class Stage(Enum):
    """How far the session has come."""

    AWAITING_OPEN = "awaiting open"
    AWAITING_CONNECT = "awaiting connect"
    AWAITING_AUTH = "awaiting auth"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    LOST = "lost"


class Input(Enum):
    """What the server may say that concerns the session itself."""

    OPEN = "open"
    CONNECT = "connect"
    CONNECT_ERROR = "connect error"
    DISCONNECT = "disconnect"
    SUCCESS_AUTH = "successauth"
    NOT_AUTHORIZED = "not authorized"
    CLOSE = "close"
    PING = "ping"


class Action(Enum):
    """What the client is to do."""

    SEND_CONNECT = "send connect"
    SEND_AUTH = "send auth"
    SEND_PONG = "send pong"
    LOGGED_IN = "logged in"
    REJECT = "reject"  # end, and do not come back with this session
    END = "end"


Move = tuple[Stage, tuple[Action, ...]]

_REFUSED: Final[Move] = (Stage.REFUSED, (Action.REJECT,))
_LOST: Final[Move] = (Stage.LOST, (Action.END,))
_STILL_REFUSED: Final[Move] = (Stage.REFUSED, ())
_STILL_LOST: Final[Move] = (Stage.LOST, ())

MOVES: Final[dict[tuple[Stage, Input], Move]] = {
    (Stage.AWAITING_OPEN, Input.OPEN): (Stage.AWAITING_CONNECT, (Action.SEND_CONNECT,)),
    (Stage.AWAITING_OPEN, Input.DISCONNECT): _REFUSED,
    (Stage.AWAITING_OPEN, Input.NOT_AUTHORIZED): _REFUSED,
    (Stage.AWAITING_OPEN, Input.CLOSE): _LOST,
    (Stage.AWAITING_OPEN, Input.PING): (Stage.AWAITING_OPEN, (Action.SEND_PONG,)),
    (Stage.AWAITING_CONNECT, Input.CONNECT): (Stage.AWAITING_AUTH, (Action.SEND_AUTH,)),
    (Stage.AWAITING_CONNECT, Input.CONNECT_ERROR): _LOST,
    (Stage.AWAITING_CONNECT, Input.DISCONNECT): _REFUSED,
    (Stage.AWAITING_CONNECT, Input.NOT_AUTHORIZED): _REFUSED,
    (Stage.AWAITING_CONNECT, Input.CLOSE): _LOST,
    (Stage.AWAITING_CONNECT, Input.PING): (Stage.AWAITING_CONNECT, (Action.SEND_PONG,)),
    (Stage.AWAITING_AUTH, Input.SUCCESS_AUTH): (Stage.ACCEPTED, (Action.LOGGED_IN,)),
    (Stage.AWAITING_AUTH, Input.DISCONNECT): _REFUSED,
    (Stage.AWAITING_AUTH, Input.NOT_AUTHORIZED): _REFUSED,
    (Stage.AWAITING_AUTH, Input.CLOSE): _LOST,
    (Stage.AWAITING_AUTH, Input.PING): (Stage.AWAITING_AUTH, (Action.SEND_PONG,)),
    (Stage.ACCEPTED, Input.DISCONNECT): _LOST,
    (Stage.ACCEPTED, Input.NOT_AUTHORIZED): _REFUSED,
    (Stage.ACCEPTED, Input.CLOSE): _LOST,
    (Stage.ACCEPTED, Input.PING): (Stage.ACCEPTED, (Action.SEND_PONG,)),
    # A refusal is followed by a disconnect: the end may be announced more than once, and is acted on once.
    (Stage.REFUSED, Input.DISCONNECT): _STILL_REFUSED,
    (Stage.REFUSED, Input.NOT_AUTHORIZED): _STILL_REFUSED,
    (Stage.REFUSED, Input.CLOSE): _STILL_REFUSED,
    (Stage.REFUSED, Input.PING): (Stage.REFUSED, (Action.SEND_PONG,)),
    (Stage.LOST, Input.DISCONNECT): _STILL_LOST,
    (Stage.LOST, Input.NOT_AUTHORIZED): _REFUSED,
    (Stage.LOST, Input.CLOSE): _STILL_LOST,
    (Stage.LOST, Input.PING): (Stage.LOST, (Action.SEND_PONG,)),
}


class ClientHandshake:
    """Where one connection stands."""

    def __init__(self, stage: Stage = Stage.AWAITING_OPEN) -> None:
        self.stage = stage

    def receive(self, received: Input) -> tuple[Action, ...]:
        """Move on, and say what is to be done.

        Raises:
            WireError: this cannot come at this stage; nothing has changed.
        """
        move = MOVES.get((self.stage, received))
        if move is None:
            raise WireError(received.value, f"it cannot come while {self.stage.value}")
        self.stage, actions = move
        return actions


_CONTROLS: Final = {
    PacketKind.OPEN: Input.OPEN,
    PacketKind.CLOSE: Input.CLOSE,
    PacketKind.PING: Input.PING,
    PacketKind.CONNECT: Input.CONNECT,
    PacketKind.DISCONNECT: Input.DISCONNECT,
    PacketKind.CONNECT_ERROR: Input.CONNECT_ERROR,
}
_EVENTS: Final = {
    "successauth": Input.SUCCESS_AUTH,
    "NotAuthorized": Input.NOT_AUTHORIZED,
    "notAuthorized": Input.NOT_AUTHORIZED,
    "auth_error": Input.NOT_AUTHORIZED,
}


def input_of(received: Control | Frame) -> Input | None:
    """What a packet means to the session; None if it is not about the session, or about another namespace."""
    if isinstance(received, Frame):
        return _EVENTS.get(received.event)
    return _CONTROLS.get(received.kind) if received.namespace == "/" else None

"""A frame as a user sees it who works without this client's words.

Decides what the text of a frame is: the message, where it came as one; where its payload came as an attachment, the
message it would have been, ``42["event",payload]``. Does not know who wants it.
"""

from typing import Any

import msgspec
from msgspec import Struct

from messages.errors import WireError
from messages.session import Frame, FrameReceived


class RawFrame(Struct, frozen=True):
    """One inbound event. ``received`` is UTC seconds; ``frame`` is all that is known of it.

    Example:
        >>> header = b'451-["echo",{"_placeholder":true,"num":0}]'
        >>> raw = RawFrame(Frame("echo", b'{"n":1}', header, (b'{"n":1}',)), received=0.0)
        >>> raw.event, raw.text, raw.json()
        ('echo', '42["echo",{"n":1}]', {'n': 1})
    """

    frame: Frame
    received: float

    @property
    def event(self) -> str:
        """The event's name."""
        return self.frame.event

    @property
    def data(self) -> bytes:
        """The payload: JSON (UTF-8), empty where there is none."""
        return self.frame.payload

    @property
    def text(self) -> str:
        """The whole as one message; see ``text_of``."""
        return text_of(self.frame)

    def json(self) -> Any:  # noqa: ANN401 - whatever the platform sent
        """The payload decoded, None where there is none.

        Raises:
            WireError: it is no JSON.
        """
        if not self.frame.payload:
            return None
        try:
            return msgspec.json.decode(self.frame.payload)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            raise WireError(self.event, str(error)) from None


def text_of(frame: Frame) -> str:
    """The frame as one message: ``42["event",payload]``, whether or not its payload came as an attachment.

    What is not UTF-8 shows as U+FFFD.
    """
    if not frame.attachments:
        return frame.text.decode(errors="replace")
    name = msgspec.json.encode(frame.event).decode()
    payload = frame.payload.decode(errors="replace")
    return f"42[{name},{payload}]" if payload else f"42[{name}]"


def unpack(received: FrameReceived) -> tuple[RawFrame]:
    """What a stream takes out of what the router tells."""
    return (RawFrame(received.frame, received.received),)

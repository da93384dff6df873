"""A client on a real socket."""

import json
from typing import Any

import websocket

from messages.session import Frame
from messages.wire.framing import FrameDecoder, encode_event
from tests.simulator.world import session


class Caller:
    """Speaks as a client does and waits for what it wants to hear."""

    def __init__(self, url: str, **options: Any) -> None:
        self.socket: Any = websocket.create_connection(url, timeout=10, http_no_proxy=["127.0.0.1"], **options)
        self.decoder = FrameDecoder()

    def say(self, event: str, argument: Any) -> None:
        self.socket.send(encode_event(event, json.dumps(argument).encode()))

    def hear(self) -> str:
        return str(self.socket.recv())

    def log_in(self) -> None:
        self.socket.send("40")
        self.say("auth", session())
        self.await_event("successupdatePending")

    def await_event(self, event: str) -> Any:
        while True:
            opcode, data = self.socket.recv_data()
            packet = self.decoder.feed(data, opcode == websocket.ABNF.OPCODE_TEXT)
            if isinstance(packet, Frame) and packet.event == event:
                return json.loads(packet.payload)

    def await_end(self) -> bool:
        """Whether the other side took its leave, and did not just vanish."""
        try:
            while self.socket.recv_data(control_frame=True)[0] != websocket.ABNF.OPCODE_CLOSE:
                pass
        except (websocket.WebSocketException, OSError):
            return False
        finally:
            self.hang_up()
        return True

    def hang_up(self) -> None:
        self.socket.shutdown()

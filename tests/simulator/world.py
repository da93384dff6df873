"""A broker with clients around it, in a time that only the test moves."""

import json
from typing import Any, Final

from messages.session import Frame
from messages.wire.framing import PING, PONG, Control, FrameDecoder, encode_event
from simulator.broker import Broker, Outgoing
from simulator.streams import ConnectionId

START: Final = 1_764_000_000.25
"""A quarter of a second past 16:00 UTC; on the platform's clock 18:00."""

AHEAD: Final = 7200
ASSET: Final = "EURUSD_otc"


def session(uid: int | str = 12345, *, is_demo: int = 1) -> dict[str, Any]:
    return {"session": "abcdefghijklmnopqrstuvwxyz", "isDemo": is_demo, "uid": uid, "platform": 2}


class World:
    """The broker and everybody who is connected."""

    def __init__(self, broker: Broker | None = None, now: float = START) -> None:
        self.broker = broker or Broker(seed=1)
        self.now = now
        self.clients: dict[ConnectionId, Client] = {}

    def connect(self) -> "Client":
        name, outgoing = self.broker.connect(self.now)
        client = self.clients[name] = Client(self, name)
        self.route(outgoing)
        return client

    def log_in(self, uid: int | str = 12345, *, is_demo: int = 1) -> "Client":
        client = self.connect()
        client.write("40")
        client.say("auth", session(uid, is_demo=is_demo))
        return client

    def let_pass(self, seconds: float) -> None:
        end = self.now + seconds
        while (due := self.broker.due()) is not None and due <= end:
            self.now = max(self.now, due)
            self.route(self.broker.poll(self.now))
        self.now = end

    def route(self, outgoing: list[Outgoing]) -> None:
        for item in outgoing:
            self.clients[item.connection].hear(item)


class Client:
    """One connection: says things, and keeps what it hears."""

    def __init__(self, world: World, name: ConnectionId) -> None:
        self.world = world
        self.name = name
        self.decoder = FrameDecoder()
        self.raw: list[str | bytes] = []
        self.events: list[tuple[str, Any]] = []
        self.controls: list[Control] = []
        self.delays: set[float] = set()
        self.is_closed = False
        self.answers_pings = True

    def write(self, data: str | bytes) -> None:
        self.world.route(self.world.broker.feed(self.name, data, self.world.now))

    def say(self, event: str, argument: Any = None) -> None:
        self.write(encode_event(event, None if argument is None else json.dumps(argument).encode()))

    def hear(self, item: Outgoing) -> None:
        self.delays.add(item.delay_seconds)
        if item.frame is None:
            self.is_closed = True
            return
        self.raw.append(item.frame)
        if item.frame == PING and self.answers_pings:
            self.write(PONG)
        data = item.frame.encode() if isinstance(item.frame, str) else item.frame
        packet = self.decoder.feed(data, isinstance(item.frame, str))
        if isinstance(packet, Frame):
            self.events.append((packet.event, json.loads(packet.payload) if packet.payload else None))
        elif isinstance(packet, Control):
            self.controls.append(packet)
        else:
            assert packet is None

    def forget(self) -> None:
        self.raw.clear()
        self.events.clear()

    def heard(self, event: str) -> list[Any]:
        return [argument for name, argument in self.events if name == event]

    @property
    def event_names(self) -> list[str]:
        return [name for name, _ in self.events]

    def order(self, action: str = "call", amount: Any = 10, seconds: int = 5, **changes: Any) -> None:
        order = {"asset": ASSET, "amount": amount, "action": action, "isDemo": 1, "requestId": 77, "optionType": 100}
        self.say("openOrder", order | {"time": seconds} | changes)

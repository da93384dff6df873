"""One process of the client, from its start to its end or death, on a network and a disk that outlive it.

Decides how a client is put together for the simulation, and how one of its handlers is made to fail. Does not know
when that happens, nor what the client is asked (``tests.dst.trader``).
"""

from collections.abc import Callable
from typing import Any

import pykka
from msgspec.structs import replace

from actors.life import Life as ActorLife
from actors.stepped import SteppedRuntime
from messages.base import AddressName, Incarnation, Message
from messages.orders import OrderState, OrderStateChanged
from messages.secret import Secret
from messages.supervision import ActorExited
from messages.trading import OrderId
from messages.wire.ssid import Ssid
from optionbus.client import PocketOption
from supervisor.settings import ConnectionSettings, ReconnectSettings, Settings
from tests.dst.network import Network
from tests.dst.paper import Paper

SSID = Secret('42["auth",{"session":"simulated-session-of-nobody","isDemo":1,"uid":1,"platform":2}]')
SETTINGS = Settings(
    connection=ConnectionSettings(urls=("simulated://broker",)),
    # An episode is short: whoever waited for minutes would see nothing of it.
    reconnect=ReconnectSettings(base_seconds=0.5, maximum_seconds=5.0),
)

ABSENT = frozenset({OrderState.DENIED, OrderState.REJECTED, OrderState.NOT_PLACED})
"""The states in which an order is said not to exist."""

MOST_TURNS_A_SECOND = 10_000
"""Some sixty pass in a usual one, two hundred in the busiest: an episode with so many would never end."""

OnStep = Callable[[float, str, Message], None]


class Died(BaseException):
    """The process is gone; nobody may catch it but the episode."""


class Crashed(Exception):
    """What a handler raises that is made to fail."""


class News:
    """Keeps which exits were reported, and which orders were believed not to exist."""

    def __init__(self) -> None:
        self.reported: set[tuple[AddressName, Incarnation]] = set()
        self.believed_absent: dict[OrderId, OrderState] = {}

    def tell(self, message: Message) -> None:
        if isinstance(message, ActorExited):
            self.reported.add((message.name, message.incarnation))
        elif isinstance(message, OrderStateChanged) and message.order.state in ABSENT:
            self.believed_absent[message.order.order_id] = message.order.state


class ErrorSink:
    """Keeps what was logged as an error."""

    def __init__(self) -> None:
        self.errors: list[str] = []

    def write(self, level: str, source: str, text: str) -> None:
        if level in ("ERROR", "CRITICAL"):
            self.errors.append(f"{source}: {text}")

    def close(self) -> None:
        pass


class Life:
    """One client and its runtime, whose clock is so far ahead of the broker's."""

    def __init__(
        self, seed: int, start: float, network: Network, paper: Paper, trace: OnStep | None, ahead_seconds: float
    ) -> None:
        self.runtime = SteppedRuntime(
            seed, start=start + ahead_seconds, on_step=trace, most_turns_a_second=MOST_TURNS_A_SECOND
        )
        self._trace = trace
        self.errors = ErrorSink()
        self.news = News()
        self.crashed: list[tuple[float, AddressName, Incarnation]] = []
        """When a handler was made to fail, and whose, once it did."""
        network.attach(self.runtime.clock, self.runtime.scheduler, ahead_seconds)
        self.client = PocketOption.__new__(PocketOption)
        self.client._assemble(
            Ssid.parse(SSID), SETTINGS, (), runtime=self.runtime, transport=network, log_sink=self.errors
        )
        edge = self.client._edge
        edge._world = replace(edge._world, open_journal=paper.open)
        self.system = edge.system
        for topic in (ActorExited, OrderStateChanged):
            self.system.routes.add(topic, self.news)

    def actors(self) -> list[Any]:
        """Every actor that lives, in the order of their starts."""
        loops = (life.loop for life in self.runtime._lives.values())
        return [loop._actor for loop in loops if isinstance(loop, ActorLife)]

    def die_in(self, steps: int) -> None:
        """Let the process end when so many more messages have been taken up."""
        left = steps

        def step(now: float, actor: str, message: Message) -> None:
            nonlocal left
            left -= 1
            if left <= 0:
                raise Died
            if self._trace is not None:
                self._trace(now, actor, message)

        self.runtime.on_step = step

    def make_fail(self, actor: Any, *, is_done: bool) -> None:
        """Let the actor's handler of the next message raise, once it has done its work or before."""
        handle, context = actor.on_receive, actor.context

        def fail(message: Message) -> None:
            if is_done:
                handle(message)
            self.crashed.append((self.runtime.clock.now(), context.name, context.incarnation))
            raise Crashed("made to fail")

        actor.on_receive = fail

    def abandon(self) -> None:
        """Leave nothing behind in this process, which has others to simulate."""
        for actor in self.actors():
            pykka.ActorRegistry.unregister(actor.actor_ref)
        self.runtime.close()

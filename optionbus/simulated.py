"""The embedded broker, on whichever runtime the client lives.

On threads it is a real server on a loopback port; on the stepped runtime it is called directly, on the same virtual
clock, without sockets.

Decides how broker and client are put together. Does not know what the broker does (``simulator``).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from math import inf

from actors.ports import Channel, Clock, Endpoint, Inlet, Scheduler, Transport
from actors.runtime import Runtime, ThreadedRuntime
from actors.stepped import SteppedRuntime
from actors.websocket_transport import WebSocketTransport
from messages.errors import BusError, ConnectionLost, InvalidArgument, TransportError, UsageError
from messages.secret import Secret
from simulator.broker import Broker, Outgoing
from simulator.hardship import Hardship, read_hardship
from simulator.server import SimulatorServer
from simulator.streams import ConnectionId
from simulator.variants import Variant

SSID = Secret('42["auth",{"session":"simulated-session-of-nobody","isDemo":1,"uid":1,"platform":2}]')

_CALL = "PocketOption.simulated"

LATENCY_SECONDS = 0.001
"""How long a message takes on the simulated network."""


class Simulation:
    """A broker, a runtime and a transport that belong together; runs while its client runs."""

    ssid = SSID

    def __init__(
        self,
        seed: int,
        speed: float,
        runtime: Runtime | None,
        variants: Collection[str] = (),
        hardships: Collection[str] = (),
    ) -> None:
        _check(seed, speed, runtime, variants, hardships)
        if runtime is not None and speed != 1:
            raise UsageError("speed is for a runtime of the client's own; one that is given has a clock already.")
        self.runtime = runtime or ThreadedRuntime(seed=seed, speed=speed)
        forms = [_variant(name) for name in variants]
        hard = dict(_hardship(text) for text in hardships)
        self.broker = Broker(seed, clock_scale=self.runtime.clock.scale, variants=forms, hardships=hard)
        self.server: SimulatorServer | None = None
        self.transport: Transport
        if isinstance(self.runtime, SteppedRuntime):
            self.transport = SimulatedTransport(self.broker, self.runtime.clock, self.runtime.scheduler)
        else:
            self.transport = WebSocketTransport()
            self.server = SimulatorServer(self.broker, clock=self.runtime.clock)

    def start(self) -> str:
        """Begin; gives the URL to connect to."""
        if self.server is None:
            return "simulated://broker"
        self.server.start()
        return self.server.url

    def stop(self) -> None:
        """End."""
        if self.server is not None:
            self.server.stop()

    def cut(self) -> None:
        """End every connection, as a broken network does."""
        if isinstance(self.transport, SimulatedTransport):
            self.transport.cut()
        elif self.server is not None:
            self.server.drop_connections()


def _check(seed: object, speed: object, runtime: object, variants: object, hardships: object) -> None:
    problem = ""
    if not isinstance(seed, int) or isinstance(seed, bool):
        problem = f"Expected seed to be a whole number, got {seed!r}"
    elif not isinstance(speed, int | float) or isinstance(speed, bool) or not 0 < speed < inf:
        problem = f"Expected speed to be a number above 0, got {speed!r}"
    elif not isinstance(runtime, ThreadedRuntime | SteppedRuntime | None):
        problem = f"Expected runtime to be a SteppedRuntime or None, got {type(runtime).__name__}"
    elif not isinstance(variants, Collection):
        problem = f"Expected variants to be names, got {type(variants).__name__}"
    elif not isinstance(hardships, Collection) or not all(isinstance(text, str) for text in hardships):
        problem = f"Expected hardships to be texts such as 'slow-broker=0.5', got {hardships!r}"
    elif isinstance(hardships, str | Mapping):
        problem = f"Expected hardships to be a list of texts such as 'slow-broker=0.5', got {hardships!r}"
    if problem:
        raise InvalidArgument(_CALL, problem)


def _variant(name: str) -> Variant:
    try:
        return Variant(name)
    except ValueError:
        names = ", ".join(variant.value for variant in Variant)
        raise InvalidArgument(_CALL, f"Expected variants to be of {names}, got {name!r}") from None


def _hardship(text: str) -> tuple[Hardship, float]:
    try:
        return read_hardship(text)
    except ValueError as error:
        raise InvalidArgument(_CALL, str(error)) from None


class SimulatedTransport:
    """A network of one broker in virtual time; faults on demand."""

    def __init__(self, broker: Broker, clock: Clock, scheduler: Scheduler) -> None:
        self._broker = broker
        self._clock = clock
        self.scheduler = scheduler
        self._channels: dict[ConnectionId, _SimulatedChannel] = {}
        self._armed: float | None = None
        self.is_reachable = True
        self.is_muted = False
        """Whether what is sent gets lost on the way."""
        self.opened = 0
        self.on_deliver: Callable[[str | bytes], bool] | None = None
        """Asked about each message after it was delivered: True cuts its connection."""

    def open(self, endpoint: Endpoint, inlet: Inlet) -> Channel:  # noqa: ARG002 - there is one broker
        """Connect, after the latency."""
        channel = _SimulatedChannel(self, inlet)
        self.scheduler.call_later(LATENCY_SECONDS, channel.connect)
        return channel

    def measure(self, endpoints: Sequence[Endpoint], report: Callable[[Mapping[str, float]], None]) -> None:
        """Everything is equally near."""
        report({endpoint.url: LATENCY_SECONDS for endpoint in endpoints})

    def cut(self) -> None:
        """End every connection, as a broken network does."""
        for channel in tuple(self._channels.values()):
            channel.end(ConnectionLost("the network was cut"))

    def enter(self, channel: "_SimulatedChannel") -> ConnectionId:
        """A channel has connected."""
        self.opened += 1
        name, outgoing = self._broker.connect(self._clock.now())
        self._channels[name] = channel
        self._hand_out(outgoing)
        return name

    def leave(self, name: ConnectionId) -> None:
        """A channel has ended."""
        if self._channels.pop(name, None) is not None:
            self._broker.disconnect(name)

    def feed(self, name: ConnectionId, data: str | bytes) -> None:
        """A message has reached the broker."""
        if name in self._channels and not self.is_muted:
            self._hand_out(self._broker.feed(name, data, self._clock.now()))

    def ping(self, name: ConnectionId, inlet: Inlet) -> None:
        """A ping has reached the broker, or not."""
        if name in self._channels and not self.is_muted:
            self.scheduler.call_later(LATENCY_SECONDS, partial(self._pong, name, inlet))

    def _pong(self, name: ConnectionId, inlet: Inlet) -> None:
        if name in self._channels:
            inlet.ponged()

    def _hand_out(self, outgoing: Sequence[Outgoing]) -> None:
        for item in outgoing:
            self.scheduler.call_later(item.delay_seconds + LATENCY_SECONDS, partial(self._deliver, item))
        self._arm()

    def _deliver(self, item: Outgoing) -> None:
        channel = self._channels.get(item.connection)
        if channel is None:
            return
        if item.frame is None:
            channel.end(ConnectionLost("the server closed the connection"))
            return
        is_text = isinstance(item.frame, str)
        channel.inlet.received([(is_text, item.frame.encode() if isinstance(item.frame, str) else item.frame)])
        if self.on_deliver is not None and self.on_deliver(item.frame):
            channel.end(ConnectionLost("the network was cut"))

    def _arm(self) -> None:
        due = self._broker.due()
        if due is not None and (self._armed is None or due < self._armed):
            self._armed = due
            self.scheduler.call_later(due - self._clock.now(), lambda: self._poll(due))

    def _poll(self, due: float) -> None:
        if self._armed == due:
            self._armed = None
        # The clock may stand a rounding error before the moment it was set for.
        self._hand_out(self._broker.poll(max(due, self._clock.now())))


class _SimulatedChannel:
    """One connection to the broker."""

    def __init__(self, network: SimulatedTransport, inlet: Inlet) -> None:
        self._network = network
        self._name: ConnectionId | None = None
        self._has_ended = False
        self.inlet = inlet

    def connect(self) -> None:
        if self._has_ended:
            return
        if not self._network.is_reachable:
            self.end(TransportError("connection refused"))
            return
        self.inlet.opened()
        self._name = self._network.enter(self)

    def send(self, data: str | bytes) -> None:
        if self._name is None or self._has_ended:
            raise TransportError("not connected")
        name = self._name
        self._network.scheduler.call_later(LATENCY_SECONDS, lambda: self._network.feed(name, data))

    def ping(self) -> None:
        if self._name is None or self._has_ended:
            raise TransportError("not connected")
        self._network.scheduler.call_later(LATENCY_SECONDS, partial(self._network.ping, self._name, self.inlet))

    def abort(self) -> None:
        self.end(ConnectionLost("it was aborted"))

    def end(self, error: BusError) -> None:
        if self._has_ended:
            return
        self._has_ended = True
        if self._name is not None:
            self._network.leave(self._name)
        self.inlet.closed(error)

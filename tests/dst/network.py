"""A network in virtual time, between clients that come and go and one broker that stays.

Theory of operation. Time is the broker's: true UTC, whatever the client's clock shows. All that is to happen on the
network waits on one heap, so that it outlives the process (the runtime) that a client lives in: what was under way when
a process died arrives all the same.
Each connection is two queues, one for each direction, in which nothing overtakes anything, as with TCP; what is due at
one moment is received at once. Two connections know nothing of each other, so that an old one may still be delivering
while the next one is open.

Decides when what travels arrives. Does not know when a fault strikes (``tests.dst.faults``).
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from heapq import heappop, heappush
from itertools import count
from math import inf
from random import Random

from actors.ports import Channel, Clock, Endpoint, Inlet, Scheduler
from messages.errors import BusError, ConnectionLost, TransportError
from messages.wire.framing import DISCONNECT
from messages.wire.handshake import Input
from simulator.broker import Broker, Outgoing
from simulator.streams import ConnectionId
from tests.dst.wire_bytes import WireBytes

NEAREST_SECONDS, FARTHEST_SECONDS = 0.001, 0.08
LATEST_END_SECONDS = 3.0
"""How long after it was aborted a connection may still be heard of."""
IN_BYTES, LATE_ENDS, UNHEARD = 0.25, 0.4, 0.3
"""How many of the connections travel as bytes, how many end late, and of how many ends the broker hears nothing."""


class Network:
    """The transport of every client of the broker, one after the other; ``now`` is when it begins (UTC)."""

    def __init__(self, broker: Broker, random: Random) -> None:
        self.broker = broker
        self.random = random
        self.links: list[Link] = []
        """Those of whose end no client has heard yet, oldest first."""
        self.refuses_until = self.vanishes_until = self.slow_until = 0.0
        self.broken: list[str] = []
        """What clients did that they must not."""
        self.opened = 0
        self._clock: Clock
        self._scheduler: Scheduler
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self._armed = inf
        self._ahead_seconds = 0.0
        self._of_broker: dict[ConnectionId, Link] = {}

    def attach(self, clock: Clock, scheduler: Scheduler, ahead_seconds: float) -> None:
        """Go on in a new process, whose clock is so far ahead of the broker's."""
        self._clock, self._scheduler, self._ahead_seconds, self._armed = clock, scheduler, ahead_seconds, inf
        self._arm()

    @property
    def live(self) -> "Link | None":
        """The connection that is open at both ends, if any."""
        return next((link for link in reversed(self.links) if link.is_open), None)

    @property
    def now(self) -> float:
        """UTC seconds."""
        return self._clock.now() - self._ahead_seconds

    def open(self, endpoint: Endpoint, inlet: Inlet) -> Channel:
        """Begin a connection."""
        if any(link.is_wanted for link in self.links):
            self.broken.append("opened a connection while it had another")
        link = Link(self, inlet)
        self.links.append(link)
        if self.now < self.refuses_until:
            self.at(self.now + link.delay(), lambda: link.close(TransportError("connection refused")))
        elif self.now < self.vanishes_until:
            self.at(self.now + endpoint.connect_timeout_seconds, lambda: link.close(TransportError("no answer")))
        else:
            self.at(self.now + link.delay(), link.connect)
        return link

    def measure(self, endpoints: Sequence[Endpoint], report: Callable[[Mapping[str, float]], None]) -> None:
        """Everything is equally near."""
        report({endpoint.url: NEAREST_SECONDS for endpoint in endpoints})

    def heal(self) -> None:
        """From now on whoever connects finds a good network; a connection that has frozen stays so."""
        self.refuses_until = self.vanishes_until = self.slow_until = 0.0

    def end_process(self, *, is_silent: bool) -> None:
        """The client's process is gone; silently, if its machine is."""
        for link in tuple(self.links):
            link.orphan(is_silent=is_silent)

    def at(self, moment: float, action: Callable[[], None]) -> None:
        """Let it happen then."""
        heappush(self._agenda, (moment, next(self._order), action))
        if moment < self._armed:
            self._arm()

    def enter(self, link: "Link") -> ConnectionId:
        """A connection has reached the broker."""
        self.opened += 1
        name, outgoing = self.broker.connect(self.now)
        self._of_broker[name] = link
        self.hand_out(outgoing)
        return name

    def leave(self, name: ConnectionId) -> None:
        """The broker has heard that a connection is over; it may have ended it itself."""
        self._of_broker.pop(name, None)
        self.broker.disconnect(name)

    def feed(self, name: ConnectionId, data: str | bytes) -> None:
        """A message has reached the broker."""
        self.hand_out(self.broker.feed(name, data, self.now))

    def hand_out(self, outgoing: Iterable[Outgoing]) -> None:
        """Let what the broker says begin to travel."""
        for item in outgoing:
            link = self._of_broker.get(item.connection)
            if link is None:
                continue
            if item.frame is None:
                del self._of_broker[item.connection]
            link.push(item.frame)

    def forget(self, link: "Link") -> None:
        """The client's end has no more to do with it."""
        if link in self.links:
            self.links.remove(link)

    def _arm(self) -> None:
        due = self._agenda[0][0] if self._agenda else inf
        of_broker = self.broker.due()
        if of_broker is not None and of_broker < due:
            due = of_broker
        if due < self._armed:
            self._armed = due
            self._scheduler.call_later(due - self.now, partial(self._run, due))

    def _run(self, due: float) -> None:
        if self._armed == due:
            self._armed = inf
        armed, self._armed = self._armed, -inf  # whatever is noted meanwhile is looked at in the end
        now = max(due, self.now)  # the clock may stand a rounding error before the moment it was set for
        agenda = self._agenda
        while agenda and agenda[0][0] <= now:
            heappop(agenda)[2]()
        of_broker = self.broker.due()
        if of_broker is not None and of_broker <= now:
            self.hand_out(self.broker.poll(now))
        self._armed = armed
        self._arm()


class Link:
    """One connection, its two ends and what is under way between them."""

    def __init__(self, network: Network, inlet: Inlet) -> None:
        self._network = network
        self._inlet = inlet
        self._random = network.random
        self._name: ConnectionId | None = None
        self._distance = self._random.uniform(NEAREST_SECONDS, FARTHEST_SECONDS)
        self._bytes = WireBytes(self._random) if self._random.random() < IN_BYTES else None
        self._down: deque[tuple[float, str | bytes | None]] = deque()
        self._down_until = self._up_until = 0.0
        self._swallows_down = self._swallows_up = False
        self._is_aborted = self._has_ended = self._is_orphan = False
        self._is_armed = False
        self._is_let_in = False

    @property
    def is_open(self) -> bool:
        """Whether both ends take it for open."""
        return self._name is not None and self.is_wanted

    @property
    def is_wanted(self) -> bool:
        """Whether the client has neither ended it nor been told of its end."""
        return not (self._is_aborted or self._has_ended or self._is_orphan)

    @property
    def is_let_in(self) -> bool:
        """Whether the broker has accepted its login."""
        return self._is_let_in

    @property
    def name(self) -> ConnectionId | None:
        """As the broker knows it."""
        return self._name

    def delay(self) -> float:
        """How long it takes to the other end just now."""
        network, random = self._network, self._random
        extra = random.uniform(0.1, 1.5) if network.slow_until and network.now < network.slow_until else 0.0
        return self._distance * (1 + 0.2 * random.random()) + extra

    def connect(self) -> None:
        """Reach the broker."""
        if self._has_ended or self._is_aborted or self._is_orphan:
            return
        self._name = self._network.enter(self)
        self._inlet.opened()

    def send(self, data: str | bytes) -> None:
        """Let a message begin to travel."""
        name = self._name
        if name is None or not self.is_wanted:
            raise TransportError("not connected")
        if not self._swallows_up:
            self._go_up(lambda: self._network.feed(name, data))

    def ping(self) -> None:
        """Let a ping begin to travel."""
        if self._name is None or not self.is_wanted:
            raise TransportError("not connected")
        if not self._swallows_up:
            self._go_up(self._answer_ping)

    def abort(self) -> None:
        """End it; the client may hear of it late, and be told a few things before."""
        if self._is_aborted or self._has_ended:
            return
        self._is_aborted = True
        is_late = self._random.random() < LATE_ENDS
        late = self._random.uniform(0.0, LATEST_END_SECONDS) if is_late else 0.0
        self._swallows_up |= is_late and self._random.random() < UNHEARD
        self._network.at(self._network.now + late, lambda: self.close(ConnectionLost("it was aborted")))
        self._part()

    def push(self, frame: str | bytes | None) -> None:
        """The broker has said something, or None: that it is over."""
        if self._swallows_down or self._has_ended or self._is_orphan:
            return
        self._is_let_in |= isinstance(frame, str) and Input.SUCCESS_AUTH.value in frame
        due = self._network.now + self.delay()
        due = max(due, self._down_until)
        self._down_until = due
        self._down.append((due, frame))
        if not self._is_armed:
            self._is_armed = True
            self._network.at(due, self._deliver)

    def close(self, error: BusError) -> None:
        """Tell the client that it is over, once."""
        if self._has_ended or self._is_orphan:
            return
        self._has_ended = True
        self._down.clear()
        self._network.forget(self)
        self._part()
        self._inlet.closed(error)

    def cut(self, *, is_torn: bool = False) -> None:
        """The network breaks it, if so within a message; the broker may hear of that by its pings alone."""
        if is_torn and self._bytes is not None:
            for _nothing in self._bytes.tear("42" * 50):
                self._network.broken.append("a message was read that was cut short")
        self._swallows_up |= self._random.random() < UNHEARD
        self.close(ConnectionLost("the network was cut"))

    def freeze(self, *, up: bool, down: bool) -> None:
        """Nothing that goes this way from now on arrives; neither end is told."""
        self._swallows_up |= up
        self._swallows_down |= down
        if down:
            self._down.clear()

    def stall(self, seconds: float) -> None:
        """All waits for so long, and then comes at once."""
        until = self._network.now + seconds
        self._down_until, self._up_until = max(self._down_until, until), max(self._up_until, until)

    def half_close(self) -> None:
        """The broker's side says that it is over, and still hears what is under way."""
        self.push(None)
        self._swallows_down = True

    def kick(self) -> None:
        """The platform ends the session politely."""
        self.push(DISCONNECT)
        self.half_close()

    def orphan(self, *, is_silent: bool) -> None:
        """Its client's process is gone."""
        if not (self._is_aborted or self._has_ended or self._is_orphan):
            self._swallows_up |= is_silent
            self._part()
        self._is_orphan = True
        self._down.clear()
        self._swallows_down = True
        self._network.forget(self)

    def _go_up(self, arrive: Callable[[], None]) -> None:
        due = self._up_until = max(self._up_until, self._network.now + self.delay())
        self._network.at(due, arrive)

    def _answer_ping(self) -> None:
        if not self._swallows_down:
            self._network.at(max(self._down_until, self._network.now + self.delay()), self._pong)

    def _pong(self) -> None:
        if not (self._swallows_down or self._has_ended or self._is_orphan):
            self._inlet.ponged()

    def _part(self) -> None:
        """Let the broker hear that the client has ended it, behind all that was said before."""
        name = self._name
        if name is not None and not self._swallows_up:
            self._go_up(lambda: self._network.leave(name))

    def _deliver(self) -> None:
        self._is_armed = False
        messages: list[str | bytes] = []
        down, now = self._down, self._network.now
        while down and down[0][0] <= now:
            frame = down.popleft()[1]
            if frame is None:
                self._receive(messages)
                self.close(ConnectionLost("the server closed the connection"))
                return
            messages.append(frame)
        self._receive(messages)
        if self._down:
            self._is_armed = True
            self._network.at(self._down[0][0], self._deliver)

    def _receive(self, messages: list[str | bytes]) -> None:
        if not messages or self._has_ended or self._is_orphan:
            return
        if self._bytes is not None:
            for batch in self._bytes.carry(messages):
                self._inlet.received(batch)
            return
        self._inlet.received([(True, each.encode()) if isinstance(each, str) else (False, each) for each in messages])

"""A hundred assets over many reconnects: after each exactly those stream, once, and nothing of an old connection.

Theory of operation. The router is held within a frame while others pile up before it, the connection is reset, and the
router goes on when the next one has begun: so it is given frames of an old connection, at every reset.

Decides what is looked at: what was asked of each connection, the ticks that listeners are told, and on which connection
the frame before them came. An asset streams again with its first tick on the new connection.
"""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Condition, Event
from typing import Any, Final, NamedTuple
from unittest.mock import patch

from actors.api.subscriptions import WantedSubscriptions
from actors.line import SessionView
from actors.router import RouterActor
from messages.base import Incarnation, Message
from messages.market import Symbol, TicksReceived
from messages.session import FrameReceived, FrameSent
from messages.wire.commands import subscribe_for
from optionbus import PocketOption
from tests.faults.client import PATIENCE_SECONDS, Moves, proxied, ready_client
from tests.faults.figure import Control, Figure, Measure, Reading, exactly
from tests.faults.programs import Program

ASSETS: Final = 100
SCALE: Final = 4.0
"""How many times as fast the market runs: each asset has a dozen ticks a second."""
BACKLOG: Final = 5
"""So many messages wait for the router before the connection is reset: some of them are frames."""
ASKED: Final = "assets not asked for once on a connection"
TWICE: Final = "ticks that came twice"
OLD: Final = "frames of an old connection"


class Watcher:
    """Sees every frame, hears every tick, and can hold the router."""

    def __init__(self) -> None:
        self._changed = Condition()
        # By the platform's clock: one that runs fast is taken for another time zone after a while.
        self._latest: dict[Symbol, float] = {}
        self._incarnation = 0
        self.asked: Counter[tuple[int, str]] = Counter()
        self.streaming: set[Symbol] = set()
        """What has ticked on the newest connection."""
        self.old_frames = self.repeated_ticks = 0
        self._oldest = 0
        """Of an earlier connection than this no frame may be seen any more."""
        self._held: float | None = None
        """When the batch came in whose frame the router was held with: the rest of it was let through before."""
        self._hold, self._holds, self._go_on = Event(), Event(), Event()

    def hold(self) -> None:
        """Let the router stand still at its next frame; returns when it does."""
        self._holds.clear()
        self._go_on.clear()
        self._hold.set()
        assert self._holds.wait(PATIENCE_SECONDS), "no frame has come"

    def go_on(self, incarnation: int) -> None:
        """Let it go on; connections before this one are old."""
        with self._changed:
            self._oldest = incarnation
        self._go_on.set()

    def see(self, frame: FrameReceived | FrameSent) -> None:
        """As a tap: called before the ticks of a frame are told, by the same thread."""
        if isinstance(frame, FrameReceived) and self._hold.is_set():
            self._hold.clear()
            self._held = frame.received
            self._holds.set()
            self._go_on.wait(PATIENCE_SECONDS)
        with self._changed:
            if isinstance(frame, FrameSent):
                if "subfor" in frame.text:
                    self.asked[frame.incarnation, frame.text] += 1
            elif frame.incarnation > self._incarnation:
                self._incarnation = frame.incarnation
                self.streaming.clear()
            elif frame.received != self._held:
                self.old_frames += frame.incarnation < self._oldest

    def tell(self, message: Message) -> None:
        """As a listener."""
        assert isinstance(message, TicksReceived)
        with self._changed:
            for tick in message.ticks:
                self.repeated_ticks += tick.server_time <= self._latest.get(tick.symbol, 0.0)
                self._latest[tick.symbol] = tick.server_time
            self.streaming.add(message.symbol)
            self._changed.notify_all()

    def wait_for(self, incarnation: int, symbols: set[Symbol], seconds: float) -> bool:
        """Whether these stream on that connection, and nothing else."""
        until = time.monotonic() + seconds
        with self._changed:
            while self._incarnation < incarnation or not symbols <= self.streaming:
                left = until - time.monotonic()
                if left <= 0 or not self._changed.wait(left):
                    return False
            return symbols == self.streaming

    def asked_otherwise_than_once(self, incarnations: range, symbols: set[Symbol]) -> int:
        """How many assets were not asked for exactly once on a connection; what nobody wants counts too."""
        with self._changed:
            wanted = {(number, subscribe_for(symbol)): 1 for number in incarnations for symbol in symbols}
            return len(set(wanted.items()) ^ set(self.asked.items()))


class Scene(NamedTuple):
    """A client on which everything streams, and what watches and disturbs it."""

    client: PocketOption
    moves: Moves
    proxy: Program
    watcher: Watcher
    symbols: set[Symbol]

    def resets(self, count: int, seconds: float = PATIENCE_SECONDS) -> Sequence[Reading]:
        """So many, one after the other."""
        restored = late = 0
        for _ in range(count):
            before = self._late_frames
            restored += self._reconnects(seconds)
            late += self._late_frames > before
        watcher = self.watcher
        odd = watcher.asked_otherwise_than_once(range(1, count + 2), self.symbols)
        return [
            exactly(f"reconnects after which exactly {ASSETS} stream", restored, count),
            exactly("connections it took", self._incarnation, 1 + count),
            exactly(ASKED, odd, 0),
            exactly(TWICE, watcher.repeated_ticks, 0),
            exactly(OLD, watcher.old_frames, 0),
            exactly("resets after which old frames were at the router", late, count),
        ]

    def _reconnects(self, seconds: float) -> bool:
        """Reset it while frames wait before the router; whether exactly what is wanted comes back in time."""
        self.watcher.hold()
        until = time.monotonic() + PATIENCE_SECONDS
        while self._waiting() < BACKLOG:
            assert time.monotonic() < until, "nothing waits for the router"
            time.sleep(0.001)
        before = self._incarnation
        self.proxy.ask("reset")
        following = self.moves.next(lambda move: move.incarnation > before).incarnation
        self.watcher.go_on(following)
        return self.watcher.wait_for(self.moves.ready().incarnation, self.symbols, seconds)

    @property
    def _incarnation(self) -> int:
        return self.client._edge.system.session.incarnation

    @property
    def _late_frames(self) -> int:
        """Of old connections, that came to the router."""
        return self.client._edge.system.traffic.frames_of_old_incarnations + self.watcher.old_frames

    def _waiting(self) -> int:
        return next(actor.mailbox for actor in self.client.health() if actor.name == "Router")


def measure(is_full: bool) -> Sequence[Reading]:  # noqa: FBT001 - every figure's
    """So many reconnects."""
    reconnects = 1_000 if is_full else 10
    with _streaming() as scene:
        return scene.resets(reconnects)


def _with(owner: type, name: str, wrong: object) -> Measure:
    def control(_is_full: bool) -> Sequence[Reading]:  # noqa: FBT001
        with _streaming() as scene, patch.object(owner, name, wrong):
            return scene.resets(1, seconds=2.0)

    return control


@contextmanager
def _streaming() -> Iterator[Scene]:
    watcher = Watcher()
    options = ("--streams", ASSETS, "--scale", SCALE)
    with proxied(*options) as (_, proxy, url), ready_client(url, limit=ASSETS, buffer=10) as (client, moves):
        client.add_tap(watcher.see)
        client._edge.system.routes.add(TicksReceived, watcher)
        symbols = _subscribe(client)
        assert watcher.wait_for(1, symbols, PATIENCE_SECONDS), "nothing has streamed yet"
        yield Scene(client, moves, proxy, watcher, symbols)


def _subscribe(client: PocketOption) -> set[Symbol]:
    client.wait_for_assets(timeout=PATIENCE_SECONDS)
    symbols = [asset.symbol for asset in client.active_assets().get()[:ASSETS]]
    waiting = [client.subscribe(symbol).confirmed for symbol in symbols]
    for confirmed in waiting:
        confirmed.get(timeout=PATIENCE_SECONDS)
    return set(symbols)


def _wanted_but_one(wanted: WantedSubscriptions) -> tuple[Symbol, ...]:
    return tuple(dict.fromkeys(symbol for symbol, _ in wanted.listeners))[1:]


class _LineOf:
    """The router's line, with the session that a batch was received in."""

    def __init__(self, line: Any, incarnation: Incarnation) -> None:
        self._line = line
        self.session = SessionView(incarnation, line.session.state)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._line, name)


def _take_every_batch(router: Any, batch: Any) -> None:
    line = router._line
    router._line = _LineOf(line, batch.incarnation)
    try:
        _ON_FRAME_BATCH(router, batch)
    finally:
        router._line = line


def _tell_twice(router: Any, gathered: dict[Symbol, Any]) -> None:
    _TELL_TICKS(router, dict(gathered))
    _TELL_TICKS(router, gathered)


_ON_FRAME_BATCH, _TELL_TICKS = RouterActor._on_frame_batch, RouterActor._tell_ticks

FIGURE: Final = Figure(
    name="streams",
    what=f"{ASSETS} assets over many reconnects",
    measure=measure,
    controls=(
        Control(
            broken="a client that forgets one asset when it comes back",
            measure=_with(WantedSubscriptions, "symbols", property(_wanted_but_one)),
            misses=ASKED,
        ),
        Control(
            broken="a client that takes what an old connection had received",
            measure=_with(RouterActor, "_on_frame_batch", _take_every_batch),
            misses=OLD,
        ),
        Control(
            broken="a client that tells every tick twice",
            measure=_with(RouterActor, "_tell_ticks", _tell_twice),
            misses=TWICE,
        ),
    ),
)

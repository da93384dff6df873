"""A hundred assets over many reconnects: after each exactly those stream, once, and nothing of an old connection.

Decides what is looked at: what was asked of each connection, the ticks that listeners are told, and on which connection
the frame before them came. An asset streams again with its first tick on the new connection.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Condition
from typing import Final
from unittest.mock import patch

from actors.api.subscriptions import WantedSubscriptions
from messages.base import Message
from messages.market import Symbol, TicksReceived
from messages.session import FrameReceived, FrameSent
from messages.wire.commands import subscribe_for
from optionbus import PocketOption
from tests.faults.client import PATIENCE_SECONDS, proxied, ready_client
from tests.faults.figure import Figure, Reading, exactly

ASSETS: Final = 100
SCALE: Final = 4.0
"""How many times as fast the market runs: each asset has a dozen ticks a second."""


class Watcher:
    """Sees every frame, and hears every tick."""

    def __init__(self) -> None:
        self._changed = Condition()
        # By the platform's clock: one that runs fast is taken for another time zone after a while.
        self._latest: dict[Symbol, float] = {}
        self._incarnation = 0
        self.asked: Counter[tuple[int, str]] = Counter()
        self.streaming: set[Symbol] = set()
        """What has ticked on the newest connection."""
        self.old_frames = self.repeated_ticks = 0

    def see(self, frame: FrameReceived | FrameSent) -> None:
        """As a tap: called before the ticks of a frame are told, by the same thread."""
        with self._changed:
            if isinstance(frame, FrameSent):
                if "subfor" in frame.text:
                    self.asked[frame.incarnation, frame.text] += 1
            elif frame.incarnation > self._incarnation:
                self._incarnation = frame.incarnation
                self.streaming.clear()
            else:
                self.old_frames += frame.incarnation < self._incarnation

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


def measure(is_full: bool) -> Sequence[Reading]:  # noqa: FBT001 - every figure's
    """So many reconnects."""
    reconnects = 1_000 if is_full else 10
    with _streaming() as (watcher, symbols, reconnect):
        restored = sum(reconnect(PATIENCE_SECONDS) for _ in range(reconnects))
    return _read(watcher, symbols, restored, reconnects)


def control(_is_full: bool) -> Sequence[Reading]:  # noqa: FBT001
    """A client that forgets one asset when it comes back."""
    with (
        _streaming() as (watcher, symbols, reconnect),
        patch.object(WantedSubscriptions, "symbols", property(_wanted_but_one)),
    ):
        restored = reconnect(1.0)
    return _read(watcher, symbols, restored, 1)


def _read(watcher: Watcher, symbols: set[Symbol], restored: int, reconnects: int) -> Sequence[Reading]:
    odd = watcher.asked_otherwise_than_once(range(1, reconnects + 2), symbols)
    return [
        exactly(f"reconnects after which exactly {ASSETS} stream", restored, reconnects),
        exactly("assets not asked for once on a connection", odd, 0),
        exactly("ticks that came twice", watcher.repeated_ticks, 0),
        exactly("frames of an old connection", watcher.old_frames, 0),
    ]


@contextmanager
def _streaming() -> Iterator[tuple[Watcher, set[Symbol], Callable[[float], bool]]]:
    """A client on which everything streams; what it wants; and what resets it and says whether all came back."""
    watcher = Watcher()
    options = ("--streams", ASSETS, "--scale", SCALE)
    with proxied(*options) as (_, proxy, url), ready_client(url, limit=ASSETS, buffer=10) as (client, moves):
        client.add_tap(watcher.see)
        client._edge.system.routes.add(TicksReceived, watcher)
        symbols = _subscribe(client)
        assert watcher.wait_for(1, symbols, PATIENCE_SECONDS), "nothing has streamed yet"

        def reconnect(seconds: float) -> bool:
            proxy.ask("reset")
            return watcher.wait_for(moves.ready().incarnation, symbols, seconds)

        yield watcher, symbols, reconnect


def _subscribe(client: PocketOption) -> set[Symbol]:
    client.wait_for_assets(timeout=PATIENCE_SECONDS)
    symbols = [asset.symbol for asset in client.active_assets().get()[:ASSETS]]
    waiting = [client.subscribe(symbol).confirmed for symbol in symbols]
    for confirmed in waiting:
        confirmed.get(timeout=PATIENCE_SECONDS)
    return set(symbols)


def _wanted_but_one(wanted: WantedSubscriptions) -> tuple[Symbol, ...]:
    return tuple(dict.fromkeys(symbol for symbol, _ in wanted.listeners))[1:]


FIGURE: Final = Figure(
    name="streams",
    what=f"{ASSETS} assets over many reconnects",
    measure=measure,
    control=control,
    broken="a client that forgets one asset when it comes back",
)

"""The connection is cut at every stage, many times: everything wanted comes back, once, and nothing old with it."""

from collections import Counter
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest

from actors.ports import Channel, Endpoint, Inlet
from messages.base import AddressName, Message
from messages.market import Chunk, TimeAligned
from messages.raw import AddRawHandler
from messages.session import (
    Frame,
    FrameReceived,
    FrameSent,
    SessionLost,
    SessionReady,
    SessionState,
    SessionStateChanged,
)
from messages.wire.framing import PONG, encode_event
from optionbus.client import PocketOption
from optionbus.simulated import SimulatedTransport
from optionbus.testing import Probe, SteppedRuntime
from simulator.streams import ConnectionId
from supervisor.settings import ReconnectSettings, Settings

ROUNDS = 30
"""How often in a row."""
TIMES = 12
"""How often, with time to recover between."""
STABLE_SECONDS = 2.0
"""After so long in READY the next failure is a first one: set short, to save time."""

MAXIMUM_SECONDS = 20.0
"""The longest wait of the backoff, set so that it is reached."""

SETTINGS = Settings(reconnect=ReconnectSettings(maximum_seconds=MAXIMUM_SECONDS, stable_seconds=STABLE_SECONDS))

Cut = Callable[["Line", str | bytes], bool]
"""Whether the connection is cut after this message was delivered."""


class Line:
    """A client that wants two assets in three ways, and everything that can be seen of its connections."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, seed: int = 1) -> None:
        self.runtime = SteppedRuntime(seed)
        self.client = PocketOption.simulated(seed=seed, runtime=self.runtime, config=SETTINGS)
        self.system = self.client._edge.system
        assert self.client.simulation is not None
        assert isinstance(self.client.simulation.transport, SimulatedTransport)
        self.network = self.client.simulation.transport
        self.cuts = 0
        self.moves: list[tuple[float, SessionStateChanged]] = []
        self.ready: list[int] = []
        self.received: dict[ConnectionId, list[str]] = {}
        """What the platform was sent, by connection."""
        self.inlets: list[Inlet] = []
        self.old_frames: list[FrameReceived] = []
        self._watch(monkeypatch)
        self.client.start()
        self._want()

    def _watch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        opened, fed = self.network.open, self.network.feed

        def open_(endpoint: Endpoint, inlet: Inlet) -> Channel:
            assert not self.network._channels, "there was a connection already"
            self.inlets.append(inlet)
            return opened(endpoint, inlet)

        def feed(name: ConnectionId, data: str | bytes) -> None:
            assert isinstance(data, str)
            self.received.setdefault(name, []).append(data)
            fed(name, data)

        monkeypatch.setattr(self.network, "open", open_)
        monkeypatch.setattr(self.network, "feed", feed)
        self.system.routes.listen((SessionStateChanged, SessionReady), self)
        self.client.add_tap(self._look_at)

    def tell(self, message: Message) -> None:
        """Note how the session moves."""
        if isinstance(message, SessionStateChanged):
            self.moves.append((self.runtime.clock.monotonic(), message))
        elif isinstance(message, SessionReady):
            self.ready.append(message.incarnation)

    def _look_at(self, frame: FrameReceived | FrameSent) -> None:
        if isinstance(frame, FrameReceived) and frame.incarnation != self.system.session.incarnation:
            self.old_frames.append(frame)

    def _want(self) -> None:
        self.streams = [
            self.client.subscribe("EURUSD_otc"),
            self.client.subscribe("GBPUSD_otc", TimeAligned(5)),
            self.client.subscribe("EURUSD_otc", Chunk(3)),
            self.client.subscribe("GBPUSD_otc"),
        ]
        self.client.on_reconnect(self._want_again)
        self.system.directory.enter(AddressName("Mine"), Probe())
        handler = AddRawHandler(name=AddressName("Mine"), matches=_nothing, keep_alive='42["mine"]')
        self.client.ask("Raw", handler).get()
        self.client.wait_ready(timeout=10)
        self.check_that_everything_streams()
        self.runtime.advance(STABLE_SECONDS + 0.1)

    def _want_again(self) -> None:
        """What users do on reconnecting, though nobody has to."""
        self.streams[0].close()
        self.streams[0] = self.client.subscribe("EURUSD_otc")

    # What is done to it.

    def cut_now(self) -> None:
        self.network.cut()
        self.runtime.run_until_idle()

    def arm(self, cut: Cut | None) -> None:
        """From now on, cut whenever this says so."""
        self.network.on_deliver = None if cut is None else lambda frame: self._count(cut(self, frame))

    def arm_once(self, cut: Cut) -> None:
        before = self.cuts
        self.arm(lambda line, frame: line.cuts == before and cut(line, frame))

    def _count(self, is_cut: bool) -> bool:  # noqa: FBT001 - the answer that is passed on
        self.cuts += is_cut
        return is_cut

    def run_until(self, condition: Callable[[], bool], seconds: float = 600.0) -> None:
        assert self.runtime.run_until(condition, seconds), "it did not come to that"
        self.runtime.run_until_idle()  # a cut is known to the client only now

    def heal(self) -> None:
        """Let the network be whole again and the session come back."""
        self.arm(None)
        self.network.is_reachable = True
        self.client.wait_ready(timeout=600)

    # What must hold.

    @property
    def retries(self) -> list[float]:
        """The waits that were told, in order."""
        return [move.retry_in_seconds for _, move in self.moves if move.retry_in_seconds is not None]

    @property
    def waits(self) -> list[float]:
        """How long it took from each loss to the next attempt."""
        times = [(time, move.state) for time, move in self.moves]
        return [
            next(later for later, following in times[index:] if following is SessionState.CONNECTING) - time
            for index, (time, state) in enumerate(times)
            if state is SessionState.BACKING_OFF
        ]

    def check_that_everything_streams(self) -> None:
        """Every subscription yields something that is news."""
        now = self.runtime.clock.now()
        for subscription in self.streams:
            while len(subscription._stream):
                subscription.get()
            self.run_until(lambda stream=subscription._stream: len(stream) > 0, 20.0)  # type: ignore[misc]
            item = subscription.get()
            ended = item.time + getattr(item, "period_seconds", 0.0)  # a candle may have begun before the cut
            assert ended > now - 5.0
            assert item.symbol == subscription.symbol

    def check_that_nothing_was_sent_twice(self) -> None:
        for name, texts in self.received.items():
            counts = Counter(text for text in texts if text not in (PONG, '42["ps"]'))
            assert counts.most_common(1)[0][1] == 1, f"twice on connection {name}: {counts.most_common(1)[0][0]}"

    def check_that_everything_was_asked_for(self) -> None:
        """Of the latest connection, which is READY."""
        texts = self.received[max(self.received)]
        wanted = {subscription.symbol for subscription in self.streams}
        assert {text for text in texts if text.startswith('42["subfor"')} == {
            f'42["subfor","{each}"]' for each in wanted
        }
        assert '42["mine"]' in texts

    def check_that_nothing_old_is_delivered(self) -> None:
        """Not even where an old connection goes on talking."""
        before = self.system.traffic.frames_of_old_incarnations
        told = [len(subscription._stream) for subscription in self.streams]
        for inlet in self.inlets[:-1]:
            inlet.received([(True, encode_event("updateStream", b'[["EURUSD_otc",1700007200.5,9.99]]').encode())])
        self.runtime.run_until_idle()

        assert self.system.traffic.frames_of_old_incarnations == before + len(self.inlets) - 1
        assert [len(subscription._stream) for subscription in self.streams] == told
        assert self.old_frames == []

    def check_everything(self) -> None:
        self.check_that_everything_streams()
        self.check_that_nothing_was_sent_twice()
        self.check_that_everything_was_asked_for()
        self.check_that_nothing_old_is_delivered()
        assert self.ready == sorted(set(self.ready)), "one SessionReady for each connection"


def _nothing(_frame: Frame) -> bool:
    return False


def _header(event: str) -> Cut:
    return lambda _line, frame: isinstance(frame, str) and frame.startswith(f'451-["{event}"')


def _in_state(state: SessionState) -> Cut:
    return lambda line, _frame: line.client.state is state


STAGES: dict[str, Cut] = {
    "handshake": lambda _line, frame: isinstance(frame, str) and frame.startswith("0{"),
    "authentication": lambda _line, frame: isinstance(frame, str) and frame.startswith("40"),
    "before the login's attachment": _header("successauth"),
    "before the assets' attachment": _header("updateAssets"),
    "before a history's attachment": _header("updateHistoryNewFast"),
    "before a tick's attachment": _header("updateStream"),
    "restoring": _in_state(SessionState.RESTORING),
    "ready": _in_state(SessionState.READY),
}
every_stage = pytest.mark.parametrize("stage", STAGES)


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    line = Line(monkeypatch)
    yield line
    line.client.stop()


def _check_the_backoff(waits: list[float]) -> None:
    """These were failures in a row, from the first on."""
    assert waits[0] == 0.0
    for retry, wait in enumerate(waits[1:], start=2):
        assert 0.8 * min(MAXIMUM_SECONDS, 2.0 ** (retry - 2)) <= wait + 1e-6
        assert wait - 1e-6 <= min(MAXIMUM_SECONDS, 1.2 * 2.0 ** (retry - 2))


@every_stage
def test_cuts_in_a_row_are_healed_by_the_backoff(line: Line, stage: str) -> None:
    line.moves.clear()
    line.arm(STAGES[stage])
    line.cut_now()

    line.run_until(lambda: line.cuts == ROUNDS, MAXIMUM_SECONDS * ROUNDS)
    line.heal()

    assert len(line.waits) == ROUNDS + 1, "the first cut, and one at the stage for each attempt"
    assert line.waits == pytest.approx(line.retries)
    _check_the_backoff(line.waits)
    line.check_everything()


@every_stage
def test_cuts_now_and_then_are_healed_at_once(line: Line, stage: str) -> None:
    for _ in range(TIMES):
        line.moves.clear()
        line.arm_once(STAGES[stage])
        line.cut_now()
        before = line.cuts
        line.run_until(lambda before=before: line.cuts == before + 1)  # type: ignore[misc]

        line.client.wait_ready(timeout=5)
        line.runtime.advance(STABLE_SECONDS + 0.1)

        _check_the_backoff(line.waits)
        assert line.client.is_connected
    assert line.cuts == TIMES
    line.check_everything()


def test_attempts_that_reach_nobody_are_repeated_by_the_backoff(line: Line) -> None:
    line.moves.clear()
    line.network.is_reachable = False
    line.cut_now()
    line.run_until(lambda: len(line.retries) == ROUNDS, MAXIMUM_SECONDS * ROUNDS)

    line.heal()

    assert line.waits == pytest.approx(line.retries)
    assert len(line.waits) == ROUNDS
    _check_the_backoff(line.waits)
    line.check_everything()


def test_a_line_cut_while_ready_is_ready_again_at_once(line: Line) -> None:
    for _ in range(TIMES):
        lost = line.runtime.clock.monotonic()
        line.cut_now()
        line.client.wait_ready(timeout=5)

        assert line.runtime.clock.monotonic() - lost < 0.1
        line.check_that_everything_streams()
        line.runtime.advance(STABLE_SECONDS + 0.1)
    line.check_everything()


@pytest.mark.parametrize("seed", range(3))
def test_a_storm_of_cuts_anywhere_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    line = Line(monkeypatch, seed)
    chance = Random(seed)

    line.arm(lambda _line, _frame: chance.random() < 0.1)
    line.run_until(lambda: line.cuts == 40, MAXIMUM_SECONDS * 200)
    line.heal()

    line.check_everything()
    line.client.stop()


def test_callbacks_that_raise_at_every_login_keep_nobody_from_being_ready(line: Line) -> None:
    def fail() -> None:
        raise ValueError("the user's fault")

    for _ in range(3):
        line.client.on_reconnect(fail)
    for _ in range(TIMES):
        line.cut_now()
        line.client.wait_ready(timeout=60)

    assert line.system.failed is None
    line.check_everything()


def test_a_loss_is_told_for_every_connection_there_was(line: Line) -> None:
    lost = Probe()
    line.system.routes.add(SessionLost, lost)
    line.arm(lambda _line, frame: isinstance(frame, bytes))
    line.cut_now()
    line.run_until(lambda: line.cuts == ROUNDS, MAXIMUM_SECONDS * ROUNDS)
    line.heal()

    incarnations: list[Any] = [event.incarnation for event in lost.of(SessionLost)]
    assert incarnations == list(range(1, ROUNDS + 2))

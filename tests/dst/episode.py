"""One episode: ten virtual minutes of a client that trades, of faults, and of healing, all drawn from one seed.

Theory of operation. What is to happen waits on a heap, in true UTC: it outlives the process of the client, which may
die of a fault at any message and is followed by the next one, on the same network, broker and disk. The faults end
before the episode does; what must hold is checked while it goes on, and at its end.

Decides when what happens. Does not know what a fault does (``tests.dst.faults``), nor what must hold
(``tests.dst.invariants``).
"""

from collections import Counter
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from random import Random

from msgspec import Struct

from actors.stepped import START
from simulator.audit import Execution
from simulator.broker import Broker
from simulator.hardship import TROUBLES, Hardship
from simulator.variants import Variant
from tests.dst import invariants
from tests.dst.faults import FAULTS
from tests.dst.life import Died, Life, OnStep
from tests.dst.network import Network
from tests.dst.paper import Paper
from tests.dst.trader import Trader
from tests.dst.verdict import Verdict

EPISODE_SECONDS = 600.0
FAULTS_UNTIL_SECONDS = 430.0
"""Then everything heals: a peer that has frozen is noticed 45 s later, an order in doubt settled 85 s after it went."""
ORDERS_UNTIL_SECONDS = 500.0
ORDER_SECONDS, ASK_SECONDS, FAULT_SECONDS = 15.0, 20.0, 12.0
"""The mean pauses between two of each."""
ANSWER_SECONDS = 11.0
"""So long before the end the last question is asked, since it may take its deadline; and so long after everything heals
the last fault is over, and every asset wanted again."""

CLOCKS_OFF = 0.25
"""In how many episodes the client's clock is off, each of its processes with another one of these."""
CLOCKS_AHEAD_SECONDS = (-20.0, 0.0, 3.0, 20.0)

KIND_VARIANTS = tuple(variant for variant in Variant if variant not in {Variant.OFFSET_SECONDS, Variant.STRINGS})


class Outcome(Struct, frozen=True, kw_only=True):
    """What came of an episode."""

    seed: int
    faults: dict[str, int]
    checked: dict[str, int]
    broken: dict[str, int]
    texts: tuple[str, ...]
    counts: dict[str, int]
    hardships: tuple[str, ...]


class Episode:
    """One episode, to be run once."""

    def __init__(self, seed: int, trace: OnStep | None = None, seconds: float = EPISODE_SECONDS) -> None:
        self.seed = seed
        self._trace = trace
        self._seconds = seconds
        self._start = START
        draw = Random(f"plan {seed}")
        self._random = Random(f"course {seed}")
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self._struck: dict[str, float] = {}
        self._lives = 0
        self.faults: Counter[str] = Counter()
        self.verdict = Verdict()
        self.executed: list[Execution] = []
        self.believed_absent: dict[str, str] = {}
        """The orders that were once said not to exist, and the state that said so."""
        self.hardships = _hardships(draw)
        variants = draw.sample(KIND_VARIANTS, draw.choice((0, 0, 1, 2)))
        broker = Broker(seed, executed=self.executed, hardships=self.hardships, variants=variants)
        self.network = Network(broker, Random(f"network {seed}"))
        self.paper = Paper()
        self.trader = Trader(Random(f"trader {seed}"), self.verdict, self.after)
        self._clocks = Random(f"clocks {seed}")
        self.is_clock_off = self._clocks.random() < CLOCKS_OFF
        """Whether the client's clock is not the broker's."""
        self._life: Life | None = None
        self._now = self._start
        self._plan(draw)

    @property
    def life(self) -> Life | None:
        """The present process, if there is one."""
        return self._life

    @property
    def end(self) -> float:
        """When the episode ends (UTC)."""
        return self._start + self._seconds

    def at(self, moment: float, action: Callable[[], None]) -> None:
        """Let it happen then (UTC)."""
        heappush(self._agenda, (moment, next(self._order), action))

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """Let it happen so much later."""
        self.at(self.network.now + seconds, action)

    def allow(self, fault: str, seconds: float) -> bool:
        """Whether the fault has not struck for so long; it is taken to strike now."""
        now = self.network.now
        if now - self._struck.get(fault, 0.0) < seconds:
            return False
        self._struck[fault] = now
        return True

    def run(self) -> Outcome:
        """Live through it."""
        self._begin_life()
        while self._agenda and self._agenda[0][0] <= self.end:
            moment, _, action = heappop(self._agenda)
            self._advance_to(moment)
            action()
        self._advance_to(self.end)
        invariants.check(self)
        counts = invariants.counts(self)
        life = self._life
        if life is not None:
            life.client.stop()
            invariants.check_stopped(self, life)
            life.abandon()
        return Outcome(
            seed=self.seed,
            faults=dict(self.faults),
            checked=dict(self.verdict.checked),
            broken=dict(self.verdict.broken),
            texts=tuple(self.verdict.texts),
            counts=counts,
            hardships=tuple(hardship.value for hardship in self.hardships),
        )

    def _plan(self, draw: Random) -> None:
        healed = self._start + min(FAULTS_UNTIL_SECONDS, self._seconds)
        for moment in _moments(draw, self._start + 5, healed, FAULT_SECONDS):
            name = draw.choices(tuple(FAULTS), [fault.weight for fault in FAULTS.values()])[0]
            self.at(moment, lambda name=name: self._strike(name))  # type: ignore[misc]
        for moment in _moments(draw, self._start + 2, self._start + ORDERS_UNTIL_SECONDS, ORDER_SECONDS):
            self.at(moment, self.trader.order)
        for moment in _moments(draw, self._start, self.end, ASK_SECONDS):
            if moment < self.end - ANSWER_SECONDS:
                self.at(moment, self.trader.ask)
        self.at(healed, self._heal)
        self.at(healed + ANSWER_SECONDS, self.trader.want_all)

    def _strike(self, name: str) -> None:
        self.faults[name] += FAULTS[name].strike(self, self._random)

    def _heal(self) -> None:
        self.network.heal()
        self.paper.is_broken = False
        for symbol in tuple(self.network.broker._streams.muted):
            self.network.broker.unmute(symbol)
        if self._life is not None:
            self._life.runtime.on_step = self._trace
            self._life.client.connect()

    def _advance_to(self, moment: float) -> None:
        """Let time pass; a process that dies meanwhile is followed by the next."""
        while True:
            runtime = self._runtime
            try:
                runtime.advance(max(0.0, moment - self.network.now))
            except Died:
                self._end_life()
            else:
                return

    def _begin_life(self) -> None:
        self._lives += 1
        seed = self._random.getrandbits(32)
        ahead_seconds = self._clocks.choice(CLOCKS_AHEAD_SECONDS) if self.is_clock_off else 0.0
        self._life = life = Life(seed, self._now, self.network, self.paper, self._trace, ahead_seconds)
        self._runtime = life.runtime
        life.client.start()
        self.trader.begin(life)

    def _end_life(self) -> None:
        life = self._life
        assert life is not None
        self._now = self.network.now
        invariants.check_life(self, life)
        is_machine = self._random.random() < 0.3
        self.trader.end()
        life.abandon()
        self.network.end_process(is_silent=is_machine)
        if is_machine:
            self.paper.lose_power()
        self._begin_life()


def _hardships(draw: Random) -> dict[Hardship, float]:
    """None in half of the episodes, else some, each as often as it strikes by itself or less."""
    chosen = draw.sample(tuple(Hardship), draw.choice((0, 0, 1, 2, 3)))
    return {hardship: TROUBLES[hardship].probability * draw.choice((0.3, 1.0)) for hardship in chosen}


def _moments(draw: Random, start: float, end: float, mean: float) -> list[float]:
    moments = []
    moment = start + draw.uniform(0, mean)
    while moment < end:
        moments.append(moment)
        moment += draw.uniform(0.2, 1.8) * mean
    return moments

"""The faults of an episode: each by its name, how often it strikes, and what it does.

Decides what a fault is. Does not know when it strikes (``tests.dst.episode``), nor what must hold in spite of it.
"""

from collections.abc import Callable
from random import Random
from typing import NamedTuple, Protocol

from tests.dst.life import Life
from tests.dst.network import Link, Network
from tests.dst.paper import Paper
from tests.dst.trader import ASSETS, Trader


class Stage(Protocol):
    """What faults can get at."""

    network: Network
    paper: Paper
    trader: Trader

    @property
    def life(self) -> Life | None:
        """The present process, if there is one."""

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """Let it happen so much later."""

    def allow(self, fault: str, seconds: float) -> bool:
        """Whether the fault has not struck for so long."""


class Fault(NamedTuple):
    """How often it strikes, beside the others, and what it does; False where there is nothing that it could do to."""

    weight: float
    strike: Callable[[Stage, Random], bool]


def _on_link(strike: Callable[[Link, Random], None]) -> Callable[[Stage, Random], bool]:
    """A fault of the connection that is open just now."""

    def fault(stage: Stage, random: Random) -> bool:
        link = stage.network.live
        if link is not None:
            strike(link, random)
        return link is not None

    return fault


def _cut_over_an_order(stage: Stage, random: Random) -> bool:
    """The order, or its answer, is under way when the network breaks."""
    stage.trader.order()

    def cut() -> None:
        _cut(stage, random)

    stage.after(random.uniform(0, 0.3), cut)
    return True


def _refuse(stage: Stage, random: Random) -> bool:
    stage.network.refuses_until = stage.network.now + random.uniform(1, 15)
    return _cut(stage, random)


def _vanish(stage: Stage, random: Random) -> bool:
    stage.network.vanishes_until = stage.network.now + random.uniform(1, 8)
    return _cut(stage, random)


def _slow(stage: Stage, random: Random) -> bool:
    stage.network.slow_until = stage.network.now + random.uniform(3, 20)
    return True


def _kick(stage: Stage, _random: Random) -> bool:
    # Three within a minute are a refusal of the session, which is for good, as is one before the login is answered.
    link = stage.network.live
    if link is None or not link.is_let_in or not stage.allow("kick", 40.0):
        return False
    link.kick()
    return True


def _mute(stage: Stage, random: Random) -> bool:
    symbol, broker = random.choice(ASSETS), stage.network.broker
    broker.mute(symbol)
    stage.after(random.uniform(2, 25), lambda: broker.unmute(symbol))
    return True


def _crash(stage: Stage, random: Random) -> bool:
    # More than five within ten seconds are the end of the system, as they should be.
    if stage.life is None or not stage.allow("crash", 2.5):
        return False
    actors = [actor for actor in stage.life.actors() if actor.context.name != "Supervisor"]
    stage.life.make_fail(random.choice(actors), is_done=random.random() < 0.5)
    return True


def _crash_over_an_order(stage: Stage, random: Random) -> bool:
    """An actor that orders pass through fails just when there is one."""
    if stage.life is None or not stage.allow("crash", 2.5):
        return False
    names = ("Trades", "Deals", "Connection", "Router")
    actors = [actor for actor in stage.life.actors() if actor.context.name in names]
    if not actors:
        return False
    stage.trader.order()
    stage.life.make_fail(random.choice(actors), is_done=random.random() < 0.5)
    return True


def _die(stage: Stage, random: Random) -> bool:
    if stage.life is None:
        return False
    if random.random() < 0.5:
        stage.trader.order()
    stage.life.die_in(random.randrange(1, 40))
    return True


def _break_journal(stage: Stage, random: Random) -> bool:
    paper = stage.paper
    if paper.is_broken:
        return False
    paper.is_broken = True

    def mend() -> None:
        paper.is_broken = False

    stage.after(random.uniform(3, 25), mend)
    return True


def _reconnect(stage: Stage, random: Random) -> bool:
    if stage.life is None:
        return False
    client = stage.life.client
    random.choice((client.reconnect, client.disconnect))()
    return True


def _hold(stage: Stage, random: Random) -> bool:
    life = stage.life
    if life is None:
        return False
    life.client.disconnect_and_hold()

    def connect() -> None:
        if stage.life is life:
            life.client.connect()

    stage.after(random.uniform(1, 12), connect)
    return True


def _change_mind(stage: Stage, _random: Random) -> bool:
    stage.trader.change_mind()
    return True


_cut = _on_link(lambda link, _random: link.cut())

FAULTS = {
    "cut": Fault(4, _cut),
    "cut in a message": Fault(2, _on_link(lambda link, _random: link.cut(is_torn=True))),
    "cut with an order under way": Fault(3, _cut_over_an_order),
    "stall": Fault(3, _on_link(lambda link, random: link.stall(random.uniform(0.5, 6)))),
    "slow": Fault(2, _slow),
    "half close": Fault(2, _on_link(lambda link, _random: link.half_close())),
    "freeze": Fault(1, _on_link(lambda link, _random: link.freeze(up=True, down=True))),
    "freeze up": Fault(1, _on_link(lambda link, _random: link.freeze(up=True, down=False))),
    "freeze down": Fault(1, _on_link(lambda link, _random: link.freeze(up=False, down=True))),
    "refuse": Fault(2, _refuse),
    "vanish": Fault(1, _vanish),
    "kick": Fault(0.5, _kick),
    "mute": Fault(1, _mute),
    "crash": Fault(4, _crash),
    "crash over an order": Fault(2, _crash_over_an_order),
    "death": Fault(3, _die),
    "broken journal": Fault(1.5, _break_journal),
    "reconnect": Fault(2, _reconnect),
    "hold": Fault(1, _hold),
    "change of mind": Fault(2, _change_mind),
}
"""Every fault by its name."""

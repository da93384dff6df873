"""What must hold at the end of an episode, whatever happened in it.

Decides what is right. Does not know which faults there were; of the hardships and clocks it knows which leave no proof.
"""

from collections import Counter
from typing import TYPE_CHECKING, Any

from messages.market import Direct, Tick
from messages.orders import OrderRecord, OrderState
from simulator.hardship import Hardship
from tests.dst.life import ABSENT, Life
from tests.dst.trader import Heard

if TYPE_CHECKING:
    from tests.dst.episode import Episode

LAST_SECONDS = 20.0
"""For so long before the end nothing may be missing."""
NOTICED_SECONDS = 1.0
"""After so long a death has been noticed."""
TRAVEL_SECONDS = 3.0
"""What is under way at the end: a tick, or three that come as one."""


def check(episode: "Episode") -> None:
    """All that must hold while the client still lives."""
    episode.trader.drain()
    if episode.life is not None:
        check_life(episode, episode.life)
    _check_orders(episode)
    _check_ticks(episode)
    _check_network(episode)
    life = episode.life
    if life is not None:
        _check_subscriptions(episode, life)
        _check_actors(episode, life)
        _check_waiters(episode, life)


def check_life(episode: "Episode", life: Life) -> None:
    """What must hold of each process, also of one that is gone."""
    verdict = episode.verdict
    noticed = life.runtime.clock.now() - NOTICED_SECONDS
    for moment, name, incarnation in life.crashed:
        if moment < noticed:
            is_reported = (name, incarnation) in life.news.reported
            verdict.check("deaths are reported", f"that of {name}-{incarnation} is not", holds=is_reported)
    for order_id, state in life.news.believed_absent.items():
        episode.believed_absent[order_id] = state.value


def check_stopped(episode: "Episode", life: Life) -> None:
    """What must hold once the client was stopped."""
    verdict = episode.verdict
    left = [actor.context.name for actor in life.actors()]
    verdict.check("stopping ends everybody", f"{left} still live", holds=not left)
    verdict.check("one live connection", "one outlived the client", holds=episode.network.live is None)


def counts(episode: "Episode") -> dict[str, int]:
    """How many there were of what the invariants are about."""
    states = Counter(order.state.value for order in episode.paper.kept.recent() if not order.is_external)
    heard = (*episode.trader.over, *episode.trader.heard.values())
    return {
        "executed": len(episode.executed),
        "lives": episode._lives,
        "connections": episode.network.opened,
        "ticks": sum(len(each.ticks) for each in heard),
        "candles": sum(len(each.candles) for each in heard),
        **{f"orders {state}": number for state, number in sorted(states.items())},
    }


def _check_orders(episode: "Episode") -> None:
    verdict, paper = episode.verdict, episode.paper
    executed = Counter(str(each.request_id) for each in episode.executed)
    for order_id, times in executed.items():
        verdict.check("executed at most once", f"{order_id} was {times} times", holds=times == 1)
        is_intended = order_id in paper.intended
        verdict.check("never without an intent", f"{order_id} is not in the journal", holds=is_intended)
        was = episode.believed_absent.get(order_id)
        verdict.check(
            "nothing false is believed", f"{order_id} was taken for {was}, and was executed", holds=was is None
        )
    for order in paper.intended:
        found = paper.kept.order(order)
        assert found is not None
        _check_truth(episode, found, is_executed=bool(executed[order]))
    deals = {each.deal_id for each in episode.executed}
    for deal in episode.trader.acknowledged:
        verdict.check("acknowledged deals exist", f"{deal} does not", holds=deal in deals)


def _check_truth(episode: "Episode", order: OrderRecord, *, is_executed: bool) -> None:
    state = order.state
    if state is OrderState.MANUAL:
        holds = not is_executed or _can_hide(episode) or episode.is_clock_off
    elif is_executed:
        holds = state is OrderState.CLOSED
    else:
        holds = state in ABSENT
    text = f"{order.order_id} is {state.value} ({order.reason}), and was {'' if is_executed else 'not '}executed"
    episode.verdict.check("ends in the truth", text, holds=holds)


def _can_hide(episode: "Episode") -> bool:
    """Whether a deal may be in no list that was told, or its row be unreadable."""
    hiding = {Hardship.LISTS_OF_3, Hardship.SNAPSHOT_PARTIAL, Hardship.SNAPSHOT_ABSENT, Hardship.NEWS_ABSENT}
    return bool(hiding & episode.hardships.keys())


def _check_ticks(episode: "Episode") -> None:
    market = episode.network.broker.market
    for heard in (*episode.trader.over, *episode.trader.heard.values()):
        if heard.ticks:
            told = market.ticks(heard.symbol, heard.ticks[0].time - 1, heard.ticks[-1].time + 1)
            truth = {round(quote.time, 2): quote.price for quote in told}
            strange = [tick for tick in heard.ticks if truth.get(round(tick.time, 2)) != tick.price]
            text = f"{heard.symbol} had {len(strange)} that the market had not, such as {strange[:1]}"
            episode.verdict.check("ticks are the market's", text, holds=not strange)


def _check_subscriptions(episode: "Episode", life: Life) -> None:
    verdict, trader, network = episode.verdict, episode.trader, episode.network
    verdict.check("the session heals", f"it is {life.client.state.value}", holds=life.client.is_connected)
    wanted = {symbol for symbol, _ in trader.wanted}
    link = network.live
    streaming = set() if link is None or link.name is None else set(network.broker._streams._wanted.get(link.name, {}))
    text = f"{sorted(streaming)} stream, {sorted(wanted)} are wanted"
    verdict.check("exactly what is wanted streams", text, holds=streaming == wanted)
    for heard in trader.heard.values():
        if isinstance(heard.aggregation, Direct):
            _check_flow(episode, heard)
        else:
            recent = bool(heard.candles) and heard.candles[-1].time > episode.end - 130
            verdict.check("candles flow", f"{heard.symbol} {heard.aggregation} does not", holds=recent)


def _check_flow(episode: "Episode", heard: Heard) -> None:
    """Of the last while every tick was heard."""
    start, end = episode.end - LAST_SECONDS, episode.end - TRAVEL_SECONDS
    expected = episode.network.broker.market.ticks(heard.symbol, start, end)
    had = _between(heard.ticks, start, end)
    text = f"{heard.symbol} had {len(had)} of {len(expected)} in the last while"
    episode.verdict.check("every tick comes once healed", text, holds=len(had) == len(expected))


def _between(ticks: list[Tick], start: float, end: float) -> list[Tick]:
    return [tick for tick in ticks if start <= round(tick.time, 3) < end]


def _check_network(episode: "Episode") -> None:
    verdict, network = episode.verdict, episode.network
    verdict.check("one live connection", "; ".join(network.broken[:3]), holds=not network.broken)
    wanted = [link for link in network.links if link.is_wanted]
    verdict.check("one live connection", f"there are {len(wanted)} at the end", holds=len(wanted) == 1)
    clients = len(network.broker._clients)
    verdict.check("one live connection", f"the broker has {clients}", holds=clients == 1)


def _check_actors(episode: "Episode", life: Life) -> None:
    verdict = episode.verdict
    for address in life.system.directory.addresses():
        waiting = len(address.mailbox)
        verdict.check("mailboxes are empty", f"{waiting} wait for {address.name}", holds=not waiting)
        vitals = address.vitals
        is_well = vitals.state == "running" and vitals.message is None
        verdict.check("everybody lives", f"{address.name} is {vitals.state}", holds=is_well)


def _check_waiters(episode: "Episode", life: Life) -> None:
    verdict, system = episode.verdict, life.system
    entries: dict[Any, Any] = system.directory._entries
    callers = [name for name in entries if name.startswith("Caller-")]
    verdict.check("nobody is left waiting", f"{callers[:3]} are in the directory", holds=not callers)
    expected = len(episode.trader.heard) + sum(not future.done for future in episode.trader.waits)
    text = f"{len(system._ends)} ends are kept, for {expected} streams and waits"
    verdict.check("nobody is left waiting", text, holds=len(system._ends) == expected)
    memory = [actor._memory for actor in life.actors() if actor.context.name == "Trades"]
    tickets = sum(len(each.tickets) for each in memory)
    verdict.check("nobody is left waiting", f"Trades keeps {tickets} tickets", holds=not tickets)

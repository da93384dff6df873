"""What the client is asked in an episode, and what it is promised: subscriptions, orders, questions.

Decides what is wanted and when an answer is due. Does not know which faults strike, nor what became of an order in
truth (``tests.dst.invariants``).
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any

from actors.future import Future
from messages.errors import NotConnected
from messages.market import Aggregation, Candle, Chunk, Direct, Symbol, Tick, TimeAligned, Timed
from messages.order_errors import OrderDenied
from messages.trading import Deal
from optionbus.client import PocketOption
from optionbus.subscription import Subscription
from tests.dst.life import Life
from tests.dst.verdict import Verdict

ASSETS = tuple(Symbol(name) for name in ("EURUSD_otc", "AUDCAD_otc", "GBPUSD_otc", "USDJPY_otc"))
AGGREGATIONS: tuple[Aggregation, ...] = (TimeAligned(5), TimeAligned(60), Timed(7.0), Chunk(10))
DURATIONS = (5, 10, 15, 30)
AGAIN = 0.15
"""How many of the orders are asked for once more under an id that was used before."""
TOLERANCE_SECONDS = 0.1
"""How long after its deadline a call may end."""


@dataclass
class Heard:
    """One subscription, and what came of it."""

    symbol: Symbol
    aggregation: Aggregation
    subscription: Subscription[Any]
    last: float = 0.0
    ticks: list[Tick] = field(default_factory=list)
    candles: list[Candle] = field(default_factory=list)


@dataclass
class Asked:
    """An order as it was asked for; ``order_id`` is None where the client gave it one."""

    order_id: str | None
    future: Future[Deal]


class Trader:
    """Asks, and keeps what it was promised. ``after`` lets something happen so many seconds later."""

    def __init__(self, random: Random, verdict: Verdict, after: Callable[[float, Callable[[], None]], None]) -> None:
        self._random = random
        self._verdict = verdict
        self._after = after
        self.life: Life | None = None
        self.wanted: dict[tuple[Symbol, Aggregation], None] = {(symbol, Direct()): None for symbol in ASSETS}
        for aggregation in random.sample(AGGREGATIONS, 3):
            self.wanted[random.choice(ASSETS), aggregation] = None
        self.heard: dict[tuple[Symbol, Aggregation], Heard] = {}
        self.over: list[Heard] = []
        """Subscriptions that have ended, with all they brought."""
        self.asked: list[Asked] = []
        self.acknowledged: list[str] = []
        """The ids of the deals that calls ended in."""
        self.waits: list[Future[Any]] = []
        """What may never be, and is waited for until its deadline."""
        self.not_sent: list[str] = []
        """The ids of orders that were refused before anything was sent."""
        self._ids = 0
        self._stakes: Counter[Symbol] = Counter()

    def begin(self, life: Life) -> None:
        """Another process: want again what was wanted."""
        self.life = life
        for symbol, aggregation in self.wanted:
            self._subscribe(symbol, aggregation)

    def end(self) -> None:
        """The process is gone, and with it all that it promised."""
        for heard in tuple(self.heard.values()):
            self._close(heard)
        self.life, self.asked, self.waits = None, [], []

    def change_mind(self) -> None:
        """Want something no more, or again."""
        key = self._random.choice([*((symbol, Direct()) for symbol in ASSETS), *self.wanted])
        if key in self.heard:
            heard = self.heard[key]
            heard.subscription.close()
            self._close(heard)
            del self.wanted[key]
        elif self.life is not None and key not in self.wanted:
            self.wanted[key] = None
            self._subscribe(*key)

    def want_all(self) -> None:
        """Want every asset again."""
        for symbol in ASSETS:
            if (symbol, Direct()) not in self.wanted:
                self.wanted[symbol, Direct()] = None
                self._subscribe(symbol, Direct())

    def order(self) -> None:
        """Ask for an order, sometimes for one that was asked for before."""
        if self.life is None:
            return
        symbol, duration = self._random.choice(ASSETS), self._random.choice(DURATIONS)
        order_id, stake = self._identity(symbol)
        seconds = self._random.uniform(2.0, 10.0)
        place = self.life.client.buy if self._random.random() < 0.5 else self.life.client.sell
        future = place(symbol, stake, duration, request_id=order_id, timeout=seconds)
        asked = Asked(order_id, future)
        self.asked.append(asked)
        future.on_done(lambda: self._note(asked))
        self._expect(f"the order {order_id or stake}", future, seconds)

    def ask(self) -> None:
        """Ask one of many questions."""
        if self.life is None:
            return
        client, seconds = self.life.client, 10.0
        questions: tuple[Callable[[], Future[Any]], ...] = (
            client.balance,
            client.server_time,
            client.assets,
            client.opened_deals,
            client.closed_deals,
            client.subscriptions,
            client.orders,
            lambda: client.payout(ASSETS[0]),
            lambda: self._wait_for_the_end(client, seconds),
        )
        question = self._random.choice(questions)
        self._expect(getattr(question, "__name__", "question"), question(), seconds)

    def _wait_for_the_end(self, client: PocketOption, seconds: float) -> Future[None]:
        """Of the session, which may never come: its deadline alone ends that."""
        future = client.disconnected(timeout=seconds)
        self.waits = [*(each for each in self.waits if not each.done), future]
        return future

    def drain(self) -> None:
        """Take what the subscriptions have brought, and check its order."""
        for heard in self.heard.values():
            self._drain(heard)

    def _identity(self, symbol: Symbol) -> tuple[str | None, Decimal]:
        self._ids += 1
        self._stakes[symbol] += 1
        # No two alike on an asset, as look-alikes are settled by hand; those of other assets are: so is their money.
        stake = 1 + Decimal(self._stakes[symbol]) / 100
        if self._ids > 1 and self._random.random() < AGAIN:
            return f"order-{self._random.randrange(max(1, self._ids - 4), self._ids)}", stake
        return (f"order-{self._ids}" if self._random.random() < 0.5 else None), stake

    def _note(self, asked: Asked) -> None:
        """What the call ended in."""
        error = asked.future.error
        if error is None:
            outcome = asked.future._outcome["it"]
            if isinstance(outcome.value, Deal):
                self.acknowledged.append(outcome.value.id)
        elif asked.order_id is not None and isinstance(error, OrderDenied | NotConnected):
            self.not_sent.append(asked.order_id)

    def _subscribe(self, symbol: Symbol, aggregation: Aggregation) -> None:
        assert self.life is not None
        subscription = self.life.client.subscribe(symbol, aggregation)
        self.heard[symbol, aggregation] = Heard(symbol, aggregation, subscription)
        self._expect(f"the subscription to {symbol}", subscription.confirmed, 10.0)

    def _close(self, heard: Heard) -> None:
        self._drain(heard)
        self.over.append(heard)
        del self.heard[heard.symbol, heard.aggregation]

    def _expect(self, what: str, future: Future[Any], seconds: float) -> None:
        life = self.life
        assert life is not None

        def check() -> None:
            if self.life is life:  # else nobody is there any more who could wait
                self._verdict.check("calls end in time", f"{what} did not within {seconds:.1f} s", holds=future.done)

        self._after(seconds + TOLERANCE_SECONDS, check)

    def _drain(self, heard: Heard) -> None:
        items = heard.subscription._stream._items
        while items:
            item = items.popleft()
            heard.last = self._check_order(heard, item)
            if isinstance(item, Tick):
                heard.ticks.append(item)
            else:
                heard.candles.append(item)
        self._verdict.check(
            "ticks in order, none twice",
            f"{heard.symbol} lost some to its buffer",
            holds=not heard.subscription.dropped,
        )

    def _check_order(self, heard: Heard, item: Tick | Candle) -> float:
        if item.time <= heard.last:
            text = f"{heard.symbol} {heard.aggregation}: {item.time} after {heard.last}"
            self._verdict.check("ticks in order, none twice", text, holds=False)
        return item.time

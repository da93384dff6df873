"""Register, reconciliation, gate and journal against a model of the platform that knows the truth, with faults at will.

``python -m tests.order_machine --steps 1000000`` takes that many random steps, prints what came of them and ends with 1
where a rule was broken.

What is assumed of the platform, and nothing else: an order reaches it within ``ARRIVAL_SECONDS`` or never, a list or a
balance the client within ``LATE_SECONDS`` or never, and a list that says nothing of rows left out has left none out.
Answers may be lost, late, doubled and in any order; lists may be cut to the last twenty, hold rows that cannot be read,
or not come; whether answers and lists name orders differs from one platform to the next, as does how far its clock is
from the client's, which may have been measured or not, and may change while no client lives. Nobody else places what an
order of ours looks like. The client may be killed at any point.
"""

import argparse
import traceback
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from math import inf
from typing import Any, ClassVar, Final

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from msgspec import Struct
from msgspec.structs import replace

from actors.orders.evidence import CLOSED_LIST_LENGTH, next_look
from actors.orders.gate import RiskSettings, denial
from actors.orders.ledger import TABLE, OrderEvent
from actors.orders.memory_journal import MemoryJournal
from actors.orders.reconciliation import Reconciliation, Word
from actors.orders.register import Register
from actors.orders.standing import Surroundings
from messages.account import BalanceReported
from messages.order_errors import JournalUnavailable
from messages.orders import OrderRecord, OrderState, OrderStateChanged
from messages.trading import (
    ClosedDealsReported,
    Deal,
    DealId,
    DealsSettled,
    Direction,
    OpenedDealsReported,
    OrderId,
    TradeAccepted,
    TradeRefused,
)
from tests.actors.api.samples import DEAL, EURO, NOW, POUND, YEN

S, E = OrderState, OrderEvent

ARRIVAL_SECONDS: Final = 9.0
LATE_SECONDS: Final = 9.0
DEADLINE_SECONDS: Final = 10.0
NEAR_SECONDS: Final = 100.0
"""What lies within may be taken for one another, by clocks that are half a minute apart."""
FAIR: Final = {"unreadable": None, "absent": "", "settles": True}
MOVES: Final = {(before, after) for (before, _), after in TABLE.items()}


class Killed(Exception):
    """The client is no more."""


class FlakyJournal(MemoryJournal):
    """Cannot write while it is broken."""

    is_broken = False

    def note(self, order: OrderRecord) -> None:
        if self.is_broken:
            raise JournalUnavailable("journal", "disk full")
        super().note(order)

    def close(self) -> None:
        """The next process finds what this one has written."""


class Packet(Struct, frozen=True):
    """What the platform has said and nobody has heard yet; an answer may come as late as it likes."""

    word: Word
    told: float
    is_answer: bool


class Platform:
    """The truth: which orders were carried out, and how they ended."""

    def __init__(self, *, names_in_answers: bool, names_in_lists: bool) -> None:
        self.names_in_answers, self.names_in_lists = names_in_answers, names_in_lists
        self.balance = Decimal(1000)
        self.taken: Counter[OrderId] = Counter()
        self.deals: dict[DealId, Deal] = {}
        self.is_closed: set[DealId] = set()

    def deal_of(self, order_id: OrderId) -> Deal | None:
        """What became of an order."""
        return next((deal for deal in self.deals.values() if deal.order_id == order_id), None)

    def execute(self, order: OrderRecord, now: float, profit: Decimal) -> Deal:
        """Open a deal; ``profit`` is how it will end."""
        deal = replace(
            DEAL,
            id=DealId(f"d-{len(self.deals)}"),
            symbol=order.symbol,
            direction=order.direction,
            stake=order.stake,
            profit=profit,
            open_time=now,
            close_time=now + order.duration_seconds,
            close_price=1.2,
            order_id=order.order_id,
        )
        self.deals[deal.id] = deal
        self.balance -= deal.stake
        return deal

    def next_end(self) -> Deal | None:
        """The next deal to expire."""
        opened = (deal for deal in self.deals.values() if deal.id not in self.is_closed)
        return min(opened, key=lambda deal: deal.close_time, default=None)

    def close(self, deal: Deal) -> None:
        """Its end has come."""
        self.is_closed.add(deal.id)
        self.balance += deal.stake + deal.profit

    def opened_list(self) -> list[Deal]:
        """Those that are open."""
        return [_unended(deal) for deal in self.deals.values() if deal.id not in self.is_closed]

    def closed_list(self) -> list[Deal]:
        """The last that have closed."""
        closed = [deal for deal in self.deals.values() if deal.id in self.is_closed]
        return sorted(closed, key=lambda deal: deal.close_time)[-CLOSED_LIST_LENGTH:]

    def shown(self, deal: Deal, *, is_answer: bool) -> Deal:
        """As this platform shows it."""
        is_named = self.names_in_answers if is_answer else self.names_in_lists
        return deal if is_named else replace(deal, order_id=None)


class Client:
    """What the actor does, without actors: one life of one process."""

    def __init__(self, journal: FlakyJournal, now: float) -> None:
        self.register = Register(lambda: _opened(journal))
        self.reconciliation = Reconciliation(self.register, 15.0)
        self.around = Surroundings(self.register)
        self.is_taken_up = self.is_reconciled = False
        self.connected_since: float | None = None
        self.take_up(now)

    def take_up(self, now: float) -> None:
        """Open the journal, if it is not."""
        if not self.is_taken_up and self.register.catch_up(now) is None:
            self.is_taken_up = True
            self.reconciliation.recall()
            self.begin()

    def begin(self) -> None:
        """Nothing is known of the account, on this connection."""
        self.reconciliation.begin_anew()
        self.is_reconciled = not self.register.ledger.unresolved

    def place(self, wanted: OrderRecord, *, allow_duplicate: bool, dies: str) -> OrderRecord | None:
        """The order that is to be sent; None where none is."""
        self.take_up(wanted.created)
        known = self.register.order(wanted.order_id)
        if (known is not None and known.state is not S.DENIED) or self.around.is_occupied(wanted.symbol):
            return None
        wanted = replace(wanted, equity=self.reconciliation.equity())
        is_reconciled = self.is_reconciled and self.is_taken_up and self.connected_since is not None
        standing = self.around.standing(
            wanted, is_reconciled=is_reconciled, silence=0.0, tick_age=None, counts_losses=True
        )
        if denial(wanted, standing, RiskSettings(), allow_duplicate=allow_duplicate) is not None:
            return None
        try:
            intended = self.register.intend(wanted, wanted.created)
        except JournalUnavailable:
            return None
        if dies == "before it is sent":
            raise Killed
        self.around.add(intended)
        self.register.move(wanted.order_id, E.SEND, wanted.created)
        return intended

    def hear(self, word: Word, now: float) -> list[OrderStateChanged]:
        """The platform has said something."""
        changes = self.reconciliation.hear(word, now)
        self.is_reconciled = self.is_reconciled or self.reconciliation.told.is_complete
        return [*changes, *self.reconciliation.conclude(now, self.connected_since)]

    def connect(self, now: float) -> None:
        """A connection is READY."""
        self.begin()
        self.connected_since = now

    def lose(self, now: float) -> list[OrderStateChanged]:
        """It is gone."""
        self.connected_since = None
        self.begin()
        return self.reconciliation.lose(S.SENT, now, "lost")

    def next_moment(self, now: float) -> float | None:
        """When it next does something by itself."""
        sent = (order.created + DEADLINE_SECONDS for order in self.register.ledger.unresolved if order.state is S.SENT)
        return min((moment for moment in (*sent, *self._looks(now)) if moment > now), default=None)

    def wake(self, now: float) -> tuple[list[OrderStateChanged], bool]:
        """Do what is due; and whether the platform is to be asked for its lists."""
        changes = []
        for order in self.register.ledger.unresolved:
            if order.state is S.SENT and order.created + DEADLINE_SECONDS <= now:
                changes += self.reconciliation.lose(S.SENT, now, "late", order.symbol)
        return [*changes, *self.reconciliation.conclude(now, self.connected_since)], True

    def _looks(self, now: float) -> Iterator[float]:
        if self.connected_since is not None:
            for order in self.register.ledger.unresolved:
                moment = next_look(order, now, self.connected_since) if order.state in {S.UNKNOWN, S.OPEN} else None
                yield from () if moment is None else (moment,)


profits = st.sampled_from([Decimal(-1), Decimal(0), Decimal("0.92")])
clocks = st.sampled_from([0.0, 0.0, 0.0, -30.0, -3.0, 3.0, 30.0, -3600.0, 3600.0])
indices = st.integers(min_value=0, max_value=30)
contents: Final[dict[str, Any]] = {
    "symbol": st.sampled_from([EURO, POUND]),
    "stake": st.sampled_from([Decimal(1), Decimal(2)]),
    "seconds": st.sampled_from([30, 60]),
}


class OrderMachine(RuleBasedStateMachine):
    """One client of one platform, and all that can go wrong between them; ``now`` is the platform's time."""

    client_type: ClassVar[type[Client]] = Client
    climate: ClassVar[dict[str, Any]] = FAIR
    """The weather at first."""
    steps: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.journal = FlakyJournal()
        self.on_its_way: list[OrderRecord] = []
        self.said: list[Packet] = []
        self.sent: Counter[OrderId] = Counter()
        self.sent_at: dict[OrderId, float] = {}
        self.ahead_seconds = self.ahead_then_seconds = 0.0
        """How far the platform's clock is ahead of the client's: now, and from the next start of a process on."""
        self.is_steady = True
        self.alarms: set[OrderId] = set()
        self.by_hand: set[OrderId] = set()
        self.weather = self.climate
        self.count = 0

    @initialize(
        names_in_answers=st.booleans(), names_in_lists=st.booleans(), ahead_seconds=clocks, is_measured=st.booleans()
    )
    def begin(self, *, names_in_answers: bool, names_in_lists: bool, ahead_seconds: float, is_measured: bool) -> None:
        self.platform = Platform(names_in_answers=names_in_answers, names_in_lists=names_in_lists)
        self.is_measured, self.ahead_seconds, self.ahead_then_seconds = is_measured, ahead_seconds, ahead_seconds
        self.live()
        self.reconnect()

    def live(self) -> None:
        """A process begins; it may know how far its clock is off, which may not be what it was before."""
        is_known = self.is_measured or not self.ahead_then_seconds
        self.is_steady = self.is_steady and is_known and self.ahead_then_seconds == self.ahead_seconds
        self.ahead_seconds = self.ahead_then_seconds
        self.client = self.client_type(self.journal, self.clock)
        if self.is_measured:
            self.client.reconciliation.skew_seconds = self.ahead_seconds

    @property
    def clock(self) -> float:
        """The client's."""
        return self.now - self.ahead_seconds

    @rule(ahead_seconds=clocks)
    def put_the_clock_right_or_wrong(self, ahead_seconds: float) -> None:
        """From the next start of a process on: within one a step is left out."""
        self.ahead_then_seconds = ahead_seconds

    # What the user does.

    @rule(
        **contents,
        allow_duplicate=st.booleans(),
        again=indices | st.none(),
        dies=st.sampled_from(["", "", "", "before it is sent", "after it is sent"]),
    )
    def place(self, again: int | None, dies: str, *, allow_duplicate: bool, **content: Any) -> None:
        if again is None:
            self.count += 1
        wanted = OrderRecord(
            order_id=OrderId(f"o-{self.count if again is None else again}"),
            symbol=content["symbol"],
            direction=Direction.CALL,
            stake=content["stake"],
            duration_seconds=content["seconds"],
            created=self.clock,
        )
        try:
            order = self.client.place(wanted, allow_duplicate=allow_duplicate, dies=dies)
        except Killed:
            self.restart()
            return
        if order is not None:
            self.send(order)
            if dies == "after it is sent":
                self.restart()
                return
        self.client.register.flush()

    def send(self, order: OrderRecord) -> None:
        self.sent[order.order_id] += 1
        self.sent_at[order.order_id] = self.now
        self.on_its_way.append(order)

    @rule(index=indices)
    def settle_by_hand(self, index: int) -> None:
        manual = [order for order in self.ours() if order.state is S.MANUAL]
        if manual:
            order = manual[index % len(manual)]
            deal = self.platform.deal_of(order.order_id)
            if deal is not None and deal.id not in self.platform.is_closed:
                return
            self.by_hand.add(order.order_id)
            self.client.register.move(order.order_id, E.RULE_OUT if deal is None else E.CLOSE, self.clock)
            self.client.register.flush()

    @rule(profit=profits, is_taken=st.booleans(), is_killed=st.booleans(), **contents)
    def place_and_hear_nothing(self, profit: Decimal, *, is_taken: bool, is_killed: bool, **content: Any) -> None:
        """It is carried out, and the answer lost; or it is still on its way."""
        self.place(None, "", allow_duplicate=True, **content)
        if self.on_its_way and self.on_its_way[-1].order_id == OrderId(f"o-{self.count}"):
            if is_taken:
                self.take(len(self.on_its_way) - 1, "deal", profit)
            if is_killed:
                self.restart()
            else:
                self.reconnect()

    @rule(profit=profits, fate=st.sampled_from(["deal", "refusal"]), **contents)
    def place_and_hear(self, profit: Decimal, fate: str, **content: Any) -> None:
        """As it should be."""
        self.place(None, "", allow_duplicate=True, **content)
        if self.on_its_way and self.on_its_way[-1].order_id == OrderId(f"o-{self.count}"):
            self.take(len(self.on_its_way) - 1, fate, profit)
            self.deliver_all()

    # What the platform does.

    @rule(index=indices, fate=st.sampled_from(["deal", "deal", "deal", "refusal", "loss"]), profit=profits)
    def take(self, index: int, fate: str, profit: Decimal) -> None:
        if not self.on_its_way:
            return
        order = self.on_its_way.pop(index % len(self.on_its_way))
        if fate == "loss":
            return
        self.platform.taken[order.order_id] += 1
        if fate == "refusal":
            self.say(TradeRefused(symbol=order.symbol, reason="no", amount=None), is_answer=True)
            return
        deal = self.platform.execute(order, self.now, profit * order.stake)
        self.say(TradeAccepted(deal=self.platform.shown(_unended(deal), is_answer=True)), is_answer=True)
        self.say_balance()

    @rule(number=st.sampled_from([1, 1, 2, CLOSED_LIST_LENGTH]), profit=profits, seconds=st.sampled_from([5, 30]))
    def trade_elsewhere(self, number: int, profit: Decimal, seconds: int) -> None:
        """Somebody trades the same account by hand, never the same as an order of ours."""
        for _ in range(number):
            theirs = OrderRecord(
                order_id=OrderId("theirs"),
                symbol=YEN,
                direction=Direction.PUT,
                stake=Decimal(7),
                duration_seconds=seconds,
                created=self.now,
            )
            deal = self.platform.execute(theirs, self.now, profit)
            self.platform.deals[deal.id] = replace(deal, order_id=None)
        self.say_balance()

    def say(self, word: Word, *, is_answer: bool = False) -> None:
        if self.client.connected_since is not None:
            self.said.append(Packet(word, self.now, is_answer))

    def say_balance(self) -> None:
        self.say(BalanceReported(is_demo=True, amount=self.platform.balance))

    @rule(
        unreadable=indices | st.none(),
        absent=st.sampled_from(["", "", "opened", "closed", "balance"]),
        settles=st.booleans(),
    )
    def change_the_weather(self, **weather: Any) -> None:
        """What comes from now on: rows may be spoilt on the way, lists not come, ends not be told as they happen."""
        self.weather = weather

    @rule()
    def tell(self) -> None:
        """The lists, as the platform has them now."""
        unreadable, absent = self.weather["unreadable"], self.weather["absent"]
        told = {"opened": self.platform.opened_list(), "closed": self.platform.closed_list()}
        for name, rows in told.items():
            shown = [self.platform.shown(deal, is_answer=False) for deal in rows]
            is_spoilt = unreadable is not None and bool(shown)
            if is_spoilt:
                del shown[(unreadable or 0) % len(shown)]
            kind = OpenedDealsReported if name == "opened" else ClosedDealsReported
            if name != absent:
                self.say(kind(deals=tuple(shown), rejected=int(is_spoilt)))
        if absent != "balance":
            self.say_balance()

    # What becomes of it on the way.

    @rule(index=indices, is_doubled=st.booleans(), dies=st.sampled_from([False] * 9 + [True]))
    def deliver(self, index: int, *, is_doubled: bool, dies: bool) -> None:
        """In any order; lists and balances not later than they can be."""
        self.said = [each for each in self.said if each.is_answer or each.told + LATE_SECONDS >= self.now]
        if not self.said:
            return
        index %= len(self.said)
        packet = self.said[index] if is_doubled else self.said.pop(index)
        self.hear(packet.word)
        if dies:
            self.restart()
        self.client.register.flush()

    @rule()
    def deliver_all(self) -> None:
        while self.said:
            packet = self.said.pop(0)
            if packet.is_answer or packet.told + LATE_SECONDS >= self.now:
                self.hear(packet.word)
        self.client.register.flush()

    def hear(self, word: Word) -> None:
        self.follow(self.client.hear(word, self.clock), is_refusal=isinstance(word, TradeRefused))

    @rule(index=indices)
    def drop(self, index: int) -> None:
        if self.said:
            self.said.pop(index % len(self.said))

    # What else happens.

    @rule(seconds=st.sampled_from([0.1, 1.0, 4.0, 10.0, 30.0, 75.0]), is_heard=st.sampled_from([True, True, False]))
    def wait(self, seconds: float, *, is_heard: bool) -> None:
        end = self.now + seconds
        while True:
            deal, alarm = self.platform.next_end(), self.client.next_moment(self.clock)
            moment = None if alarm is None else alarm + self.ahead_seconds
            overdue = [self.sent_at[order.order_id] + ARRIVAL_SECONDS for order in self.on_its_way]
            closing = None if deal is None else deal.close_time
            soonest = min((each for each in (closing, moment, *overdue) if each is not None), default=end)
            if soonest > end:
                break
            self.now = max(self.now, soonest)
            self.on_its_way = [
                order for order in self.on_its_way if self.sent_at[order.order_id] + ARRIVAL_SECONDS > self.now
            ]
            if deal is not None and deal.close_time <= self.now:
                self.platform.close(deal)
                if self.weather["settles"]:
                    shown = self.platform.shown(deal, is_answer=False)
                    self.say(DealsSettled(gross_profit=None, deals=(shown,)), is_answer=True)
                self.say_balance()
            if moment is not None and moment <= self.now:
                self.wake()
            if is_heard:
                self.deliver_all()
            if soonest == end:
                break
        self.now = end

    def wake(self) -> None:
        changes, asks = self.client.wake(self.clock)
        self.follow(changes)
        self.client.register.flush()
        if asks:
            self.tell()

    @rule()
    def reconnect(self) -> None:
        """The connection is lost, what was said on it with it, and made anew."""
        self.follow(self.client.lose(self.clock))
        self.said.clear()
        self.greet()
        self.client.register.flush()

    @rule()
    def restart(self) -> None:
        """The process is killed, and another begins."""
        self.said.clear()
        self.live()
        self.greet()

    def greet(self) -> None:
        """What the platform tells unasked."""
        self.client.connect(self.clock)
        self.tell()
        self.deliver_all()

    @rule(is_broken=st.sampled_from([True, False, False]))
    def break_or_mend_the_journal(self, *, is_broken: bool) -> None:
        self.journal.is_broken = is_broken

    # What must hold.

    def ours(self) -> list[OrderRecord]:
        return [order for order in self.client.register.ledger if not order.is_external]

    def follow(self, changes: list[OrderStateChanged], *, is_refusal: bool = False) -> None:
        for change in changes:
            assert is_refusal or change.order.state is not S.REJECTED, change
            assert (change.before, change.order.state) in MOVES, change
            if change.is_alarm:
                self.alarms.add(change.order.order_id)

    @invariant()
    def count_steps(self) -> None:
        type(self).steps += 1

    @invariant()
    def no_order_is_sent_twice(self) -> None:
        assert max((*self.sent.values(), *self.platform.taken.values()), default=0) <= 1

    @invariant()
    def what_is_carried_out_was_written_down_before(self) -> None:
        for order_id in self.platform.taken:
            assert self.journal.order(order_id) is not None, order_id

    @invariant()
    def of_each_asset_one_order_at_most_is_in_doubt(self) -> None:
        in_doubt = Counter(order.symbol for order in self.ours() if order.state in {S.JOURNALED, S.SENT, S.UNKNOWN})
        assert max(in_doubt.values(), default=0) <= 1

    @invariant()
    def what_is_believed_is_true(self) -> None:
        for order in self.ours():
            self.check(order)

    def check(self, order: OrderRecord) -> None:
        deal = self.platform.deal_of(order.order_id)
        is_closed = deal is not None and deal.id in self.platform.is_closed
        match order.state:
            case S.DENIED:
                assert not self.sent[order.order_id], order
            case S.NOT_PLACED:
                may_arrive = any(other.order_id == order.order_id for other in self.on_its_way)
                assert deal is None, order
                assert not may_arrive, order
            case S.OPEN:
                assert _shown(order)[:1] == _truth(deal)[:1], order
            case S.CLOSED:
                assert is_closed, order
                if order.order_id not in self.by_hand:
                    assert _shown(order) == _truth(deal), order
            case _:
                pass  # nothing is claimed; a refusal may have been another's, for which see teardown

    def teardown(self) -> None:
        """The truth is told in full; what was believed of an order that exists has to give way, and to alarm."""
        if not hasattr(self, "client"):
            return
        wrong = {order.order_id for order in self.ours() if self.is_wrongly_rejected(order)}
        self.journal.is_broken = False
        self.weather = FAIR
        self.on_its_way.clear()
        self.client.take_up(self.clock)
        for _ in range(3):
            self.said.clear()
            self.tell()
            self.deliver_all()
            self.what_is_believed_is_true()
            self.wait(75.0, is_heard=True)
        for order in self.ours():
            deal = self.platform.deal_of(order.order_id)
            is_seen = deal is not None and deal.id in {each.id for each in self.platform.closed_list()}
            if is_seen and not self.is_ambiguous(order) and self.is_steady:
                assert order.state is S.CLOSED, order
                assert order.order_id not in wrong or order.order_id in self.alarms, order
            if deal is None:
                assert order.state in {S.DENIED, S.REJECTED, S.NOT_PLACED, S.MANUAL}, order

    def is_wrongly_rejected(self, order: OrderRecord) -> bool:
        return order.state is S.REJECTED and self.platform.deal_of(order.order_id) is not None

    def is_ambiguous(self, order: OrderRecord) -> bool:
        """Whether the platform names no orders, and another order is like this one."""
        alike = [
            other
            for other in self.ours()
            if (other.symbol, other.stake, other.duration_seconds)
            == (order.symbol, order.stake, order.duration_seconds)
            and abs(self.sent_at.get(other.order_id, inf) - self.sent_at[order.order_id]) <= NEAR_SECONDS
        ]
        return not self.platform.names_in_lists and len(alike) > 1


def run(machine: type[OrderMachine], steps: int, **options: Any) -> None:
    """Take at most about so many steps. Raises what the first broken rule raises."""
    length = 50
    chosen = settings(
        max_examples=max(1, steps // length),
        stateful_step_count=length,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        **options,
    )
    run_state_machine_as_test(machine, settings=chosen)


def _opened(journal: FlakyJournal) -> FlakyJournal:
    if journal.is_broken:
        raise JournalUnavailable("journal", "disk full")
    return journal


def _shown(order: OrderRecord) -> tuple[object, ...]:
    return () if order.deal is None else (order.deal.id, order.deal.profit)


def _truth(deal: Deal | None) -> tuple[object, ...]:
    return ("no such deal",) if deal is None else (deal.id, deal.profit)


def _unended(deal: Deal) -> Deal:
    """As it is shown while it is open: with what it might bring."""
    return replace(deal, close_price=None, profit=deal.stake * Decimal("0.92"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=1_000_000)
    wanted = parser.parse_args().steps
    failures = 0
    try:
        while OrderMachine.steps < wanted:
            run(OrderMachine, wanted - OrderMachine.steps, report_multiple_bugs=False)
    except Exception:  # noqa: BLE001 - whatever it is, it is a counter-example
        failures = 1
        traceback.print_exc()
    print(f"{OrderMachine.steps} steps, {failures} counter-examples")  # noqa: T201
    return failures


if __name__ == "__main__":
    raise SystemExit(main())

"""The live candles of one asset with their history, and without gaps: for one follower.

Theory of operation. The asset is subscribed first, and what streams is held back. At the first tick, or when none comes
for a while, the past is asked for until now; what comes is joined to what was held back, and from then on each tick
goes straight through. A lost connection, a crash, a stream that fell silent, a mailbox that overflowed is the same
thing again with a shorter past. So is a boundary that passes without a tick: only the platform can say that nothing
happened. An answer that does not show the last tick seen before is not taken for complete; where nothing better comes,
what is missing is marked.

Decides when to ask, how often, and when to give up. Does not know what is asked for (``actors.candles.backfill``), how
it is joined (``actors.candles.splice``), what becomes of candles (``actors.candles.feed``), nor in which words the
follower is told (``actors.candles.following``).
"""

from collections.abc import Sequence
from math import inf
from typing import ClassVar, Final, assert_never

from msgspec.structs import replace

from actors.base import Actor, Context
from actors.candles.backfill import Backfill, backfill
from actors.candles.following import Following, LiveMemory
from actors.candles.splice import Coverage, Item, Missing, Splice, history, refill
from messages.account import ServerTimeMeasured
from messages.base import AddressName, Incarnation, Message, RequestFailed, RequestId
from messages.errors import NotConnected, TransportError, UsageError
from messages.market import (
    Candles,
    CandlesMissing,
    CandlesRefilled,
    Direct,
    GetCandles,
    GetTicks,
    StreamStale,
    Subscribe,
    Subscribed,
    Ticks,
    TicksReceived,
)
from messages.session import SessionLost, SessionReady, SessionState

GET_CANDLES = AddressName("GetCandles")
SUBSCRIPTIONS = AddressName("Subscriptions")

SILENCE_SECONDS: Final = 2.0
"""How long the first tick of a stream is waited for before the past is asked for without it."""

GRACE_SECONDS: Final = 2.0
"""How late a tick may come before the platform is asked whether there was none."""

FILL_SECONDS: Final = 120.0
"""How long an answer is waited for, of however many pages."""

MOST_ATTEMPTS: Final = 3


class _AskDue(Message, frozen=True, kw_only=True):
    attempts: int
    """How many there had been; another number says that this is out of date."""


class _FillOverdue(Message, frozen=True, kw_only=True):
    request_id: RequestId


class _BoundaryDue(Message, frozen=True, kw_only=True):
    due: float


Inbox = (
    TicksReceived
    | Subscribed
    | Ticks
    | Candles
    | RequestFailed
    | SessionLost
    | SessionReady
    | StreamStale
    | ServerTimeMeasured
    | _AskDue
    | _FillOverdue
    | _BoundaryDue
)


class LiveCandlesActor(Actor[Inbox]):
    """Follows one asset for one follower."""

    listens: ClassVar = (SessionLost, SessionReady, StreamStale, ServerTimeMeasured)

    def __init__(self, context: Context, following: Following, memory: LiveMemory) -> None:
        super().__init__(context)
        self._following = following
        self._memory = memory
        self._plan = Backfill(inf)
        self._known_until = -inf
        self._answers: dict[RequestId, Ticks | Candles | None] = {}
        """What was asked and what came, by the id of the request."""
        self._attempts = 0
        self._has_given_up = False
        self._is_suspect = False
        """Whether the next tick may not be the one after the last."""
        self._awaited: float | None = None
        self._lag_seconds: float | None = None
        """How far the latest tick was behind the clock when it came."""
        self._offset_seconds: float | None = None
        self._connection: tuple[int, Incarnation] | None = None
        self._dropped = context.address.mailbox.dropped

    def on_start(self) -> None:
        """Subscribe, which does nothing where it is done; what a crash has cost is fetched."""
        system, name = self.context.system, self.context.name
        for line in system.lines[1:]:
            for event in (SessionLost, SessionReady):
                system.routes.add(line.topic(event), self.context.address)
        if self._memory.splice is not None:
            self._lose()
        self.context.tell(
            SUBSCRIPTIONS,
            Subscribe(
                symbol=self._following.symbol,
                aggregation=Direct(),
                deliver_to=name,
                reply_to=name,
                request_id=RequestId(system.new_id()),
            ),
        )

    def on_receive(self, message: Inbox) -> None:
        """Handle one message."""
        match message:
            case TicksReceived():
                self._on_ticks_received(message)
            case Ticks() | Candles():
                self._on_answer(message)
            case RequestFailed():
                self._on_request_failed(message)
            case Subscribed() | SessionReady() | SessionLost():
                self._look_at_connection()
                self.context.after(SILENCE_SECONDS, _AskDue(attempts=0))
            case StreamStale():
                self._is_suspect = self._is_suspect or message.symbol == self._following.symbol
            case ServerTimeMeasured():
                self._on_server_time_measured(message)
            case _AskDue():
                self._on_ask_due(message)
            case _FillOverdue():
                self._on_fill_overdue(message)
            case _BoundaryDue():
                self._on_boundary_due(message)
            case _:
                assert_never(message)

    @property
    def _splice(self) -> Splice:
        if self._memory.splice is None:
            self._memory.splice = Splice(self._following.since(self.context.clock.now()))
        return self._memory.splice

    def _look_at_connection(self) -> None:
        """Note that it is another one than before, and whether it streams."""
        system = self.context.system
        home = system.routes.homes.get(self._following.symbol)
        if home is None:
            return
        session = system.lines[home].session
        if self._connection != (home, session.incarnation):
            self._connection = home, session.incarnation
            self._lose()
        if session.state is not SessionState.READY:
            self._lose()
        elif not self._splice.is_over:
            self._splice.resume()

    def _lose(self) -> None:
        """Ticks may have been missed."""
        self._splice.interrupt()
        self._answers.clear()
        self._attempts, self._has_given_up, self._memory.has_lost = 0, False, True

    def _on_ticks_received(self, event: TicksReceived) -> None:
        self._look_at_connection()
        dropped = self.context.address.mailbox.dropped
        if self._is_suspect or dropped != self._dropped:
            self._is_suspect, self._dropped = False, dropped
            self._lose()
            self._look_at_connection()
        passed = self._splice.stream(event.ticks)
        self._lag_seconds = self.context.clock.now() - event.ticks[-1].time
        if passed:
            self._tell(passed)
        elif self._splice.until is not None and self._has_given_up:
            self._fill(Coverage())
        elif self._splice.until is not None:
            self._ask_first()

    def _on_ask_due(self, due: _AskDue) -> None:
        is_needed = self._splice.since is not None and self._splice.is_over and not self._answers
        if is_needed and due.attempts == self._attempts:
            self._ask()

    def _ask_first(self) -> None:
        if not self._answers and not self._attempts:
            self._ask()

    def _ask(self) -> None:
        splice, symbol = self._splice, self._following.symbol
        assert splice.since is not None  # noqa: S101 - asked for only where something is missing
        self._attempts += 1
        self._known_until = max(self._now(), splice.until or -inf)
        self._plan = plan = backfill(splice.since, self._known_until, self._following.period_seconds)
        self._send(GetTicks(symbol=symbol, since=plan.ticks_since))
        if plan.seam is not None:
            self._send(
                GetCandles(symbol=symbol, period_seconds=plan.part_seconds, since=plan.candles_since, end=plan.seam)
            )

    def _send(self, query: GetTicks | GetCandles) -> None:
        request_id = RequestId(self.context.system.new_id())
        self._answers[request_id] = None
        signed = replace(query, reply_to=self.context.name, request_id=request_id, within_seconds=FILL_SECONDS)
        self.context.tell(GET_CANDLES, signed)
        self.context.after(FILL_SECONDS, _FillOverdue(request_id=request_id))

    def _now(self) -> float:
        """What time it is on the platform, in UTC, as its ticks show it."""
        return self.context.clock.now() - (self._lag_seconds or 0.0)

    def _on_answer(self, answer: Ticks | Candles) -> None:
        if answer.request_id not in self._answers:
            return  # to what was asked before the last loss
        self._answers[answer.request_id] = answer
        if None not in self._answers.values():
            answers = self._answers.values()
            (ticks,) = (answer for answer in answers if isinstance(answer, Ticks))
            self._on_ticks(ticks, next((answer for answer in answers if isinstance(answer, Candles)), None))

    def _on_ticks(self, ticks: Ticks, candles: Candles | None) -> None:
        start, seam = self._splice.since, self._plan.seam
        assert start is not None  # noqa: S101 - as above
        if not self._memory.has_begun:
            self._fill(history(start, ticks, candles, seam), saw_beginning=candles is not None or ticks.since <= start)
        else:
            self._fill(refill(start, ticks, candles, seam))

    def _on_request_failed(self, reply: RequestFailed) -> None:
        if reply.request_id not in self._answers:
            return  # the subscription was refused, and its holder knows; or it is of before the last loss
        self._answers.clear()
        if isinstance(reply.error, UsageError):
            self._give_up()
        else:
            self._retry(counts=not isinstance(reply.error, TransportError | NotConnected))

    def _on_fill_overdue(self, overdue: _FillOverdue) -> None:
        if overdue.request_id in self._answers:
            self._answers.clear()
            self._retry(counts=True)

    def _retry(self, *, counts: bool) -> None:
        if counts and self._attempts >= MOST_ATTEMPTS:
            self._give_up()
        else:
            self._attempts -= not counts  # there will be a new connection
            self.context.after(2.0 ** (self._attempts - 1), _AskDue(attempts=self._attempts))

    def _give_up(self) -> None:
        """Go on with what streams; until it does, nobody knows how much will be missing."""
        self._has_given_up = True
        if self._splice.until is not None:
            self._fill(Coverage())

    def _fill(self, coverage: Coverage, *, saw_beginning: bool = False) -> None:
        memory, start = self._memory, self._splice.since
        items = self._splice.fill(coverage)
        missing = [item for item in items if isinstance(item, Missing)]
        if not memory.has_begun:
            memory.feed = self._following.feed(saw_beginning=saw_beginning)
        elif memory.has_lost and not missing and start is not None:
            self._publish_refilled(start)
        self._say_missing(missing)
        memory.has_begun, memory.has_lost = True, False
        self._answers.clear()
        self._attempts, self._has_given_up, self._awaited = 0, False, None
        self._tell(items, missing, -inf if missing or self._lag_seconds is None else self._known_until)

    def _publish_refilled(self, start: float) -> None:
        symbol, aggregation = self._following.symbol, self._following.aggregation
        refilled = CandlesRefilled(symbol=symbol, aggregation=aggregation, start=start, end=self._known_until)
        self.context.publish(refilled)

    def _say_missing(self, missing: Sequence[Missing]) -> None:
        symbol, aggregation = self._following.symbol, self._following.aggregation
        for span in missing:
            lost = CandlesMissing(symbol=symbol, aggregation=aggregation, start=span.start, end=span.end)
            self.context.publish(lost)
            self.context.log("WARNING", f"{symbol}: {span.end - span.start:.1f} s of ticks are missing for good")

    def _tell(self, items: Sequence[Item], missing: Sequence[Missing] = (), known_until: float = -inf) -> None:
        following, feed = self._following, self._memory.feed
        if feed is None:
            told = following.ticks_told(items)
        else:
            closed = [*feed.take(items), *feed.close_until(known_until)]
            told = following.candles_told(closed, feed.forming, missing)
            self._await_boundary(feed.due)
        for message in told:
            self.context.tell(following.follower, message)

    def _await_boundary(self, due: float | None) -> None:
        if due is not None and due != self._awaited:
            self._awaited = due
            self.context.at(due + (self._lag_seconds or 0.0) + GRACE_SECONDS, _BoundaryDue(due=due))

    def _on_boundary_due(self, boundary: _BoundaryDue) -> None:
        """Ask whether really nothing happened since the last tick."""
        feed = self._memory.feed
        if feed is not None and feed.due == boundary.due and self._splice.since is None:
            self._splice.interrupt()
            self._splice.resume()
            self._ask_first()

    def _on_server_time_measured(self, event: ServerTimeMeasured) -> None:
        """Begin anew if the ticks' times have jumped: they do not fit to those before."""
        if self._offset_seconds not in (None, event.offset_seconds):
            self._memory.splice, self._memory.feed, self._memory.has_begun = None, None, False
            self._lose()
            self._look_at_connection()
        self._offset_seconds = event.offset_seconds

"""The recent past of an asset, as the platform shows it when its chart is opened.

Decides who shares a request, and how long one may take. Does not know how the forming candle is brought up to date
(``actors.candles.forming``).
"""

from typing import ClassVar, Final, assert_never

from actors.api.get_candles import LONGEST_PERIOD_SECONDS
from actors.api.subscriptions import similar
from actors.base import Actor, Context
from actors.candles.forming import with_ticks
from messages.base import Incarnation, Message
from messages.errors import BusError, DeadlineExceeded, NotConnected, UnknownAsset, UsageError
from messages.market import AssetsChanged, GetHistory, History, HistoryReported, Symbol
from messages.session import SessionLost
from messages.wire.commands import change_symbol

Chart = tuple[Symbol, int]
"""An asset and a period in seconds: what a history is known by."""

HISTORY_SECONDS: Final = 10.0
"""How long the platform may take: it does not answer what it cannot show."""


class _HistoryOverdue(Message, frozen=True, kw_only=True):
    chart: Chart
    number: int


Inbox = GetHistory | HistoryReported | AssetsChanged | SessionLost | _HistoryOverdue


class _Request:
    """A history that was asked for, on one connection, and who waits for it."""

    def __init__(self, number: int, incarnation: Incarnation) -> None:
        self.number = number
        self.incarnation = incarnation
        self.askers: list[GetHistory] = []


class HistoryMemory:
    """What outlives a crash: the requests that are unanswered, and the assets there are."""

    def __init__(self) -> None:
        self.requests: dict[Chart, _Request] = {}
        self.known: frozenset[Symbol] | None = None


class HistoricalDataActor(Actor[Inbox]):
    """Fetches recent ticks and candles."""

    listens: ClassVar = (HistoryReported, AssetsChanged, SessionLost)

    def __init__(self, context: Context, memory: HistoryMemory) -> None:
        super().__init__(context)
        self._memory = memory
        self._requests = memory.requests

    def on_start(self) -> None:
        """Take up the deadlines again that the incarnation before left behind."""
        for chart, request in self._requests.items():
            self._await_history(chart, request)

    def on_receive(self, message: Inbox) -> None:
        """Handle one message."""
        match message:
            case GetHistory():
                self._on_get_history(message)
            case HistoryReported():
                self._on_history_reported(message)
            case AssetsChanged():
                self._memory.known = frozenset(asset.symbol for asset in message.assets)
            case SessionLost():
                self._on_session_lost(message)
            case _HistoryOverdue():
                self._on_history_overdue(message)
            case _:
                assert_never(message)

    def _on_get_history(self, query: GetHistory) -> None:
        denial = self._denial(query)
        if denial is not None:
            self.context.fail(query, denial)
            return
        chart = (query.symbol, query.period_seconds)
        if chart in self._requests:
            self._requests[chart].askers.append(query)
            return
        request = _Request(self.context.system.new_id(), self.context.session.incarnation)
        if self.context.send(change_symbol(*chart)):
            request.askers.append(query)
            self._requests[chart] = request
            self._await_history(chart, request)
        else:
            self.context.fail(query, NotConnected(self.context.session.state.value))

    def _denial(self, query: GetHistory) -> BusError | None:
        """Why nothing may be sent."""
        known = self._memory.known
        if known is not None and query.symbol not in known:
            return UnknownAsset(query.symbol, similar(query.symbol, known))
        if not 1 <= query.period_seconds <= LONGEST_PERIOD_SECONDS:
            return UsageError("There are no such candles: ask for a period of 1 s to 31 days.")
        return None

    def _on_history_reported(self, event: HistoryReported) -> None:
        chart = (event.symbol, event.period_seconds)
        if chart not in self._requests:
            return  # for a subscription
        candles = with_ticks(event.candles, event.ticks, event.period_seconds)
        for query in self._requests.pop(chart).askers:
            history = History(
                request_id=query.request_id,
                symbol=event.symbol,
                period_seconds=event.period_seconds,
                ticks=event.ticks,
                candles=candles,
            )
            self.context.reply(query, history)

    def _on_session_lost(self, event: SessionLost) -> None:
        lost = [chart for chart, request in self._requests.items() if request.incarnation <= event.incarnation]
        for chart in lost:
            self._fail(chart, event.error)

    def _on_history_overdue(self, overdue: _HistoryOverdue) -> None:
        request = self._requests.get(overdue.chart)
        if request is not None and request.number == overdue.number:
            symbol, period_seconds = overdue.chart
            what = f"History of {symbol} over {period_seconds} s (is there such an asset and period?)"
            self._fail(overdue.chart, DeadlineExceeded(what, HISTORY_SECONDS))

    def _fail(self, chart: Chart, error: BusError) -> None:
        for query in self._requests.pop(chart).askers:
            self.context.fail(query, error)

    def _await_history(self, chart: Chart, request: _Request) -> None:
        self.context.after(HISTORY_SECONDS, _HistoryOverdue(chart=chart, number=request.number))

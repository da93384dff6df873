"""Candles of the past, fetched page by page.

Theory of operation. The platform gives at most 150 candles at a time, and knows a request by its index alone. Each
query is a download of its own: a page is asked for, its candles are kept, and the next page ends where this one
begins, until there are enough or a page reaches no further back.

Decides how far to page and which candles are the answer. Does not know who asked, nor how candles are built.
"""

from math import ceil, inf
from typing import ClassVar, Final, assert_never

from msgspec.structs import replace

from actors.api.subscriptions import similar
from actors.base import Actor, Context
from messages.account import ServerTimeMeasured
from messages.base import Incarnation, Message
from messages.errors import BusError, DeadlineExceeded, NotConnected, UnknownAsset, UsageError
from messages.market import AssetsChanged, Candle, Candles, GetCandles, PeriodReported, Symbol
from messages.session import SessionLost
from messages.wire.clock import USUAL_OFFSET_SECONDS
from messages.wire.commands import load_history_period

PAGE_CANDLES: Final = 150
LONGEST_PERIOD_SECONDS: Final = 31 * 86_400
PAGE_SECONDS: Final = 10.0
"""How long the platform may take for a page: it does not answer what it cannot show."""


class _PageOverdue(Message, frozen=True, kw_only=True):
    index: int


Inbox = GetCandles | PeriodReported | AssetsChanged | SessionLost | ServerTimeMeasured | _PageOverdue


class _Download:
    """A query, and what has come of it so far."""

    def __init__(self, query: GetCandles, end: float) -> None:
        self.query = query
        self.end = end
        self.candles: dict[float, Candle] = {}
        self.oldest = inf
        """When the first candle so far begins."""
        self.incarnation = Incarnation(0)
        """The connection its latest page was asked for on."""

    def take(self, page: tuple[Candle, ...]) -> bool:
        """Keep a page's candles; whether another page is needed, and would be of use."""
        before, period = self.oldest, self.query.period_seconds
        for candle in page:
            if candle.time < self.end:
                self.candles[candle.time] = replace(candle, period_seconds=period)  # at times a page leaves it out
                self.oldest = min(self.oldest, candle.time)
        return self.oldest < before and len(self.candles) < self.query.count

    def result(self, now: float) -> tuple[Candle, ...]:
        """The candles asked for; only the last can be unfinished."""
        candles = [self.candles[time] for time in sorted(self.candles)][-self.query.count :]
        if candles:
            last = candles[-1]
            candles[-1] = replace(last, closed=last.time + last.period_seconds <= now)
        return tuple(candles)


class GetCandlesMemory:
    """What outlives a crash: the downloads, by the index of their page, the assets there are, the server's offset."""

    def __init__(self) -> None:
        self.downloads: dict[int, _Download] = {}
        self.known: frozenset[Symbol] | None = None
        self.offset_seconds = USUAL_OFFSET_SECONDS


class GetCandlesActor(Actor[Inbox]):
    """Fetches candles."""

    listens: ClassVar = (PeriodReported, AssetsChanged, SessionLost, ServerTimeMeasured)

    def __init__(self, context: Context, memory: GetCandlesMemory) -> None:
        super().__init__(context)
        self._memory = memory
        self._downloads = memory.downloads

    def on_start(self) -> None:
        """Take up the deadlines again that the incarnation before left behind."""
        for index in self._downloads:
            self._await_page(index)

    def on_receive(self, message: Inbox) -> None:
        """Handle one message."""
        match message:
            case GetCandles():
                self._on_get_candles(message)
            case PeriodReported():
                self._on_period_reported(message)
            case AssetsChanged():
                self._memory.known = frozenset(asset.symbol for asset in message.assets)
            case SessionLost():
                self._on_session_lost(message)
            case ServerTimeMeasured():
                self._memory.offset_seconds = message.offset_seconds
            case _PageOverdue():
                self._on_page_overdue(message)
            case _:
                assert_never(message)

    def _on_get_candles(self, query: GetCandles) -> None:
        now, known = self.context.clock.now(), self._memory.known
        end = now if query.end is None else min(query.end, now)
        if known is not None and query.symbol not in known:
            self.context.fail(query, UnknownAsset(query.symbol, similar(query.symbol, known)))
        elif query.count >= 1 and 1 <= query.period_seconds <= LONGEST_PERIOD_SECONDS and end >= 0:
            self._ask(_Download(query, end), end)
        else:
            problem = "There are no such candles: ask for 1 or more, of 1 s to 31 days each, with an end after 1970."
            self.context.fail(query, UsageError(problem))

    def _ask(self, download: _Download, end: float) -> None:
        """Ask for the page that ends there (UTC seconds)."""
        query, index = download.query, self.context.system.new_id()
        download.incarnation = self.context.session.incarnation
        self._downloads[index] = download
        # In seconds, as browsers give it; taken for a number of candles it is more than a page, and no harm.
        lookback = PAGE_CANDLES * query.period_seconds
        server_end = ceil(end + self._memory.offset_seconds)
        if self.context.send(load_history_period(query.symbol, index, server_end, lookback, query.period_seconds)):
            self._await_page(index)
        else:
            self._fail(index, NotConnected(self.context.session.state.value))

    def _on_period_reported(self, event: PeriodReported) -> None:
        download = self._downloads.get(event.index)
        if download is None:
            return  # nobody asked, or nobody waits any more
        goes_on = download.take(event.candles)
        del self._downloads[event.index]
        if goes_on:
            self._ask(download, download.oldest)
            return
        query = download.query
        candles = download.result(self.context.clock.now())
        self.context.reply(query, Candles(request_id=query.request_id, symbol=query.symbol, candles=candles))

    def _on_session_lost(self, event: SessionLost) -> None:
        lost = [index for index, download in self._downloads.items() if download.incarnation <= event.incarnation]
        for index in lost:
            self._fail(index, event.error)

    def _on_page_overdue(self, overdue: _PageOverdue) -> None:
        if overdue.index in self._downloads:
            query = self._downloads[overdue.index].query
            what = f"Candles of {query.symbol} over {query.period_seconds} s (is there such an asset and period?)"
            self._fail(overdue.index, DeadlineExceeded(what, PAGE_SECONDS))

    def _fail(self, index: int, error: BusError) -> None:
        self.context.fail(self._downloads.pop(index).query, error)

    def _await_page(self, index: int) -> None:
        self.context.after(PAGE_SECONDS, _PageOverdue(index=index))

"""Candles and ticks of the past, fetched page by page.

Theory of operation. The platform gives at most 150 candles at a time, or ticks where the period is 0, and knows a
request by its index alone. Each query is a download of its own, and any number go on at once: pages are asked for, what
they bring is kept, and the next are asked for until the download says that it is finished.

Decides how pages are asked for, how long each may take, and when nobody waits for them any more. Does not know which
pages are needed next (``actors.candles.download``), nor how candles are built.
"""

from math import ceil, floor, inf
from typing import ClassVar, Final, assert_never

from actors.api.subscriptions import similar
from actors.base import Actor, Context
from actors.candles.download import Download, Page
from messages.account import ServerTimeMeasured
from messages.base import Incarnation, Message
from messages.errors import BusError, DeadlineExceeded, NotConnected, UnknownAsset, UsageError
from messages.market import AssetsChanged, Candles, GetCandles, GetTicks, PeriodReported, Symbol, Ticks
from messages.session import SessionLost
from messages.wire.clock import USUAL_OFFSET_SECONDS
from messages.wire.commands import load_history_period

LONGEST_PERIOD_SECONDS: Final = 31 * 86_400
LONGEST_TICKS_SECONDS: Final = 7 * 86_400
PAGE_SECONDS: Final = 10.0
"""How long the platform may take for a page: it does not answer what it cannot show."""

CLOCK_SECONDS: Final = 60.0
"""How far our clock may be behind the platform's without the newest ticks being left out."""


class _PageOverdue(Message, frozen=True, kw_only=True):
    index: int


Inbox = GetCandles | GetTicks | PeriodReported | AssetsChanged | SessionLost | ServerTimeMeasured | _PageOverdue


class _Task:
    """A query, its download, and the pages that are awaited, by their index."""

    def __init__(self, query: GetCandles | GetTicks, download: Download, expires: float) -> None:
        self.query = query
        self.download = download
        self.expires = expires
        """When its asker gives up, on the monotonic clock."""
        self.pages: dict[int, Page] = {}
        self.incarnation = Incarnation(0)
        """The connection its latest pages were asked for on."""

    @property
    def period_seconds(self) -> int:
        return self.query.period_seconds if isinstance(self.query, GetCandles) else 0

    @property
    def what(self) -> str:
        if isinstance(self.query, GetTicks):
            return f"Ticks of {self.query.symbol} (is there such an asset?)"
        return f"Candles of {self.query.symbol} over {self.period_seconds} s (is there such an asset and period?)"

    def reply(self) -> Candles | Ticks:
        """The answer, as far as it has come."""
        query, download = self.query, self.download
        if isinstance(query, GetTicks):
            ticks = download.ticks()
            return Ticks(request_id=query.request_id, symbol=query.symbol, ticks=ticks, since=download.since)
        candles = download.candles()
        return Candles(request_id=query.request_id, symbol=query.symbol, candles=candles, since=download.since)


class GetCandlesMemory:
    """What outlives a crash: the downloads, by the index of each page, the assets there are, the server's offset."""

    def __init__(self) -> None:
        self.tasks: dict[int, _Task] = {}
        self.known: frozenset[Symbol] | None = None
        self.offset_seconds = USUAL_OFFSET_SECONDS


class GetCandlesActor(Actor[Inbox]):
    """Fetches candles and ticks."""

    listens: ClassVar = (PeriodReported, AssetsChanged, SessionLost, ServerTimeMeasured)

    def __init__(self, context: Context, memory: GetCandlesMemory) -> None:
        super().__init__(context)
        self._memory = memory
        self._tasks = memory.tasks

    def on_start(self) -> None:
        """Take up the deadlines again that the incarnation before left behind."""
        for index in self._tasks:
            self._await_page(index)

    def on_receive(self, message: Inbox) -> None:
        """Handle one message."""
        match message:
            case GetCandles():
                self._on_get_candles(message)
            case GetTicks():
                self._on_get_ticks(message)
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
        now = self.context.clock.now()
        end = now if query.end is None else min(query.end, now)
        since = -inf if query.since is None else query.since
        is_bounded = (query.count is not None or query.since is not None) and (query.count is None or query.count >= 1)
        if is_bounded and 1 <= query.period_seconds <= LONGEST_PERIOD_SECONDS and end >= 0 and since < end:
            self._begin(query, Download(query.period_seconds, end, since, query.count))
        else:
            problem = "There are no such candles: ask for 1 or more, of 1 s to 31 days each, with an end after 1970."
            self.context.fail(query, UsageError(problem))

    def _on_get_ticks(self, query: GetTicks) -> None:
        latest = self.context.clock.now() + CLOCK_SECONDS
        end = latest if query.end is None else min(query.end, latest)
        if 0 < end - query.since <= LONGEST_TICKS_SECONDS + CLOCK_SECONDS:
            self._begin(query, Download(0, end, query.since))
        else:
            self.context.fail(query, UsageError("There are no such ticks: ask for those of the last 7 days at most."))

    def _begin(self, query: GetCandles | GetTicks, download: Download) -> None:
        known = self._memory.known
        if known is not None and query.symbol not in known:
            self.context.fail(query, UnknownAsset(query.symbol, similar(query.symbol, known)))
            return
        within = inf if query.within_seconds is None else query.within_seconds
        self._ask(_Task(query, download, self.context.clock.monotonic() + within))

    def _ask(self, task: _Task) -> None:
        """Ask for the next pages."""
        task.incarnation = self.context.session.incarnation
        for page in task.download.next_pages(self.context.clock.now()):
            index = self.context.system.new_id()
            self._tasks[index], task.pages[index] = task, page
            if not self.context.send(self._request(task.query.symbol, index, page, task.period_seconds)):
                self._fail(task, NotConnected(self.context.session.state.value))
                return
            self._await_page(index)

    def _request(self, symbol: Symbol, index: int, page: Page, period_seconds: int) -> str:
        # In seconds, as browsers give it; taken for a number of candles it is more than is needed, and no harm.
        lookback = ceil(page.lookback_seconds)
        # Candles begin at whole seconds; of the ticks of a second that a page has cut through all are asked for again.
        end = page.end + self._memory.offset_seconds
        server_end = ceil(end) if period_seconds else floor(end) + 1
        return load_history_period(symbol, index, server_end, lookback, period_seconds)

    def _on_period_reported(self, event: PeriodReported) -> None:
        task = self._tasks.pop(event.index, None)
        if task is None:
            return  # nobody asked, or nobody waits any more
        task.download.take(task.pages.pop(event.index), event.ticks, event.candles)
        if not self._is_awaited(task):
            self._forget(task)
        elif task.download.is_finished:
            self._forget(task)
            self.context.reply(task.query, task.reply())
        elif not task.pages:
            self._ask(task)

    def _is_awaited(self, task: _Task) -> bool:
        is_there = self.context.system.directory.get(task.query.reply_to) is not None
        return is_there and self.context.clock.monotonic() <= task.expires

    def _on_session_lost(self, event: SessionLost) -> None:
        lost = [task for task in self._tasks.values() if task.incarnation <= event.incarnation]
        for task in dict.fromkeys(lost):
            self._fail(task, event.error)

    def _on_page_overdue(self, overdue: _PageOverdue) -> None:
        task = self._tasks.get(overdue.index)
        if task is not None:
            self._fail(task, DeadlineExceeded(task.what, PAGE_SECONDS))

    def _fail(self, task: _Task, error: BusError) -> None:
        self._forget(task)
        self.context.fail(task.query, error)

    def _forget(self, task: _Task) -> None:
        """Its pages may come, and are nobody's."""
        for index in task.pages:
            del self._tasks[index]
        task.pages.clear()

    def _await_page(self, index: int) -> None:
        self.context.after(PAGE_SECONDS, _PageOverdue(index=index))

"""One run of a moved strategy: its handlers, its market, and what is known of it; it outlives a crash of its actors.

Decides which market the strategy trades on, and what becomes of a handler that raises. Does not know when a handler is
to be called (``optionbus.compat.strategies.bot_actors``).
"""

from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from functools import partial

from optionbus.compat.strategies.context import PyContext
from optionbus.compat.strategies.handlers import Handlers
from optionbus.compat.strategies.platform_desk import PlatformDesk
from optionbus.compat.strategies.strategy import PyStrategy
from optionbus.compat.strategies.virtual_market import PyVirtualMarket


class Run:
    """One run. ``offset_seconds``: how far the platform's clock is ahead; ``takes_turns``: time is virtual."""

    def __init__(
        self,
        strategy: PyStrategy,
        market: PyVirtualMarket | None,
        *,
        interval_seconds: float,
        offset_seconds: float,
        uid: int,
        takes_turns: bool,
    ) -> None:
        self.market = market
        self.interval_seconds = interval_seconds
        self.offset_seconds = offset_seconds
        self.uid = uid
        self.handlers = Handlers(takes_turns=takes_turns)
        self.platform = PlatformDesk(self.handlers)
        self.over: Future[None] = Future()
        self.has_begun = False
        self.told_balance: float | None = None
        self._strategy = strategy
        self._context = PyContext(market or self.platform)

    def call(self, name: str, *arguments: object, failed: Callable[[Exception], None]) -> None:
        """Have a handler called after those before it; ``failed`` is called on the handlers' thread."""
        self.handlers.call(partial(self._call, name, arguments, failed))

    def end(self, error: Exception | None = None) -> None:
        """It is over; the first time counts."""
        with suppress(InvalidStateError):
            if error is None:
                self.over.set_result(None)
            else:
                self.over.set_exception(error)

    def _call(self, name: str, arguments: tuple[object, ...], failed: Callable[[Exception], None]) -> None:
        try:
            getattr(self._strategy, name)(self._context, *arguments)
        except Exception as error:  # noqa: BLE001 - the user's code; reported
            failed(error)

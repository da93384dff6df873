"""The bot of BinaryOptionsToolsV2: a client, a strategy and its assets, run together.

Decides when a run begins and ends. What is called in it is ``optionbus.compat.strategies.bot_actors``'s.
"""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from itertools import count
from typing import Final
from weakref import WeakKeyDictionary

from actors.stepped import SteppedRuntime
from messages.base import AddressName
from messages.errors import BusError
from messages.supervision import StartChild, StopChild
from optionbus.client import PocketOption as Client
from optionbus.compat.errors import InvalidParameterError, answer
from optionbus.compat.pocketoption.asynchronous import PocketOptionAsync
from optionbus.compat.pocketoption.synchronous import PocketOption
from optionbus.compat.strategies.bot_actors import BotActor, Caller, FeedActor
from optionbus.compat.strategies.run import Run
from optionbus.compat.strategies.strategy import PyStrategy
from optionbus.compat.strategies.virtual_market import PyVirtualMarket

SUPERVISOR: Final = "Supervisor"
INTERVAL_SECONDS: Final = 5.0
"""How often the balance is looked at, unless it is said otherwise."""

_AT_ONCE_SECONDS: Final = 1.0
"""How far virtual time goes before other tasks of the loop have their turn."""

_NUMBERS: Final[WeakKeyDictionary[Client, Iterator[int]]] = WeakKeyDictionary()
"""For each client, the number of its next bot."""


class PyBot:
    """Runs a strategy.

    Args:
        client: ``.client`` of a PocketOptionAsync, or any client of this project.
        strategy: whose handlers are called.
        virtual_market: where it trades; None: where the client does.
    """

    def __init__(
        self,
        client: Client | PocketOptionAsync | PocketOption,
        strategy: PyStrategy,
        virtual_market: PyVirtualMarket | None = None,
    ) -> None:
        self._client = _own(client)
        if not isinstance(strategy, PyStrategy):
            raise TypeError(f"{strategy!r} is not an instance of PyStrategy")
        if not isinstance(virtual_market, PyVirtualMarket | None):
            raise TypeError(f"{virtual_market!r} is not an instance of PyVirtualMarket")
        self._strategy = strategy
        self._market = virtual_market
        self._interval_seconds = INTERVAL_SECONDS
        self._feeds: list[tuple[str, int]] = []
        self._has_run = False

    def with_update_interval(self, millis: int) -> None:
        """Say how often the balance is looked at. Raises RuntimeError once it runs."""
        self._refuse_when_run()
        if millis < 1:
            raise InvalidParameterError(f"{millis} ms is no interval: give 1 or more.")
        self._interval_seconds = millis / 1000

    def add_asset(self, asset: str, period: int) -> None:
        """Have the strategy told of an asset's candles of so many seconds. Raises RuntimeError once it runs."""
        self._refuse_when_run()
        if period < 1:
            raise InvalidParameterError(f"{period} s is no period: give 1 or more.")
        self._feeds.append((asset, period))

    async def run(self) -> None:
        """Run until it is cancelled or the client is stopped; a bot runs once.

        Raises:
            PocketOptionError: ``on_start`` has raised; the cause is what it raised.
            RuntimeError: it was run before.
        """
        self._refuse_when_run()
        self._has_run = True
        run = await self._prepared()
        names: list[AddressName] = []
        try:
            await self._start(run, names)
            await self._until_over(run)
        finally:
            for name in reversed(names):
                with suppress(BusError):  # the client may be gone
                    self._client.ask(SUPERVISOR, StopChild(name=name))
            run.handlers.close()

    async def _prepared(self) -> Run:
        runtime = _runtime(self._client)
        if runtime is not None and self._market is not None:
            self._market.now = runtime.clock.now
        return Run(
            self._strategy,
            self._market,
            interval_seconds=self._interval_seconds,
            offset_seconds=(await answer(self._client.server_time)).offset_seconds,
            uid=getattr(self._client, "uid", 0),
            takes_turns=runtime is not None,
        )

    async def _start(self, run: Run, names: list[AddressName]) -> None:
        """The bot first: ``on_start`` comes before any candle."""
        feeds = [FeedActor.configured(assets=[asset], period_seconds=period) for asset, period in self._feeds]
        bot = f"PyBot-{next(_NUMBERS.setdefault(self._client, count(1)))}"
        kinds: list[type[Caller]] = [BotActor, *feeds]
        for number, kind in enumerate(kinds):
            name = AddressName(f"{bot}-{number}" if number else bot)
            names.append(name)
            await answer(self._client.ask, SUPERVISOR, StartChild(name=name, factory=partial(kind, run=run)))

    async def _until_over(self, run: Run) -> None:
        runtime = _runtime(self._client)
        if runtime is None:
            await asyncio.wrap_future(run.over)
            return
        while not run.over.done():  # nobody else may move its clock
            runtime.advance(_AT_ONCE_SECONDS)
            await asyncio.sleep(0)
        run.over.result()

    def _refuse_when_run(self) -> None:
        if self._has_run:
            raise RuntimeError("Bot already running or consumed; make another one.")


def _own(client: object) -> Client:
    """The client of this project that is behind it."""
    if isinstance(client, PocketOption):
        client = client.client
    if isinstance(client, PocketOptionAsync):
        client = client.client
    if not isinstance(client, Client):
        raise TypeError(f"{client!r} is no client: give PyBot the .client of a PocketOptionAsync.")
    return client


def _runtime(client: Client) -> SteppedRuntime | None:
    """The runtime where time is virtual."""
    simulation = client.simulation
    runtime = None if simulation is None else simulation.runtime
    return runtime if isinstance(runtime, SteppedRuntime) else None

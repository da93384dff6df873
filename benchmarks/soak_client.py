"""The client that soaks: what it is given to do, how often, and what of it went wrong.

Theory of operation. One thread has a list of jobs, each with a period, and does whichever is due: orders, candles,
streams that are opened and closed, looks at health and statistics, resets. Each job ends before the next begins, so
that a sample sees the client between two of them; only the results of deals are waited for meanwhile, over resets too.
A thread for each asset reads what streams. An order is never out when the connection is reset: what becomes of one that
is belongs to ``tests.faults`` and ``tests.kill_cycles``; here it would only take luck to fail.

What the client keeps by design is bounded by the latest thousand orders. So the first half of the warm-up places more
than twice as many, quickly, and on a connection that holds; or else that they fill up would be taken for a leak that
lasts hours. Resets begin in the second half.

Decides the load. Does not know what is good enough (``benchmarks.soak_verdict``).
"""

import heapq
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from queue import Empty
from threading import Thread
from typing import Final

from msgspec import Struct

from actors.future import Future
from benchmarks.soak_gauges import Record, look
from messages.errors import BusError, SystemFailed
from messages.market import Tick, TimeAligned
from messages.session import SessionState
from messages.trading import DealResult
from optionbus import Config, PocketOption
from optionbus.simulated import SSID
from supervisor.settings import JournalSettings, ReconnectSettings, SubscriptionSettings

PATIENCE_SECONDS: Final = 60.0
"""What takes longer has failed."""
ASSETS: Final = ("EURUSD_otc", "GBPUSD_otc", "AUDUSD_otc")
"""Stream all the time, about three ticks a second each."""
VISITOR: Final = "USDJPY_otc"
"""Is opened and closed."""
DEAL_SECONDS: Final = 5
LEAK: Final = 10
"""What the control keeps of each tick: so many lists and one more."""
FILL: Final = 2_500
COUNTED: Final = ("fill", "reset")
"""Of these jobs the number counts: what was late is made up for."""
MOST_KINDS: Final = 50
"""So many different failures are told apart."""


class Plan(Struct, frozen=True, kw_only=True):
    """How long, warm-up included, and how much of what; the warm-up begins with ``fill`` orders."""

    seconds: float
    warm_up_seconds: float
    reconnects: int
    fill: int = FILL
    leaks: bool = False
    sample_seconds: float = 5.0
    order_seconds: float = 20.0
    candle_seconds: float = 30.0
    stream_seconds: float = 15.0
    look_seconds: float = 10.0

    @property
    def hours(self) -> float:
        """After the warm-up."""
        return (self.seconds - self.warm_up_seconds) / 3600


class Tally:
    """What was done, and what failed."""

    def __init__(self) -> None:
        self.done: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()

    def fail(self, what: str, error: Exception) -> None:
        """Count one; texts of many numbers are not all kept."""
        text = f"{what}: {type(error).__name__}: {error}"
        self.failed[text if text in self.failed or len(self.failed) < MOST_KINDS else f"{what}: others"] += 1


class SoakingClient:
    """Does what the plan says with a client that is READY."""

    def __init__(self, client: PocketOption, plan: Plan, reset: Callable[[], object], began: float) -> None:
        self._client = client
        self._plan = plan
        self._reset = reset
        self._began = began
        self._states = client.states()
        self._results: list[Future[DealResult]] = []
        self._leak: list[list[list[Tick]]] = []
        self._stake = 0
        self._ticked = dict.fromkeys(ASSETS, began)
        self._silent = dict.fromkeys(ASSETS, 0.0)
        self.tally = Tally()
        self.record = Record(int(plan.seconds / plan.sample_seconds) + 10)

    @property
    def hours(self) -> float:
        """Since it began."""
        return (time.monotonic() - self._began) / 3600

    @property
    def logins(self) -> int:
        """How often it has logged in."""
        return self._client.statistics().successes

    def silent_seconds(self) -> dict[str, float]:
        """The longest time without a tick of each asset, the present one included."""
        now = time.monotonic()
        return {asset: max(self._silent[asset], now - self._ticked[asset]) for asset in ASSETS}

    def run(self, tell: Callable[["SoakingClient"], object]) -> None:
        """Until the time is over; ``tell`` hears of each sample."""
        for asset in ASSETS:
            stream = self._client.subscribe(asset)
            stream.confirmed.get(timeout=PATIENCE_SECONDS)
            Thread(target=self._read, args=(asset, stream), name=f"Reads {asset}", daemon=True).start()
        due = self._agenda()
        while due and due[0][0] < self._plan.seconds:
            moment, name, period, until = heapq.heappop(due)
            self._sleep_until(moment)
            self._do(name)
            if name == "sample":
                tell(self)
            following = moment + period
            if name not in COUNTED:  # what was late is not made up for
                following = max(following, time.monotonic() - self._began)
            if following < until:
                heapq.heappush(due, (following, name, period, until))
        self._sleep_until(self._plan.seconds)

    def finish(self) -> None:
        """Wait for the last results, and look once more."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        for result in self._results:
            self._try("result", partial(result.get, timeout=max(0.1, deadline - time.monotonic())))
        self._results.clear()
        self._do("sample")

    def _agenda(self) -> list[tuple[float, str, float, float]]:
        plan, end, begin = self._plan, self._plan.seconds, self._plan.warm_up_seconds / 2
        jobs = [
            (0.0, "sample", plan.sample_seconds, end),
            (1.0, "order", plan.order_seconds, end - DEAL_SECONDS),
            (1.5, "candles", plan.candle_seconds, end),
            (2.0, "stream", plan.stream_seconds, end),
            (2.5, "look", plan.look_seconds, end),
        ]
        if plan.reconnects:
            step = (end - begin) / (plan.reconnects + 1)
            jobs.append((begin + step, "reset", step, begin + step * (plan.reconnects + 0.5)))
        if plan.fill:
            jobs.append((0.0, "fill", begin / plan.fill, begin))
        heapq.heapify(jobs)
        return jobs

    def _sleep_until(self, moment: float) -> None:
        time.sleep(max(0.0, self._began + moment - time.monotonic()))

    def _do(self, name: str) -> None:
        jobs: dict[str, Callable[[], object]] = {
            "sample": self._sample,
            "order": self._order,
            "fill": self._order,
            "candles": self._candles,
            "stream": self._visit,
            "look": self._look,
            "reset": self._reconnect,
        }
        self._try(name, jobs[name])

    def _try(self, name: str, job: Callable[[], object]) -> None:
        try:
            job()
        except (BusError, OSError, LookupError, StopIteration, Empty) as error:
            self.tally.fail(name, error)
        else:
            self.tally.done[name] += 1

    def _sample(self) -> None:
        self._collect_results()
        self.record.add(self.hours, look(self._client.health()))

    def _order(self) -> None:
        self._stake = self._stake % 50 + 1
        asset = ASSETS[self._stake % len(ASSETS)]
        trade = self._client.buy if self._stake % 2 else self._client.sell
        deal = trade(asset, self._stake, DEAL_SECONDS, allow_duplicate=True).get(timeout=PATIENCE_SECONDS)
        self._results.append(self._client.result(deal.id))

    def _collect_results(self) -> None:
        ended = [result for result in self._results if result.done]
        self._results = [result for result in self._results if not result.done]
        for result in ended:
            self._try("result", result.get)

    def _candles(self) -> None:
        if not self._client.candles(ASSETS[0], 60, count=100).get(timeout=PATIENCE_SECONDS):
            raise LookupError("there are no candles")

    def _visit(self) -> None:
        for stream in (self._client.subscribe(VISITOR), self._client.subscribe(VISITOR, TimeAligned(1))):
            stream.confirmed.get(timeout=PATIENCE_SECONDS)
            stream.get(timeout=PATIENCE_SECONDS)
            stream.close()

    def _look(self) -> None:
        self._client.health()
        self._client.statistics()
        self._client.balance().get(timeout=PATIENCE_SECONDS)

    def _reconnect(self) -> None:
        self._reset()
        while self._states.get(timeout=PATIENCE_SECONDS).state is not SessionState.READY:
            pass

    def _read(self, asset: str, stream: Iterable[Tick]) -> None:
        with suppress(SystemFailed):  # the client has ended
            for tick in stream:
                self.tally.done[f"tick of {asset}"] += 1  # a key for each thread
                now = time.monotonic()
                self._silent[asset] = max(self._silent[asset], now - self._ticked[asset])
                self._ticked[asset] = now
                if self._plan.leaks:
                    self._leak.append([[tick] for _ in range(LEAK)])


@contextmanager
def soaking(url: str, plan: Plan, reset: Callable[[], object], folder: str) -> Iterator[SoakingClient]:
    """A client that is READY, whose orders are on disk in that folder."""
    config = Config(
        reconnect=ReconnectSettings(base_seconds=0.001, maximum_seconds=0.001),
        subscriptions=SubscriptionSettings(limit=len(ASSETS) + 1),
        journal=JournalSettings(folder=folder),
    )
    with PocketOption(SSID.reveal(), url=url, config=config) as client:
        client.wait_ready(timeout=PATIENCE_SECONDS)
        client.wait_for_assets(timeout=PATIENCE_SECONDS)
        yield SoakingClient(client, plan, reset, time.monotonic())

"""Every call that can wait, against a broker that says nothing any more: it has to end in time, and not before.

Decides which calls there are: all of the client's, its streams', handlers' and futures' that have a parameter
``timeout`` or give a future; one that is neither tried here nor known to need no answer of the platform is a reading of
its own. Those without a timeout of their own have the configured one, which a second client has set to be short. Does
not know in what each ends, only that it is an error of this package, or the end of an iterator.
"""

import inspect
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotInTime
from contextlib import suppress
from random import Random
from typing import Any, Final, get_origin
from unittest.mock import patch

from actors.future import Future
from messages.errors import BusError
from messages.market import GetCandles, Symbol
from messages.trading import PendingOrder, PendingTrigger
from optionbus import Config, LiveCandles, PocketOption, RawHandler, Subscription, Validator
from optionbus.simulated import SSID
from optionbus.stream import Stream
from supervisor.settings import RequestSettings
from tests.faults.client import proxied, ready_client
from tests.faults.figure import Control, Figure, Reading, exactly, milliseconds
from tests.faults.programs import PATIENCE_SECONDS

OVERRUN_MS: Final = 100.0
SECONDS: Final = (0.1, 0.4)
EARLY_SECONDS: Final = 0.005
"""Timers may be early by as little."""
BRIEF_SECONDS: Final = 0.3
BRIEF: Final = RequestSettings(timeout_seconds=BRIEF_SECONDS, order_timeout_seconds=BRIEF_SECONDS)
END: Final = "calls that end in an error of ours"
EURO, POUND, YEN = (Symbol(name) for name in ("EURUSD_otc", "GBPUSD_otc", "USDJPY_otc"))
AGAIN: Final[dict[str, Any]] = {"allow_duplicate": True}
NEVER: Final = Validator.contains("never said")
OWNERS: Final = (PocketOption, RawHandler, Subscription, Stream, Future, LiveCandles)


class World:
    """Two clients that had been READY when the broker fell silent, one that never was, and what they hold."""

    def __init__(self, client: PocketOption, brief: PocketOption, stranger: PocketOption) -> None:
        self.client = client
        self.brief = brief
        self.stranger = stranger
        self.subscription = client.subscribe(EURO)
        self.subscription.confirmed.get(timeout=PATIENCE_SECONDS)
        self.deal = client.buy(EURO, 1, 60).get(timeout=PATIENCE_SECONDS)
        self.handler = client.raw_handler(NEVER)
        self.states = client.states()
        self.ticket = _open(brief, YEN).get(timeout=PATIENCE_SECONDS).ticket
        self.chart = client.live_candles(POUND, 3600, 0)

    def drain(self) -> None:
        """Read what came before the silence."""
        for source in (self.subscription, self.chart):
            with suppress(BusError):
                while True:
                    source.get(timeout=0.5)


Call = Callable[[World, float], object]
CALLS: Final[dict[str, Call]] = {
    "PocketOption.ready": lambda world, seconds: world.stranger.ready(seconds).get(),
    "PocketOption.wait_ready": lambda world, seconds: world.stranger.wait_ready(seconds),
    "PocketOption.assets_loaded": lambda world, seconds: world.stranger.assets_loaded(seconds).get(),
    "PocketOption.wait_for_assets": lambda world, seconds: world.stranger.wait_for_assets(seconds),
    "PocketOption.disconnected": lambda world, seconds: world.client.disconnected(seconds).get(),
    "PocketOption.wait_disconnected": lambda world, seconds: world.client.wait_disconnected(seconds),
    "PocketOption.logs": lambda world, seconds: next(world.client.logs("CRITICAL", timeout=seconds)),
    "PocketOption.ask": lambda world, seconds: world.client.ask("GetCandles", _query(), seconds).get(),
    "PocketOption.candles": lambda world, seconds: world.client.candles(EURO, 60, 100, timeout=seconds).get(),
    "PocketOption.buy": lambda world, seconds: world.client.buy(POUND, 1, 60, **AGAIN, timeout=seconds).get(),
    "PocketOption.sell": lambda world, seconds: world.client.sell(YEN, 1, 60, **AGAIN, timeout=seconds).get(),
    "PocketOption.trade": lambda world, seconds: world.client.trade(
        EURO, "call", 2, 60, **AGAIN, timeout=seconds
    ).get(),
    "PocketOption.result": lambda world, seconds: world.client.result(world.deal.id, timeout=seconds).get(),
    "PocketOption.raw_order": lambda world, seconds: world.client.raw_order("42[1]", NEVER, timeout=seconds).get(),
    "PocketOption.raw_iterator": lambda world, seconds: next(
        world.client.raw_iterator("42[1]", NEVER, timeout=seconds)
    ),
    "RawHandler.send_and_wait": lambda world, seconds: world.handler.send_and_wait("42[1]", timeout=seconds).get(),
    "RawHandler.wait_next": lambda world, seconds: world.handler.wait_next(timeout=seconds).get(),
    "RawHandler.get": lambda world, seconds: world.handler.get(timeout=seconds),
    "Subscription.get": lambda world, seconds: world.subscription.get(timeout=seconds),
    "Stream.get": lambda world, seconds: world.states.get(timeout=seconds),
    "LiveCandles.get": lambda world, seconds: world.chart.get(timeout=seconds),
    "Future.get": lambda world, seconds: world.client.candles(EURO, 60, 100).get(timeout=seconds),
}


ASKING: Final[dict[str, Callable[[World], Future[Any]]]] = {
    "PocketOption.assets": lambda world: world.stranger.assets(),
    "PocketOption.active_assets": lambda world: world.stranger.active_assets(),
    "PocketOption.balance": lambda world: world.stranger.balance(),
    "PocketOption.payout": lambda world: world.stranger.payout(EURO),
    "PocketOption.validate_asset": lambda world: world.stranger.validate_asset(EURO, 60),
    "PocketOption.history": lambda world: world.brief.history(EURO, 60),
    "PocketOption.candles_at": lambda world: world.brief.candles_at(EURO, 60, 600, time.time()),
    "PocketOption.compile_candles": lambda world: world.brief.compile_candles(EURO, 60, 600),
    "PocketOption.ticks": lambda world: world.brief.ticks(EURO, 600),
    "PocketOption.open_pending_order": lambda world: _open(world.brief, EURO),
    "PocketOption.cancel_pending_order": lambda world: world.brief.cancel_pending_order(world.ticket),
    "PocketOption.cancel_pending_orders": lambda world: world.brief.cancel_pending_orders([world.ticket]),
}
"""Those that have the configured deadline."""
NEED_NO_ANSWER: Final = {
    *(f"RawHandler.{name}" for name in ("send", "send_binary", "send_text")),
    *(
        f"PocketOption.{name}"
        for name in (
            *("clear_closed_deals", "closed_deal", "closed_deals", "deal_end_time", "opened_deal", "opened_deals"),
            *("orders", "pending_order", "pending_orders", "set_trading_mode", "settle_order", "trading_mode"),
            *("connect", "disconnect", "disconnect_and_hold", "reconnect", "shutdown"),
            *("send_raw", "server_time", "subscriptions"),
        )
    ),
}
"""What the client does, or knows, by itself."""


def _open(client: PocketOption, asset: Symbol) -> Future[PendingOrder]:
    return client.open_pending_order(
        PendingTrigger.PRICE,
        1,
        asset,
        open_price=9.0,
        timeframe=60,
        min_payout=0,
        command="call",
        allow_duplicate=True,
    )


def _query() -> GetCandles:
    return GetCandles(symbol=EURO, period_seconds=60, count=10)


def waiting(owners: Iterable[type[Any]]) -> set[str]:
    """The public calls that may wait for an answer of the platform."""
    return {
        f"{owner.__name__}.{name}"
        for owner in owners
        for name, call in inspect.getmembers(owner, inspect.isfunction)
        if not name.startswith("_") and _can_wait(inspect.signature(call))
    } - NEED_NO_ANSWER


def _can_wait(signature: inspect.Signature) -> bool:
    return "timeout" in signature.parameters or get_origin(signature.return_annotation) is Future


def measure(is_full: bool) -> Sequence[Reading]:  # noqa: FBT001 - every figure's
    """Each of them so often, with timeouts of any length."""
    return _measure(50 if is_full else 2, PATIENCE_SECONDS)


def control(_is_full: bool) -> Sequence[Reading]:  # noqa: FBT001
    """A client whose futures have no deadline of their own."""
    with patch.object(Future, "expire", lambda _future: None):
        return _measure(1, 1.0)


def _measure(rounds: int, patience: float) -> Sequence[Reading]:
    random = Random(1)
    tries = [(call, random.uniform(*SECONDS)) for _ in range(rounds) for call in CALLS.values()]
    tries += [(_configured(call), BRIEF_SECONDS) for _ in range(rounds) for call in ASKING.values()]
    overruns: list[float] = []
    with (
        ThreadPoolExecutor(4) as pool,
        proxied() as (broker, _, url),
        ready_client(url) as (client, _),
        ready_client(url, requests=BRIEF) as (brief, _),
    ):
        with _stranger() as stranger:
            world = World(client, brief, stranger)
            broker.ask("silence")
            world.drain()
            futures = [pool.submit(_overrun, world, call, seconds) for call, seconds in tries]
            with suppress(NotInTime):
                overruns.extend(future.result(timeout=patience) for future in futures)
        pool.shutdown(wait=False, cancel_futures=True)
    return [
        exactly(END, len(overruns), len(tries)),
        exactly("calls that end before their time", sum(overrun < -EARLY_SECONDS for overrun in overruns), 0),
        exactly("calls that are not tried", len(waiting(OWNERS) ^ (CALLS.keys() | ASKING.keys())), 0),
        milliseconds("the longest overrun", max(overruns, default=patience), OVERRUN_MS),
    ]


def _configured(call: Callable[[World], Future[Any]]) -> Call:
    return lambda world, _seconds: call(world).get()


def _stranger() -> PocketOption:
    """A client that connects to where nobody listens."""
    ssid = SSID.reveal().replace('"uid":1', '"uid":2')
    return PocketOption(ssid, url="ws://127.0.0.1:9/", config=Config(requests=BRIEF))


def _overrun(world: World, call: Call, seconds: float) -> float:
    """How much later than it should (seconds). Raises what is neither an error of ours nor an end."""
    began = time.monotonic()
    try:
        call(world, seconds)
    except (BusError, StopIteration):
        return time.monotonic() - began - seconds
    raise AssertionError("it has had an answer")


FIGURE: Final = Figure(
    name="deadlines",
    what="every call that can wait, against a broker that has fallen silent",
    measure=measure,
    controls=(
        Control(
            broken="a client whose futures have no deadline of their own",
            measure=control,
            misses=END,
        ),
    ),
)

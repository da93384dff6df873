"""Covers optionbus.compat.strategies.bot and .bot_actors: strategies that were moved, at the simulated broker."""

import asyncio
import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from actors.stepped import SteppedRuntime
from messages.base import AddressName
from optionbus import PocketOption
from optionbus.compat import (
    Action,
    InvalidParameterError,
    PocketOptionError,
    PyBot,
    PyContext,
    PyStrategy,
    PyVirtualMarket,
    TradeNotFoundError,
    UninitializedError,
)
from optionbus.compat.strategies.questions import BalanceWanted
from tests.simulator.world import AHEAD

ASSET = "EURUSD_otc"
Heard = list[tuple[Any, ...]]


class Notes(PyStrategy):
    """Notes what it hears; what it does with the nth candle is up to the test."""

    def __init__(self, on_nth: Callable[["Notes", PyContext, int], object] = lambda *_: None) -> None:
        self.heard: Heard = []
        self.on_nth = on_nth

    def on_start(self, _ctx: PyContext) -> None:
        self.heard.append(("start",))

    def on_balance(self, _ctx: PyContext, balance: float) -> None:
        self.heard.append(("balance", balance))

    def on_candle(self, ctx: PyContext, asset: str, candle_json: str) -> None:
        self.heard.append(("candle", asset, json.loads(candle_json)))
        self.heard.append(("nth", self.on_nth(self, ctx, len(self.of("candle")))))

    def of(self, kind: str) -> Heard:
        return [entry for entry in self.heard if entry[0] == kind]

    @property
    def answers(self) -> list[Any]:
        return [entry[1] for entry in self.of("nth") if entry[1] is not None]


def play(
    strategy: PyStrategy,
    *,
    seconds: float = 400,
    seed: int = 7,
    feeds: tuple[tuple[str, int], ...] = ((ASSET, 60),),
    market: PyVirtualMarket | None = None,
    during: Callable[[PocketOption], None] = lambda _client: None,
) -> list[str]:
    """Let it run for so long; gives what was logged as an error."""
    lines: list[str] = []

    async def main() -> None:
        runtime = SteppedRuntime(seed)
        with PocketOption.simulated(seed=seed, runtime=runtime) as client:
            logged = client.logs("ERROR")
            client.wait_ready(timeout=10)
            bot = PyBot(client, strategy, market)
            for asset, period in feeds:
                bot.add_asset(asset, period)
            running = asyncio.ensure_future(bot.run())
            end = runtime.clock.monotonic() + seconds
            while runtime.clock.monotonic() < end and not running.done():  # noqa: ASYNC110 - the bot moves the clock
                await asyncio.sleep(0)
            during(client)
            running.cancel()
            try:
                await running
            except asyncio.CancelledError:
                runtime.advance(2)
            logged.close()
            lines.extend(record.text for record in logged)
            assert not [each for each in client.health() if each.name.startswith("PyBot")]

    asyncio.run(main())
    return lines


def trade(notes: Notes, ctx: PyContext, _nth: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(notes.trade(ctx, ASSET, 10.0, 30, Action.Put)[1])
    return found


def test_it_hears_of_the_start_the_balance_and_each_candle_in_turn() -> None:
    notes = Notes()

    play(notes)

    assert notes.heard[:2] == [("start",), ("balance", 50_000.0)]
    times = [candle["timestamp"] for _kind, _asset, candle in notes.of("candle")]
    assert times == [times[0] + 60 * number for number in range(len(times))]
    assert len(times) in {5, 6}


def test_a_candle_looks_as_those_of_the_clients_do() -> None:
    notes = Notes()

    play(notes)

    _kind, asset, candle = notes.of("candle")[0]
    assert asset == candle["symbol"] == ASSET
    assert list(candle) == ["symbol", "timestamp", "open", "high", "low", "close", "volume", "is_closed"]
    assert float(candle["low"]) <= float(candle["close"]) <= float(candle["high"])
    assert candle["timestamp"] - 1_700_000_000 == pytest.approx(AHEAD, abs=60)
    assert candle["is_closed"] is False


def test_an_order_is_waited_for_and_so_is_its_result() -> None:
    def go(notes: Notes, ctx: PyContext, nth: int) -> object:
        if nth > 1:
            return None
        deal = trade(notes, ctx, nth)
        return deal, json.loads(notes.result(ctx, deal["id"]))

    notes = Notes(go)
    play(notes)

    ((deal, result),) = notes.answers
    assert (deal["asset"], deal["command"], deal["amount"], deal["closePrice"]) == (ASSET, 1, "10", "0")
    assert result["id"] == deal["id"]
    assert result["profit"] in {"9.2", "-10", "0"}
    assert float(result["closePrice"]) > 0


def test_what_came_while_a_handler_waited_comes_after_it() -> None:
    def go(notes: Notes, ctx: PyContext, nth: int) -> object:
        deal_id = notes.trade(ctx, ASSET, 10.0, 150, Action.Call)[0]
        notes.heard.append(("waits", nth))
        notes.result(ctx, deal_id)
        return "waited"

    notes = Notes(go)
    play(notes)

    kinds = [entry[0] for entry in notes.heard if entry[0] != "balance"]
    assert kinds[:8] == ["start", "candle", "waits", "nth", "candle", "waits", "nth", "candle"]
    times = [candle["timestamp"] for _kind, _asset, candle in notes.of("candle")]
    assert times[1] - times[0] == 60


def test_the_context_is_awaited_in_a_loop_of_the_handlers_own() -> None:
    async def both(ctx: PyContext) -> object:
        first, second = await asyncio.gather(ctx.buy(ASSET, 5.0, 60), ctx.buy(ASSET, 6.0, 60))
        return first, second, await ctx.balance()

    notes = Notes(lambda _notes, ctx, nth: asyncio.run(both(ctx)) if nth == 1 else None)
    play(notes)

    ((first, second, balance),) = notes.answers
    assert [json.loads(deal)["amount"] for _id, deal in (first, second)] == ["5", "6"]
    assert json.loads(first[1])["command"] == 0
    assert balance < 50_000


def test_the_balance_is_told_when_it_has_changed() -> None:
    notes = Notes(lambda notes, ctx, nth: trade(notes, ctx, nth) if nth == 1 else None)
    play(notes)

    told = [balance for _kind, balance in notes.of("balance")]
    assert told in ([50_000, 49_990, 50_009.2], [50_000, 49_990], [50_000, 49_990, 50_000])


def test_a_seed_gives_the_same_run_each_time() -> None:
    once, again, other = Notes(trade), Notes(trade), Notes(trade)
    play(once)
    play(again)
    play(other, seed=8)

    assert once.heard == again.heard
    assert once.heard != other.heard


def test_several_assets_each_have_a_period_of_their_own() -> None:
    notes = Notes()

    play(notes, feeds=((ASSET, 60), ("USDJPY_otc", 30)))

    heard = [asset for _kind, asset, _candle in notes.of("candle")]
    assert heard.count("USDJPY_otc") >= 2 * heard.count(ASSET) - 1 > 5


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda notes, ctx: notes.trade(ctx, "NOPE", 1.0, 60, Action.Call), PocketOptionError),
        (lambda notes, ctx: notes.trade(ctx, ASSET, -1.0, 60, Action.Call), InvalidParameterError),
        (lambda notes, ctx: notes.trade(ctx, ASSET, 0.5, 60, Action.Call), PocketOptionError),
        (lambda notes, ctx: notes.trade(ctx, ASSET, 1.0, 0, Action.Call), InvalidParameterError),
        (lambda notes, ctx: notes.trade(ctx, ASSET, 1e6, 60, Action.Call), PocketOptionError),
        (lambda notes, ctx: notes.result(ctx, "7"), TradeNotFoundError),
        (lambda notes, ctx: notes.trade(ctx, 7, 1.0, 60, Action.Call), TypeError),
        (lambda notes, ctx: notes.trade(ctx, ASSET, "much", 60, Action.Call), TypeError),
        (lambda notes, ctx: notes.trade(ctx, ASSET, 1.0, 60.5, Action.Call), TypeError),
        (lambda notes, ctx: notes.result(ctx, 7), TypeError),
    ],
)
def test_what_cannot_be_is_an_error_that_a_handler_may_catch(
    call: Callable[[Notes, PyContext], object], error: type[Exception]
) -> None:
    def go(notes: Notes, ctx: PyContext, _nth: int) -> object:
        with pytest.raises(error):
            call(notes, ctx)
        return "caught"

    notes = Notes(go)
    lines = play(notes, seconds=130)

    assert notes.answers
    assert lines == []


def test_an_actor_that_crashes_is_replaced_and_the_handlers_go_on() -> None:
    notes, crashed = Notes(trade), BalanceWanted(answer=None)  # type: ignore[arg-type] # nobody can be answered

    def go(notes: Notes, ctx: PyContext, nth: int) -> object:
        if nth == 2:
            ctx.desk.tell(crashed)  # type: ignore[attr-defined]
        return trade(notes, ctx, nth)

    notes.on_nth = go
    lines = play(notes)

    assert "AttributeError" in "".join(lines)
    assert len(notes.of("candle")) > 4
    assert len(notes.of("nth")) >= len(notes.of("candle")) - 1


def test_a_handler_that_raises_is_a_line_in_the_log_and_the_next_is_called() -> None:
    notes = Notes(lambda _notes, _ctx, nth: 1 / (nth - 1))

    lines = play(notes)

    assert lines == ["on_candle failed: ZeroDivisionError: division by zero"]
    assert len(notes.of("candle")) > 3


def test_a_start_that_raises_ends_the_run() -> None:
    class Broken(PyStrategy):
        def on_start(self, _ctx: PyContext) -> None:
            raise KeyError("no such setting")

    with pytest.raises(PocketOptionError, match="on_start failed: KeyError: 'no such setting'") as caught:
        play(Broken())

    assert isinstance(caught.value.__cause__, KeyError)


def test_the_run_ends_with_the_client_and_nobody_waits_for_ever() -> None:
    ended: list[BaseException] = []

    def go(notes: Notes, ctx: PyContext, _nth: int) -> object:
        deal_id = notes.trade(ctx, ASSET, 10.0, 3600, Action.Call)[0]
        try:
            return notes.result(ctx, deal_id)
        except UninitializedError as error:
            ended.append(error)
            raise

    play(Notes(go))

    assert len(ended) == 1


def test_a_market_of_its_own_is_traded_on_in_the_place_of_the_platform() -> None:
    async def priced() -> PyVirtualMarket:
        market = PyVirtualMarket(1000.0)
        await market.update_price(ASSET, 1.5)
        return market

    notes = Notes(lambda notes, ctx, nth: trade(notes, ctx, nth) if nth == 1 else None)
    untouched: list[object] = []
    play(
        notes,
        market=asyncio.run(priced()),
        during=lambda client: untouched.extend([client.balance().get(), client.opened_deals().get()]),
    )

    assert [balance for _kind, balance in notes.of("balance")] == [1000, 990, 1000]
    assert notes.answers[0]["openPrice"] == "1.5"
    assert untouched == [50_000, ()]


def test_a_bot_runs_once_and_is_not_changed_then() -> None:
    async def main() -> None:
        with PocketOption.simulated(runtime=SteppedRuntime(1)) as client:
            client.wait_ready(timeout=10)
            bot = PyBot(client, PyStrategy())
            running = asyncio.ensure_future(bot.run())
            await asyncio.sleep(0)
            with pytest.raises(RuntimeError, match="consumed"):
                bot.add_asset(ASSET, 60)
            with pytest.raises(RuntimeError, match="consumed"):
                bot.with_update_interval(100)
            with pytest.raises(RuntimeError, match="already running"):
                await bot.run()
            running.cancel()

    asyncio.run(main())


def test_what_a_bot_is_not_made_of_is_refused() -> None:
    client = PocketOption.simulated(runtime=SteppedRuntime(1))

    with pytest.raises(TypeError, match=r"give PyBot the \.client"):
        PyBot(object(), PyStrategy())  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="PyStrategy"):
        PyBot(client, PyStrategy)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="PyVirtualMarket"):
        PyBot(client, PyStrategy(), 1000.0)  # type: ignore[arg-type]
    with pytest.raises(InvalidParameterError):
        PyBot(client, PyStrategy()).add_asset(ASSET, 0)
    with pytest.raises(InvalidParameterError):
        PyBot(client, PyStrategy()).with_update_interval(0)


@pytest.mark.sockets
def test_a_handler_that_blocks_holds_up_nobody_else() -> None:
    is_blocked, may_go_on = threading.Event(), threading.Event()

    class Blocking(PyStrategy):
        def on_start(self, _ctx: PyContext) -> None:
            is_blocked.set()
            may_go_on.wait(30)

    async def main() -> None:
        async with PocketOption.simulated(seed=7, speed=60) as client:
            await client.ready(timeout=10)
            bot = PyBot(client, Blocking())
            bot.add_asset(ASSET, 5)
            running = asyncio.ensure_future(bot.run())
            await asyncio.to_thread(is_blocked.wait, 10)

            async for _tick in client.subscribe(ASSET):
                bots = {each.name: each for each in client.health() if each.name.startswith("PyBot")}
                if bots.keys() == {"PyBot-1", "PyBot-1-1"} and bots[AddressName("PyBot-1-1")].handled > 50:
                    break
            assert not any(each.restarts for each in bots.values())
            assert not may_go_on.is_set()
            may_go_on.set()
            running.cancel()

    asyncio.run(main())


@pytest.mark.sockets
def test_the_context_is_awaited_outside_of_handlers_too() -> None:
    found: list[PyContext] = []

    class Open(PyStrategy):
        def on_start(self, ctx: PyContext) -> None:
            found.append(ctx)

        def on_balance(self, _ctx: PyContext, _balance: float) -> None:
            has_begun.set()

    has_begun = threading.Event()

    async def main() -> None:
        async with PocketOption.simulated(seed=7) as client:
            await client.ready(timeout=10)
            running = asyncio.ensure_future(PyBot(client, Open()).run())
            await asyncio.to_thread(has_begun.wait, 10)

            assert await found[0].balance() == 50_000
            assert json.loads((await found[0].buy(ASSET, 5.0, 60))[1])["amount"] == "5"
            running.cancel()

    asyncio.run(main())
    with pytest.raises(UninitializedError):
        found[0].balance()

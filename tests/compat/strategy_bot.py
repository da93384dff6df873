"""A small strategy as its author wrote it for BinaryOptionsToolsV2; run as a program, as ``bot.py`` is."""

import asyncio
import json
import os
import sys
import threading
from typing import Any

from BinaryOptionsToolsV2 import Action, PocketOptionAsync, PyBot, PyContext, PyStrategy, PyVirtualMarket

ASSET = "EURUSD_otc"
SSID = '42["auth",{"session":"abcdefghijklmnopqrstuvwxyz","isDemo":1,"uid":12345,"platform":2}]'
UNKNOWN = "3f0ba7d4-0000-4000-8000-000000000000"


class Notes(PyStrategy):  # type: ignore[misc] # the original has no types
    """Asks what there is to ask, and notes what it is told."""

    def __init__(self) -> None:
        self.told: dict[str, Any] = {"heard": []}
        self.done = threading.Event()

    def on_start(self, _ctx: PyContext) -> None:
        self.told["heard"].append("start")

    def on_balance(self, _ctx: PyContext, balance: float) -> None:
        if len(self.told["heard"]) < 2:
            self.told["heard"].append("balance")
            self.told["balance"] = balance

    def on_candle(self, ctx: PyContext, asset: str, candle_json: str) -> None:
        if self.done.is_set():
            return
        if "candle" not in self.told:
            self.told["heard"].append("candle")
            self.told |= {"asset": asset, "candle": candle_json, "count": self.current_candle}
            raise ValueError("a handler may fail")
        self.told["trade"] = trade = self.trade(ctx, asset, 10.0, 5, Action.Put)
        self.told["bought"], self.told["balance after"] = asyncio.run(self.buy(ctx))
        self.told["wrong"] = [
            self.fails(lambda: self.trade(ctx, "NOPE", 10.0, 5, Action.Call)),
            self.fails(lambda: self.trade(ctx, asset, -1.0, 5, Action.Call)),
            self.fails(lambda: self.trade(ctx, asset, 1_000_000.0, 5, Action.Call)),
            self.fails(lambda: self.result(ctx, UNKNOWN)),
        ]
        self.told["result"] = self.result(ctx, trade[0])
        self.done.set()

    async def buy(self, ctx: PyContext) -> tuple[list[str], float]:
        bought = await ctx.buy(ASSET, 7.0, 5)
        for _ in range(100):
            if (balance := await ctx.balance()) == self.told["balance"] - 17:
                break
            await asyncio.sleep(0.02)  # the platform tells it after the deal
        return bought, balance

    def fails(self, call: Any) -> bool:
        try:
            call()
        except Exception:  # noqa: BLE001 - as bots do
            return True
        return False


async def run(client: Any, market: PyVirtualMarket | None) -> dict[str, Any]:
    """What a strategy is told on one market."""
    notes = Notes()
    bot = PyBot(client.client, notes, market)
    bot.add_asset(ASSET, 2)
    bot.with_update_interval(200)
    if market is not None:
        await market.update_price(ASSET, 1.5)
    running = asyncio.ensure_future(bot.run())
    await asyncio.wait_for(asyncio.to_thread(notes.done.wait), 30)
    notes.told["second run"] = await raises(bot)
    running.cancel()
    return {
        key: json.loads(value) if key in {"candle", "result"} else shown(value) for key, value in notes.told.items()
    }


def shown(value: Any) -> Any:
    """A deal's id and the deal."""
    return [len(value), json.loads(value[1])] if isinstance(value, list) and str(value[-1])[:1] == "{" else value


async def raises(bot: PyBot) -> bool:
    try:
        await bot.run()
    except RuntimeError:
        return True
    return False


async def main(url: str) -> dict[str, Any]:
    client = PocketOptionAsync(SSID, url=url, config={"timeout_secs": 10})
    await client.wait_for_assets()
    return {"platform": await run(client, None), "virtual": await run(client, PyVirtualMarket(1000.0))}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(asyncio.wait_for(main(sys.argv[1]), 50))))  # noqa: T201
    sys.stdout.flush()
    os._exit(0)  # native threads may crash while the interpreter ends

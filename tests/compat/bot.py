"""A small bot as its author wrote it for BinaryOptionsToolsV2: asks what there is to ask, and prints what it was told.

It is run as a program, its text unchanged but for the import.
"""

import asyncio
import json
import os
import sys
import warnings
from datetime import timedelta
from typing import Any

from BinaryOptionsToolsV2 import PocketOptionAsync, Validator

ASSET = "EURUSD_otc"
UNKNOWN = "3f0ba7d4-0000-4000-8000-000000000000"
SSID = '42["auth",{"session":"abcdefghijklmnopqrstuvwxyz","isDemo":1,"uid":12345,"platform":2}]'


async def first(items: Any, count: int = 2) -> list[Any]:
    return [await asyncio.wait_for(anext(items), 10) for _ in range(count)]


async def prices(client: Any) -> dict[str, Any]:
    stream = await client.subscribe_symbol(ASSET)
    told = {
        "ticks subscribed": await first(stream),
        "chunks subscribed": await first(await client.subscribe_ticks(ASSET, chunk_size=2), 1),
        "timed subscribed": await first(await client.subscribe_symbol_timed(ASSET, timedelta(seconds=1)), 1),
        "candles": await client.candles(ASSET, 60, 3),
        "candles until": await client.candles(ASSET, 60, 3, await client.get_server_time()),
        "get_candles": await client.get_candles(ASSET, 60, 3),
        "get_candles_advanced": await client.get_candles_advanced(ASSET, 60, 3, await client.get_server_time()),
        "history": await client.history(ASSET, 60),
        "ticks": await client.ticks(ASSET, 20),
        "get_ticks": await client.get_ticks(ASSET, 20),
        "compile_candles": await client.compile_candles(ASSET, 20, 60),
    }
    live = client.stream_candles(ASSET, 60, history=0.1, max_rows=3)
    told["live"] = (await first(live, 1))[0]
    await live.aclose()
    await client.unsubscribe(ASSET)
    return told


async def raw(client: Any) -> dict[str, Any]:
    handler = await client.raw_handler(Validator.starts_with('451-["successupdateBalance"'))
    everything = await client.subscribe_raw()
    await client.send_raw_message('42["getBalance"]')
    told = {
        "subscribe_raw": await first(everything),
        "id": handler.id(),
        "answer": await handler.send_and_wait('42["getBalance"]'),
        "request": await client.raw_request(
            '42["getBalance"]', Validator.all([Validator.contains('"balance"'), Validator.contains('"uid"')])
        ),
    }
    await client.send_raw('42["getBalance"]')
    told["next"] = await handler.wait_next()
    await handler.close()
    return told


async def errors(client: Any) -> dict[str, bool]:
    return {
        "unknown asset": await fails(client.buy("NOPE", 1.0, 5)),
        "small stake": await fails(client.buy(ASSET, 0.1, 5)),
        "refused": await fails(client.buy("EURUSD", 1.0, 1)),
        "candles of nothing": await fails(client.candles("NOPE", 60, 3)),
        "unknown deal": await fails(client.check_win(UNKNOWN, 1)),
        "no seconds": await fails(client.ticks(ASSET, 0)),
    }


async def fails(asked: Any) -> bool:
    try:
        await asked
    except Exception:  # noqa: BLE001 - as bots do
        return True
    return False


async def main(url: str) -> dict[str, Any]:
    client = PocketOptionAsync(SSID, url=url, config={"timeout_secs": 10})
    await client.wait_for_assets()
    told: dict[str, Any] = {
        "connected": client.is_connected(),
        "demo": client.is_demo(),
        "valid": client.is_ssid_valid(),
        "balance": await client.balance(),
        "payout": await client.payout(ASSET),
        "no payout": await client.payout("NOPE"),
        "payouts": await client.payouts(),
        "assets": await client.active_assets(),
    }
    told["bought"] = deal, _ = await client.buy(ASSET, 10.0, 5)
    told["opened"] = await client.opened_deals()
    told["opened deal"] = await client.get_opened_deal(deal)
    told["not closed"] = await client.get_closed_deal(deal)
    told["end"] = await client.get_deal_end_time(deal)
    told["no end"] = await client.get_deal_end_time(UNKNOWN)
    told |= await prices(client)
    told |= await raw(client)
    told |= await errors(client)
    told["server time"] = await client.get_server_time()
    told["result"] = await client.check_win(deal)
    told["closed"] = await client.closed_deals()
    told["closed deal"] = await client.get_closed_deal(deal)
    await client.clear_closed_deals()
    told["cleared"] = await client.closed_deals()
    await client.shutdown()
    return told


if __name__ == "__main__":
    warnings.simplefilter("ignore", DeprecationWarning)
    print(json.dumps(asyncio.run(asyncio.wait_for(main(sys.argv[1]), 40))))  # noqa: T201
    sys.stdout.flush()
    os._exit(0)  # native threads may crash while the interpreter ends

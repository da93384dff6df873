"""The whole client against a Socket.IO server that nobody here wrote, with the platform's events on it."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from messages.market import Chunk
from messages.order_errors import OrderRefused
from messages.trading import Outcome
from optionbus.client import PocketOption
from tests.simulator.world import AHEAD, ASSET

socketio = pytest.importorskip("socketio", reason="python-socketio is not installed: pip install '.[interop]'")
web = pytest.importorskip("aiohttp.web", reason="aiohttp is not installed: pip install '.[interop]'")

pytestmark = pytest.mark.sockets

SSID = '42["auth",{"session":"abcdefghijklmnopqrstuvwxyz","isDemo":1,"uid":12345,"platform":2}]'
TICK_SECONDS = 0.02


class Platform:
    """Just enough of the platform, on python-socketio's own framing: what is bytes travels as an attachment."""

    def __init__(self) -> None:
        self.server = socketio.AsyncServer(async_mode="aiohttp", transports=["websocket"], cors_allowed_origins="*")
        self.heard: list[str] = []
        self.balance = Decimal(1000)
        for event in ("auth", "changeSymbol", "subfor", "openOrder", "ps", "assets/load", "getBalance"):
            self.server.on(event, getattr(self, f"on_{event.replace('/', '_')}"))

    async def say(self, sid: str, event: str, payload: object) -> None:
        await self.server.emit(event, json.dumps(payload).encode(), to=sid)

    async def on_auth(self, sid: str, body: dict[str, Any]) -> None:
        self.heard.append(f"auth {body['uid']}")
        await self.say(sid, "successauth", {"id": "any"})

    async def on_assets_load(self, sid: str) -> None:
        frames = [{"time": 60}]
        row = [1, ASSET, "EUR/USD OTC", "currency", 5, 92, 60, 30, 3, 1, 0, 0, [], 0, True, frames, -1, 5, 0]
        await self.say(sid, "updateAssets", [row])

    async def on_getBalance(self, sid: str) -> None:  # noqa: N802 - the platform's name
        # This one as plain text: the platform does either.
        await self.server.emit("successupdateBalance", {"isDemo": 1, "balance": float(self.balance)}, to=sid)

    async def on_ps(self, sid: str) -> None:
        self.heard.append(f"ps {sid}")

    async def on_changeSymbol(self, sid: str, body: dict[str, Any]) -> None:  # noqa: N802
        await self.say(sid, "updateHistoryNewFast", {**body, "history": [], "candles": []})

    async def on_subfor(self, sid: str, symbol: str) -> None:
        self.server.start_background_task(self._stream, sid, symbol)

    async def _stream(self, sid: str, symbol: str) -> None:
        for number in range(1000):
            await self.say(sid, "updateStream", [[symbol, time.time() + AHEAD, 1.1 + number / 1e5]])
            await self.server.sleep(TICK_SECONDS)

    async def on_openOrder(self, sid: str, order: dict[str, Any]) -> None:  # noqa: N802
        if order["amount"] > self.balance:
            await self.say(sid, "failopenOrder", {"error": "balance", "amount": order["amount"], "asset": ASSET})
            return
        now = int(time.time() + AHEAD)
        deal = {
            "id": "deal-1",
            "asset": order["asset"],
            "amount": order["amount"],
            "profit": 9.2,
            "percentProfit": 92,
            "openPrice": 1.1,
            "closePrice": 0,
            "command": 0,
            "openTimestamp": now,
            "closeTimestamp": now + order["time"],
            "isDemo": 1,
        }
        await self.say(sid, "successopenOrder", {**deal, "requestId": order["requestId"]})
        closed = {"profit": 19.2, "deals": [{**deal, "closePrice": 1.2}]}
        await self.say(sid, "successcloseOrder", closed)


@pytest.fixture
def url() -> Iterator[str]:
    started: list[int] = []
    ready, done = threading.Event(), threading.Event()

    async def serve() -> None:
        app = web.Application()
        Platform().server.attach(app)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        started.append(site._server.sockets[0].getsockname()[1])
        ready.set()
        await asyncio.to_thread(done.wait)
        await runner.cleanup()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert ready.wait(10)
    yield f"ws://127.0.0.1:{started[0]}/socket.io/?EIO=4&transport=websocket"
    done.set()
    thread.join(10)


def test_the_whole_client_works_against_python_socketio(url: str) -> None:
    with PocketOption(SSID, url=url) as client:
        client.wait_ready(timeout=10)

        assert client.balance().get() == 1000
        assert client.payout(ASSET).get() == 92
        assert client.subscribe(ASSET).get(timeout=10).symbol == ASSET
        assert client.subscribe(ASSET, Chunk(5)).get(timeout=10).ticks == 5
        deal = client.buy(ASSET, 10, 60).get()
        assert client.result(deal.id).get().outcome is Outcome.WIN
        with pytest.raises(OrderRefused, match="balance"):
            client.buy(ASSET, 5000, 60).get()
        client.reconnect().get()
        client.wait_disconnected(timeout=10)
        client.wait_ready(timeout=10)
        assert client._edge.system.traffic.malformed == 0

"""python-socketio's client against the simulator."""

import json
from collections.abc import Iterator
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any

import pytest

from simulator.broker import Broker
from simulator.server import SimulatorServer
from tests.simulator.world import ASSET, session

pytestmark = [
    pytest.mark.sockets,
    # It handles each message in a thread of its own: on a busy machine an attachment may overtake its header, and dies.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning"),
]

socketio = pytest.importorskip("socketio", reason="python-socketio is not installed (extra interop)")


@pytest.fixture
def client() -> Iterator[Any]:
    with SimulatorServer(Broker(seed=1)) as server:
        client = socketio.Client(reconnection=False)
        client.connect(f"http://127.0.0.1:{server.port}", transports=["websocket"])
        yield client
        client.disconnect()


def listen(client: Any, event: str) -> SimpleQueue[Any]:
    heard: SimpleQueue[Any] = SimpleQueue()
    client.on(event, heard.put)
    return heard


def test_it_logs_in_and_receives_binary_events(client: Any) -> None:
    welcome, assets = listen(client, "successauth"), listen(client, "updateAssets")
    client.emit("auth", session())
    assert json.loads(welcome.get(timeout=10))["id"]
    attachment = assets.get(timeout=10)
    assert isinstance(attachment, bytes)
    assert ASSET in {row[1] for row in json.loads(attachment)}


def test_it_is_answered_and_hears_ticks(client: Any) -> None:
    history, ticks = listen(client, "updateHistoryNewFast"), listen(client, "updateStream")
    client.emit("auth", session())
    client.emit("subfor", ASSET)
    for _ in range(5):  # as above: what was overtaken is asked for again
        client.emit("changeSymbol", {"asset": ASSET, "period": 60})
        with suppress(Empty):
            assert json.loads(history.get(timeout=2))["asset"] == ASSET
            break
    else:
        pytest.fail("no history")
    assert json.loads(ticks.get(timeout=10))[0][0] == ASSET


def test_a_refused_login_disconnects_it(client: Any) -> None:
    refused, ended = listen(client, "NotAuthorized"), listen(client, "disconnect")
    client.on("NotAuthorized", lambda: refused.put(None))
    client.emit("auth", {"session": ""})
    assert refused.get(timeout=10) is None
    assert ended.get(timeout=10)

"""Covers the deadlines of optionbus.market_calls: what an actor has to say is heard before the edge gives up."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from actors.future import Future
from actors.middleware import Middleware
from messages.errors import DeadlineExceeded, UnknownAsset
from optionbus.client import PocketOption
from tests.optionbus.stepped_client import SteppedClient

ASSET = "EURUSD_otc"
Call = Callable[[PocketOption, str], Future[Any]]
CALLS = pytest.mark.parametrize(
    "call", [lambda client, asset: client.candles(asset, 60), lambda client, asset: client.history(asset, 60)]
)


class _Mute(Middleware):
    """Lets nothing out."""

    def on_send(self, data: str | bytes) -> None:
        pass


@pytest.fixture
def client() -> Iterator[PocketOption]:
    client = SteppedClient().client
    yield client
    client.stop()


@CALLS
def test_an_unknown_asset_is_said_at_once(client: PocketOption, call: Call) -> None:
    began = client._edge.runtime.clock.monotonic()

    with pytest.raises(UnknownAsset, match=ASSET):
        call(client, "EURUSD_ot").get()

    assert client._edge.runtime.clock.monotonic() - began < 1


@CALLS
def test_of_a_platform_that_does_not_answer_the_actor_tells(client: PocketOption, call: Call) -> None:
    client.add_middleware(_Mute())

    with pytest.raises(DeadlineExceeded, match=rf"{ASSET} over 60 s \(is there such an asset and period\?\)"):
        call(client, ASSET).get()

"""Each payload is decoded once, however many actors the tree has."""

from typing import Any

import pytest

from actors.base import Actor
from messages.market import TicksReceived
from messages.session import FrameReceived
from messages.wire.payloads import DECODERS
from tests.optionbus.stepped_client import SteppedClient

ASSET = "EURUSD_otc"


def listeners(count: int) -> list[type[Actor[Any]]]:
    """So many classes of actors that listen to every tick, each with a name of its own."""

    class Listener(Actor[TicksReceived]):
        listens = (TicksReceived,)

        def on_receive(self, message: TicksReceived) -> None:
            pass

    return [type(f"Listener{number}", (Listener,), {}) for number in range(count)]


@pytest.mark.parametrize("more_actors", [0, 29])
def test_each_payload_is_decoded_once_with_11_module_actors_and_with_40(more_actors: int) -> None:
    stepped = SteppedClient(actors=listeners(more_actors))
    client, traffic = stepped.client, stepped.client._edge.system.traffic
    before = traffic.payloads_decoded
    payloads: list[str] = []
    client.add_tap(lambda frame: payloads.append(frame.frame.event) if isinstance(frame, FrameReceived) else None)

    client.subscribe(ASSET).confirmed.get(timeout=5)
    client.buy(ASSET, 10, 5).get()
    stepped.runtime.advance(60)

    decodable = [event for event in payloads if event in DECODERS or event == "updateStream"]
    assert {"updateStream", "successopenOrder", "successcloseOrder"} <= set(decodable)
    assert traffic.payloads_decoded - before == len(decodable)
    handled = [actor.handled for actor in client.health() if actor.name.startswith("Listener")]
    assert len(handled) == more_actors
    assert len(set(handled)) <= 1
    client.stop()

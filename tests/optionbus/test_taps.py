"""Covers the taps of optionbus.session_calls."""

from collections.abc import Iterator

import pytest

from messages.session import FrameReceived, FrameSent
from messages.supervision import ActorExited
from optionbus.testing import Probe
from tests.optionbus.stepped_client import SteppedClient


@pytest.fixture
def stepped() -> Iterator[SteppedClient]:
    stepped = SteppedClient()
    yield stepped
    stepped.client.stop()


def test_a_function_is_shown_every_frame_in_and_out(stepped: SteppedClient) -> None:
    seen: list[FrameReceived | FrameSent] = []
    stepped.client.add_tap(seen.append)

    stepped.client.subscribe("EURUSD_otc").get()

    assert {type(frame) for frame in seen} == {FrameReceived, FrameSent}


def test_a_function_that_raises_is_reported_and_harms_nobody(stepped: SteppedClient) -> None:
    exits = Probe()
    stepped.client._edge.system.routes.add(ActorExited, exits)

    def fail(_frame: object) -> None:
        raise ValueError("no")

    stepped.client.add_tap(fail)
    tick = stepped.client.subscribe("EURUSD_otc").get(timeout=60.0)

    assert tick.symbol == "EURUSD_otc"
    assert stepped.client.is_connected
    assert exits.messages == []
    assert stepped.client.errors > 0

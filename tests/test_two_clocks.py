"""Covers orders that nobody acknowledges while the computer's clock and the platform's disagree."""

from typing import NamedTuple

import pytest

from actors.stepped import SteppedRuntime
from messages.market import Symbol
from messages.order_errors import OrderUnconfirmed
from messages.orders import OrderState
from optionbus import PocketOption

EURO = Symbol("EURUSD_otc")


class Ahead(NamedTuple):
    """The broker's clock, so far ahead of the client's."""

    runtime: SteppedRuntime
    seconds: float

    def now(self) -> float:
        return self.runtime.clock.now() + self.seconds


def end_of_a_lost_order(monkeypatch: pytest.MonkeyPatch, ahead_seconds: float, *, is_measured: bool) -> OrderState:
    """What is believed of an order that was carried out and not acknowledged; ticks tell the time."""
    runtime = SteppedRuntime(1)
    client = PocketOption.simulated(seed=1, runtime=runtime, hardships=["acknowledgement-lost=1"])
    assert client.simulation is not None
    monkeypatch.setattr(client.simulation.transport, "_clock", Ahead(runtime, ahead_seconds))
    with client:
        client.wait_ready(timeout=10)
        if is_measured:
            client.subscribe(EURO)
        runtime.advance(10)
        with pytest.raises(OrderUnconfirmed):
            client.buy(EURO, 1, 5).get(timeout=20)
        runtime.advance(60)
        [ours] = [order for order in client.orders().get(timeout=1) if not order.is_external]
        return ours.state


@pytest.mark.parametrize("ahead_seconds", [-30.0, -3.0, 0.0, 3.0, 30.0, 600.0])
def test_once_the_difference_is_measured_the_deal_is_found(
    monkeypatch: pytest.MonkeyPatch, ahead_seconds: float
) -> None:
    assert end_of_a_lost_order(monkeypatch, ahead_seconds, is_measured=True) is OrderState.CLOSED


@pytest.mark.parametrize("ahead_seconds", [-3600.0, -30.0, -3.0, 30.0, 3600.0])
def test_before_it_is_measured_a_person_has_to_look(monkeypatch: pytest.MonkeyPatch, ahead_seconds: float) -> None:
    assert end_of_a_lost_order(monkeypatch, ahead_seconds, is_measured=False) is OrderState.MANUAL

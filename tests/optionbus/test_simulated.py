"""Covers optionbus.simulated: a client understands its broker in every form that it speaks."""

from typing import Any

import pytest

from messages.errors import InvalidArgument
from optionbus import PocketOption, TimeAligned
from simulator.variants import Variant
from tests.optionbus.stepped_client import SteppedClient

ASSET = "EURUSD_otc"
WITHOUT_CANDLES = (Variant.NO_CANDLES, Variant.EMPTY_CANDLES)
WITH_OTHERS = (*WITHOUT_CANDLES, Variant.VOLUME, Variant.BATCHES)
"""What they say differs in more than its form."""


def day(*variants: Variant) -> dict[str, Any]:
    """What a client learns from a broker that speaks so."""
    stepped = SteppedClient(seed=1, variants=[variant.value for variant in variants])
    client = stepped.client
    end = stepped.runtime.clock.now()
    candles = client.subscribe(ASSET, TimeAligned(5))
    deal = client.buy(ASSET, 10, 5).get()
    learned = {
        "live": [next(candles).close for _ in range(3)],
        "result": client.result(deal.id).get().profit,
        "balance": client.balance().get(),
        "candles": client.candles(ASSET, 60, 400, end).get(),
        "ticks": [(tick.time, tick.price) for tick in client.history(ASSET, 60).get().ticks if tick.time < end],
        "bars": len(client.history(ASSET, 60).get().candles),
    }
    client.stop()
    return learned


@pytest.fixture(scope="module")
def plain() -> dict[str, Any]:
    return day()


@pytest.mark.parametrize("variant", [variant for variant in Variant if variant not in WITH_OTHERS])
def test_a_client_learns_the_same_from_every_form(variant: Variant, plain: dict[str, Any]) -> None:
    assert day(variant) == plain


@pytest.mark.parametrize("variant", WITHOUT_CANDLES)
def test_charts_without_candles_are_no_harm(variant: Variant, plain: dict[str, Any]) -> None:
    learned = day(variant)

    assert 0 < learned["bars"] < plain["bars"]  # those of the ticks alone
    assert learned | {"bars": plain["bars"]} == plain


def test_candles_may_have_a_volume(plain: dict[str, Any]) -> None:
    learned = day(Variant.VOLUME)

    assert {candle.volume for candle in learned["candles"]} == {42.0}
    assert [candle.close for candle in learned["candles"]] == [candle.close for candle in plain["candles"]]


def test_ticks_that_come_together_make_the_same_candles(plain: dict[str, Any]) -> None:
    assert day(Variant.BATCHES)["live"] == plain["live"]


def test_a_slow_broker_is_slow_in_virtual_time_too() -> None:
    stepped = SteppedClient(hardships=["slow-broker=1"])
    began = stepped.runtime.clock.now()
    stepped.client.buy(ASSET, 10, 5).get()
    took = stepped.runtime.clock.now() - began
    stepped.client.stop()

    assert 0.12 <= took < 0.2


@pytest.mark.parametrize("hardships", ["slow-broker", ["slow"], ["slow-broker=2"], {"slow-broker": 0.5}, [1], 1])
def test_hardships_that_are_none_are_refused(hardships: Any) -> None:
    with pytest.raises(InvalidArgument, match=r"slow-broker|from 0 to 1"):
        PocketOption.simulated(hardships=hardships)


def test_a_variant_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="null-column"):
        PocketOption.simulated(variants=["nonsense"])

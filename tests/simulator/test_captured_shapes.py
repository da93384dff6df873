"""What the simulator says has the columns and keys of what the platform says."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.simulator.test_pending import BY_TIME
from tests.simulator.world import ASSET, START, Client, World

Captured = Callable[[str], bytes]


@pytest.fixture
def client() -> Client:
    """A client that has seen a little of everything."""
    world = World(now=START + 1000)
    client = world.log_in()
    client.order()
    client.say("openPendingOrder", BY_TIME | {"openTime": "2025-11-24 18:30:00"})
    client.say("openPendingOrder", BY_TIME | {"openTime": "2000-01-01 00:00:00"})
    client.say("successupdatePending")
    client.say("changeSymbol", {"asset": ASSET, "period": 3600})
    request = {"asset": ASSET, "index": 1, "time": START + 7200, "offset": 150, "period": 3600}
    client.say("loadHistoryPeriod", request)
    world.let_pass(5)
    return client


def shape(value: Any) -> Any:
    """The keys and types of a value; of a list, the shapes that occur in it. All numbers are one type."""
    match value:
        case dict():
            return {key: shape(item) for key, item in value.items()}
        case list():
            return sorted({repr(shape(item)) for item in value})
        case bool() | str() | None:
            return type(value).__name__
        case _:
            return "number"


def columns(row: list[Any]) -> list[Any]:
    return [shape(cell) for cell in row]


def test_assets_have_the_captured_columns(client: Client, captured: Captured) -> None:
    ours, theirs = client.heard("updateAssets")[0], json.loads(captured("updateAssets"))
    assert {repr(columns(row)) for row in ours} == {repr(columns(row)) for row in theirs}
    assert {row[3] for row in ours} == {row[3] for row in theirs}


def test_an_opened_deal_has_the_captured_keys(client: Client, captured: Captured) -> None:
    assert shape(client.heard("successopenOrder")[0]) == shape(json.loads(captured("successopenOrder")))


def test_opened_deals_have_the_captured_keys(client: Client, captured: Captured) -> None:
    theirs = json.loads(captured("updateOpenedDeals"))
    assert shape(client.heard("updateOpenedDeals")[1][0]) == shape(theirs[0])


def test_closed_deals_have_the_captured_keys(client: Client, captured: Captured) -> None:
    # The captured deals differ in their rarer keys; the first has all of them.
    theirs = json.loads(captured("closed_deals_win_and_draw"))
    assert shape(client.heard("updateClosedDeals")[-1][0]) == shape(theirs[0])
    assert shape(client.heard("successcloseOrder")[0]["deals"][0]) == shape(theirs[0])


def test_charts_have_the_captured_shape(client: Client, captured: Captured) -> None:
    ours, theirs = client.heard("updateHistoryNewFast")[0], json.loads(captured("updateHistoryNew"))
    assert list(ours) == list(theirs)
    assert shape(ours) == shape(theirs)
    assert len(ours["candles"]) == len(theirs["candles"])


def test_pages_have_the_captured_shape(client: Client, captured: Captured) -> None:
    ours, theirs = client.heard("loadHistoryPeriodFast")[0], json.loads(captured("loadHistoryPeriodFast_candles"))
    assert shape(ours) == shape(theirs)
    assert len(ours["data"]) == len(theirs["data"])


@pytest.mark.parametrize("event", ["successopenPendingOrder", "failopenPendingOrder"])
def test_pending_orders_have_the_captured_keys(event: str, client: Client, captured: Captured) -> None:
    assert shape(client.heard(event)[0]) == shape(json.loads(captured(event)))


def test_the_pending_list_has_the_captured_keys(client: Client, captured: Captured) -> None:
    assert shape(client.heard("successupdatePending")[-1]) == shape(json.loads(captured("successupdatePending")))

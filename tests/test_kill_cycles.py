"""Clients are killed without warning, and no order is lost or carried out twice."""

import pytest

from tests.kill_cycles import MUST_BE_0, campaign

pytestmark = [pytest.mark.sockets, pytest.mark.measures, pytest.mark.timeout(300)]


def test_clients_that_are_killed_lose_no_order_and_place_none_twice() -> None:
    found = campaign(200, seed=3)

    assert {name: found[name] for name in MUST_BE_0} == dict.fromkeys(MUST_BE_0, 0)
    assert found["acknowledged"] > 100


def test_a_client_that_sends_again_is_caught() -> None:
    assert any(campaign(100, seed, resends=True)["duplicates"] for seed in range(5))

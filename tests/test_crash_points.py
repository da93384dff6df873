"""A client dies at every point of an order's life, and the next one finds the truth."""

import pytest

from tests.crash_points import INVARIANTS, survey


@pytest.mark.parametrize("forgets", [False, True])
def test_wherever_a_client_dies_the_next_one_finds_the_truth(*, forgets: bool) -> None:
    found = survey(3, forgets=forgets)

    assert found["points"] > 50
    assert {name: found[name] for name in INVARIANTS} == dict.fromkeys(INVARIANTS, 0)


def test_a_client_that_sends_again_is_caught() -> None:
    assert survey(10, resends=True)["at most once"] > 0

"""A client dies at every point of an order's life, and the next one finds the truth."""

from collections.abc import Callable

import pytest

from tests.crash_points import INVARIANTS, Pending, Scene, Trade, survey

each_kind = pytest.mark.parametrize("kind", [Trade, Pending])


@each_kind
@pytest.mark.parametrize("forgets", [False, True])
def test_wherever_a_client_dies_the_next_one_finds_the_truth(kind: Callable[[], Scene], *, forgets: bool) -> None:
    found = survey(3, kind, forgets=forgets)

    assert found["points"] > 15
    assert {name: found[name] for name in INVARIANTS} == dict.fromkeys(INVARIANTS, 0)


@pytest.mark.parametrize(("kind", "every"), [(Trade, 10), (Pending, 1)])
def test_a_client_that_sends_again_is_caught(kind: Callable[[], Scene], every: int) -> None:
    assert survey(every, kind, resends=True)["at most once"] > 0

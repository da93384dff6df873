"""Covers supervisor.intensity."""

import pytest

from supervisor.intensity import RestartWindow
from supervisor.spec import Intensity

INTENSITY = Intensity(max_restarts=3, period_seconds=10.0)


@pytest.mark.parametrize(
    ("times", "allowed"),
    [
        ((0, 0, 0), (True, True, True)),
        ((0, 0, 0, 0), (True, True, True, False)),
        ((0, 4, 8, 9.9), (True, True, True, False)),
        ((0, 4, 8, 10), (True, True, True, True)),  # the first is ten seconds old: it counts no more
        ((0, 0, 0, 10, 10, 10), (True,) * 6),
        ((0, 0, 0, 0, 10), (True, True, True, False, True)),
        (tuple(range(0, 100, 4)), (True,) * 25),
    ],
)
def test_only_restarts_within_the_period_count(times: tuple[float, ...], allowed: tuple[bool, ...]) -> None:
    window = RestartWindow(INTENSITY)

    assert tuple(window.allows(time) for time in times) == allowed


def test_a_limit_of_none_at_all_allows_none() -> None:
    window = RestartWindow(Intensity(max_restarts=0))

    assert not window.allows(0.0)

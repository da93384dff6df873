"""Covers tests.faults: short forms hold by their counts and ratios, and every control is caught by them."""

from collections.abc import Sequence

import pytest

from tests.faults.figure import Reading
from tests.faults.figures import FIGURES

pytestmark = [pytest.mark.sockets, pytest.mark.measures]
every_figure = pytest.mark.parametrize("name", FIGURES)


def missed(readings: Sequence[Reading]) -> list[str]:
    """What does not hold, absolute times left out: the machine may be busy."""
    return [f"{reading.name}: {reading.value:g}" for reading in readings if not (reading.holds or reading.is_time)]


@every_figure
def test_the_client_bears_what_is_done_to_it(name: str) -> None:
    assert missed(FIGURES[name].measure(False)) == []


@every_figure
def test_something_broken_does_not_hold(name: str) -> None:
    assert missed(FIGURES[name].control(False)) != []

"""Covers tests.faults: short forms hold by their counts and ratios, and what is broken on purpose is caught by them."""

from collections.abc import Sequence

import pytest

from tests.faults.figure import Control, Reading
from tests.faults.figures import FIGURES

CONTROLS = {f"{figure.name}, {each.broken}": each for figure in FIGURES.values() for each in figure.controls}

pytestmark = [pytest.mark.sockets, pytest.mark.measures]


def missed(readings: Sequence[Reading]) -> list[str]:
    """What does not hold, absolute times left out: the machine may be busy."""
    return [f"{reading.name}: {reading.value:g}" for reading in readings if not (reading.holds or reading.is_time)]


@pytest.mark.parametrize("name", FIGURES)
def test_the_client_bears_what_is_done_to_it(name: str) -> None:
    assert missed(FIGURES[name].measure(False)) == []


@pytest.mark.parametrize("control", CONTROLS.values(), ids=CONTROLS)
def test_something_broken_is_caught_by_its_reading(control: Control) -> None:
    readings = control.measure(False)

    assert control.catches(readings)
    assert control.misses in {reading.name for reading in readings if not reading.is_time}

"""Covers actors.api.placement."""

import pytest

from actors.api.placement import Placement
from actors.line import Line
from messages.market import Symbol

LIMIT = 2


class World:
    """Three lines with room for two assets each."""

    def __init__(self) -> None:
        self.lines = [Line(index) for index in range(3)]
        self.homes: dict[Symbol, int] = {}
        self.placement = Placement(self.lines, self.homes, LIMIT)

    def place(self, *names: str) -> list[int | None]:
        """The lines these assets are given."""
        given = [self.placement.place(Symbol(name)) for name in names]
        return [None if line is None else line.index for line in given]


@pytest.fixture
def world() -> World:
    return World()


def test_each_asset_goes_where_there_is_most_room(world: World) -> None:
    assert world.place("A", "B", "C", "D", "E", "F") == [0, 1, 2, 0, 1, 2]


def test_there_is_no_room_beyond_the_limit_of_each_line(world: World) -> None:
    world.place("A", "B", "C", "D", "E", "F")

    assert world.place("G") == [None]
    assert world.placement.home(Symbol("G")) is None
    assert world.placement.capacity == 6


def test_an_asset_stays_where_it_is(world: World) -> None:
    world.place("A", "B")

    assert world.place("B", "A", "B") == [1, 0, 1]
    assert world.homes == {"A": 0, "B": 1}


def test_an_asset_that_leaves_makes_room_on_its_line(world: World) -> None:
    world.place("A", "B", "C", "D", "E", "F")

    assert world.placement.leave(Symbol("B")) is world.lines[1]
    assert world.place("G") == [1]


def test_an_asset_that_was_nowhere_leaves_nothing(world: World) -> None:
    assert world.placement.leave(Symbol("A")) is None


def test_a_line_that_has_given_up_loses_its_assets_and_gets_none(world: World) -> None:
    world.place("A", "B", "C", "D")
    world.lines[0].has_given_up = True

    assert world.placement.clear() == ("A", "D")
    assert world.placement.clear() == ()
    assert world.place("A", "D", "E") == [1, 2, None]
    assert world.placement.capacity == 4


def test_where_no_line_is_left_there_is_no_room(world: World) -> None:
    for line in world.lines:
        line.has_given_up = True

    assert world.place("A") == [None]
    assert world.placement.capacity == 0

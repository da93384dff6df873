"""Covers actors.route."""

import pytest

from actors.ports import Endpoint
from actors.route import Route

A, B, C = (Endpoint(url=f"ws://{name}") for name in "abc")


def _visited(route: Route, attempts: int) -> str:
    """Where so many attempts go that all fail."""
    places = []
    for _ in range(attempts):
        places.append(route.endpoint.url[-1])
        route.leave(route.endpoint)
    return "".join(places)


def test_places_that_fail_are_tried_in_turn() -> None:
    assert _visited(Route([A, B, C]), 7) == "abcabca"


def test_a_place_is_kept_until_it_is_left() -> None:
    route = Route([A, B])

    assert route.endpoint is route.endpoint is A


def test_what_somebody_else_has_left_is_not_left_twice() -> None:
    route = Route([A, B, C])

    route.leave(A)
    route.leave(A)

    assert route.endpoint is B


def test_the_nearest_comes_first_and_the_unmeasured_last() -> None:
    route = Route([A, B, C], by_distance=True)

    route.sort({C.url: 0.1, B.url: 0.2})

    assert _visited(route, 3) == "cba"


@pytest.mark.parametrize(("places", "by_distance", "wants"), [([A, B], False, False), ([A], True, False)])
def test_measuring_is_for_a_choice_that_was_asked_for(
    places: list[Endpoint],
    by_distance: bool,  # noqa: FBT001 - a row of the table
    wants: bool,  # noqa: FBT001
) -> None:
    assert Route(places, by_distance=by_distance).wants_measuring is wants


def test_it_is_measured_first_and_again_when_every_place_has_failed() -> None:
    route = Route([A, B], by_distance=True)
    wanted = [route.wants_measuring]

    route.sort({})
    for _ in range(2):
        wanted.append(route.wants_measuring)
        route.leave(route.endpoint)

    assert [*wanted, route.wants_measuring] == [True, False, False, True]

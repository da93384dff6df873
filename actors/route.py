"""The way to the platform: several places that lead there, and which of them is tried next.

Theory of operation. The first place is tried first. A place that fails is left for the next one, in a circle; a place
where a session has lasted is kept. Where the nearest is wanted, all are measured before the first attempt, and again
whenever each of them has failed.

Decides the order. Does not know how a connection is made, nor how a place is measured.
"""

from collections.abc import Mapping, Sequence

from actors.ports import Endpoint


class Route:
    """What outlives the connections: where they went, and where the next one goes."""

    def __init__(self, endpoints: Sequence[Endpoint], *, by_distance: bool = False) -> None:
        self.endpoints = tuple(endpoints)
        self._by_distance = by_distance and len(self.endpoints) > 1
        self._at = 0
        self.wants_measuring = self._by_distance

    @property
    def endpoint(self) -> Endpoint:
        """Where the next connection goes."""
        return self.endpoints[self._at]

    def sort(self, seconds: Mapping[str, float]) -> None:
        """Begin anew with the nearest; those without a time come last, as they stood."""
        self.endpoints = tuple(sorted(self.endpoints, key=lambda each: seconds.get(each.url, float("inf"))))
        self._at = 0
        self.wants_measuring = False

    def leave(self, endpoint: Endpoint) -> None:
        """Go elsewhere next time; nothing where somebody else has left it already."""
        if endpoint == self.endpoint:
            self._at = (self._at + 1) % len(self.endpoints)
            self.wants_measuring = self._by_distance and self._at == 0

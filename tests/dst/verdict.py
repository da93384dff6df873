"""What was checked in an episode, and what did not hold.

Decides nothing: it counts. Does not know what the invariants mean.
"""

from collections import Counter


class Verdict:
    """Counts the checks of each invariant, and keeps what did not hold; of each invariant the first few."""

    _KEPT = 5

    def __init__(self) -> None:
        self.checked: Counter[str] = Counter()
        self.broken: Counter[str] = Counter()
        self.texts: list[str] = []

    def check(self, invariant: str, text: str, *, holds: bool) -> None:
        """Note that the invariant was checked once more; ``text`` is what it is where it does not hold."""
        self.checked[invariant] += 1
        if not holds:
            self.broken[invariant] += 1
            if self.broken[invariant] <= self._KEPT:
                self.texts.append(f"{invariant}: {text}")

"""How often the same complaint is worth a line in the log.

Pure: times are given. Does not know what is complained of.
"""

from collections.abc import Hashable

PERIOD_SECONDS = 10.0
MAX_SUBJECTS = 1_000
"""More than are complained of in a period; what was said is forgotten then, so that subjects may come and go."""


class Ration:
    """Allows one line per subject and period, and counts the others."""

    def __init__(self, period_seconds: float = PERIOD_SECONDS) -> None:
        self._period_seconds = period_seconds
        self._said: dict[Hashable, float] = {}
        self._unsaid: dict[Hashable, int] = {}

    def take(self, subject: Hashable, now: float) -> str | None:
        """None if it was said lately; else what to add to the line: how often it was not said."""
        if now - self._said.get(subject, -self._period_seconds) < self._period_seconds:
            self._unsaid[subject] = self._unsaid.get(subject, 0) + 1
            return None
        if len(self._said) >= MAX_SUBJECTS:
            self._said.clear()
            self._unsaid.clear()
        self._said[subject] = now
        unsaid = self._unsaid.pop(subject, 0)
        return f" (and {unsaid} more)" if unsaid else ""

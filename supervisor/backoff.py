"""How long to wait before the next attempt to connect.

Retry 1 comes at once; retry n ≥ 2 after ``base · 2^(n-2) · U(0.8, 1.2)``, at most ``maximum``. Failures
count as consecutive until the session has stayed READY for a while.

Pure: chance is given. Does not know what is attempted.
"""

from random import Random

from msgspec import Struct


class Backoff(Struct, frozen=True, kw_only=True):
    """How the waiting grows. ``max_failures`` in a row and the supervisor gives up; None: it never does."""

    base_seconds: float = 1.0
    maximum_seconds: float = 300.0
    stable_seconds: float = 10.0
    max_failures: int | None = None


class Attempts:
    """The failures in a row, and what they mean for the next attempt."""

    def __init__(self, backoff: Backoff, random: Random) -> None:
        self._backoff = backoff
        self._random = random
        self.failures = 0

    def failed(self) -> float | None:
        """Note a failure; the seconds to wait before the next attempt, None to give up."""
        self.failures += 1
        if self._backoff.max_failures is not None and self.failures >= self._backoff.max_failures:
            return None
        if self.failures == 1:
            return 0.0
        # The exponent is capped before the power is taken, or a week of failures overflows.
        growth = 2.0 ** min(self.failures - 2, 60)
        return min(self._backoff.maximum_seconds, self._backoff.base_seconds * growth * self._random.uniform(0.8, 1.2))

    def succeeded(self) -> None:
        """The session has been READY for long enough: the next failure is a first one."""
        self.failures = 0

"""Whether the peer still answers: when to ask it for a sign of life, and when to believe in it no longer.

Theory of operation. What counts is the oldest message of those after which nothing at all was heard. Once it has waited
``ASK_SECONDS`` the peer is asked, by a ping of the WebSocket, which it has to answer at once; where that too brings
nothing for as long again, it is dead. Whatever is heard, of whatever kind, is an answer.

Only a peer that was seen to answer such a ping is judged: one that never does may be quiet for a while.

Pure. Does not know clocks, sockets, nor what was sent.
"""

from enum import Enum
from math import inf
from typing import Final

ASK_SECONDS: Final = 4.0
"""So long after a message without a sound the peer is asked; so long after that it is dead."""


class Verdict(Enum):
    """What is to be done about a peer."""

    ANSWERED = "answered"  # nothing, until something is sent
    WAIT = "wait"  # look again
    ASK = "ask"  # ping it, and look again
    DEAD = "dead"  # give it up


class AnswerWatch:
    """Watches one peer. Every moment is one of the monotonic clock; ``heard`` is when it last said anything."""

    def __init__(self) -> None:
        self._since = -inf
        self._asked = -inf
        self._is_watching = False

    def sent(self, now: float, heard: float) -> bool:
        """Something was sent; whether to look after ``ASK_SECONDS``, as nobody is about to."""
        if self._since <= heard:
            self._since = now
        begins, self._is_watching = not self._is_watching, True
        return begins

    def look(self, now: float, heard: float) -> Verdict:
        """How it stands."""
        if heard >= self._since:
            self._is_watching = False
            return Verdict.ANSWERED
        if now < self._due:
            return Verdict.WAIT
        if self._asked >= self._since:
            return Verdict.DEAD
        self._asked = now
        return Verdict.ASK

    def seconds_left(self, now: float) -> float:
        """Until there is something to look at; after WAIT and ASK."""
        return self._due - now

    def waited(self, now: float) -> float:
        """For how long the oldest message has had no answer."""
        return now - self._since

    @property
    def _due(self) -> float:
        return max(self._since, self._asked) + ASK_SECONDS

"""What becomes of all that the desks say, on its way to each connection.

An event with its argument goes in, and what comes out is said instead, each in its time. Each hardship has dice of its
own, so that one more changes nothing about the others, nor any price or id.

Decides when a hardship strikes. Does not know what it does (``simulator.hardship``), or when it is time.
"""

from collections.abc import Iterable, Mapping
from typing import Protocol

from simulator.hardship import TROUBLES, Dice, Hardship, Occasion, Word
from simulator.streams import ConnectionId


class Say(Protocol):
    """Tells connections an event with its argument, as well as fate allows."""

    def __call__(
        self, occasion: Occasion, connections: Iterable[ConnectionId], event: str, argument: object, /
    ) -> None:
        """Say it."""


class Fate:
    """What becomes of all that the desks say.

    Args:
        seed: decides when each hardship strikes.
        chosen: the hardships, each with its probability.
        clock_scale: how many of the platform's seconds pass in a real one.
    """

    def __init__(self, seed: int, chosen: Mapping[Hardship, float], clock_scale: float) -> None:
        self._dice: dict[Hardship, Dice] = {}
        for hardship in Hardship:
            if hardship in chosen:
                least, most = (seconds * clock_scale for seconds in TROUBLES[hardship].seconds)
                self._dice[hardship] = Dice(f"{hardship.value} {seed}", chosen[hardship], least, most)

    @property
    def is_kind(self) -> bool:
        """Whether everything is said as it is meant."""
        return not self._dice

    def words(self, occasion: Occasion, word: Word) -> tuple[Word, ...]:
        """What is said in place of a word, each in its time."""
        words: tuple[Word, ...] = (word,)
        for hardship, dice in self._dice.items():
            trouble = TROUBLES[hardship]
            if trouble.effect and occasion in trouble.occasions:
                words = tuple(said for each in words for said in trouble.effect(each, dice))
        return words

    def strikes(self, hardship: Hardship) -> bool:
        """Whether it does, this time; one that was not chosen never does."""
        dice = self._dice.get(hardship)
        return dice is not None and dice.strikes()

    def pause_seconds(self) -> float:
        """How long an order waits inside the broker before it is executed."""
        return self._dice[Hardship.SLOW_BROKER].seconds() if self.strikes(Hardship.SLOW_BROKER) else 0.0

"""What a moved strategy asks, and what is told to the actor of its bot.

Decides how a question looks, and what of it is wrong before anybody is asked. Does not know who answers.
"""

from concurrent.futures import Future
from decimal import Decimal
from json import dumps
from math import isfinite
from typing import Any

from messages.base import Message
from messages.trading import Deal, Direction
from optionbus.compat import shapes
from optionbus.compat.errors import InvalidParameterError


class Question(Message, frozen=True, kw_only=True):
    """Something that a handler waits for: ``answer`` ends in it."""

    answer: Future[Any]


class TradeWanted(Question, frozen=True, kw_only=True):
    """An order; answered with the deal's id and the deal."""

    asset: str
    direction: Direction
    stake: Decimal
    seconds: int


class ResultWanted(Question, frozen=True, kw_only=True):
    """How a deal ends; answered with the deal once it has."""

    deal_id: str


class BalanceWanted(Question, frozen=True, kw_only=True):
    """The balance; answered with a float."""


class HandlerFailed(Message, frozen=True, kw_only=True):
    """A handler has raised: which, and what."""

    text: str


class LookDue(Message, frozen=True, kw_only=True):
    """It is time to look whether the balance has changed."""


def name_of(name: str) -> str:
    """An asset, or the id of a deal. Raises TypeError."""
    if not isinstance(name, str):
        raise TypeError(f"{type(name).__name__!r} object is not an instance of 'str'")
    return name


def stake_of(amount: float) -> Decimal:
    """The stake of an order. Raises InvalidParameterError; TypeError where it is no number."""
    if not (isfinite(amount) and amount > 0):
        raise InvalidParameterError(f"The amount {amount!r} cannot be staked: give a number above 0.")
    return Decimal(str(amount))


def seconds_of(seconds: int) -> int:
    """How long a deal lasts. Raises InvalidParameterError; TypeError where it is no whole number."""
    if not isinstance(seconds, int):
        raise TypeError(f"{type(seconds).__name__!r} object cannot be interpreted as an integer")
    if seconds < 1:
        raise InvalidParameterError(f"A deal of {seconds} s would be over at once: give a whole second or more.")
    return seconds


def text_of(deal: Deal, uid: int) -> str:
    """A deal as a strategy is given it: the JSON of what the clients give."""
    return dumps(shapes.trade(deal, uid), separators=(",", ":"))

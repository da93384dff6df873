"""How the platform makes it hard to know what became of an order: every way by its name, to be chosen.

One table tells what each hardship makes of what is said on which occasion: nothing, the same later, the same twice,
something else, or the end of the connection. Two are not about what is said and are carried out at the desk: those
have no effect in the table.

Decides what each hardship does and how often it strikes. Does not know when something is said, or to whom.
"""

from collections.abc import Callable, Iterable
from enum import Enum
from random import Random
from typing import Any, Final

from msgspec import Struct, structs

Body = dict[str, Any]

_NEEDED: Final = frozenset({"asset", "amount", "command", "openTimestamp", "closeTimestamp", "balance"})
"""Columns without which a row means nothing."""

_UNREADABLE: Final[Body] = {}


class Occasion(Enum):
    """Why something is said."""

    ANSWER = 1  # to an order, or to giving one up
    SNAPSHOT = 2  # how things stand: after a login, or because it was asked for
    NEWS = 3  # how things stand now that they have changed


class Hardship(Enum):
    """A way to make it hard, by its name on the command line."""

    NO_REQUEST_ID_IN_LISTS = "no-request-id-in-lists"
    NO_REQUEST_ID_IN_ACKNOWLEDGEMENT = "no-request-id-in-acknowledgement"
    OTHER_AMOUNT = "other-amount"
    LISTS_OF_20 = "lists-of-20"
    LISTS_OF_3 = "lists-of-3"
    SLOW_BROKER = "slow-broker"
    SNAPSHOT_PARTIAL = "snapshot-partial"
    SNAPSHOT_LATE = "snapshot-late"
    SNAPSHOT_ABSENT = "snapshot-absent"
    NEWS_ABSENT = "news-absent"
    ACKNOWLEDGEMENT_DUPLICATED = "acknowledgement-duplicated"
    ACKNOWLEDGEMENT_DELAYED = "acknowledgement-delayed"
    ACKNOWLEDGEMENT_REORDERED = "acknowledgement-reordered"
    ACKNOWLEDGEMENT_LOST = "acknowledgement-lost"
    SOCKET_DIES = "socket-dies"


class Word(Struct, frozen=True, kw_only=True):
    """An event on its way to one connection."""

    event: str
    argument: Any
    after_seconds: float = 0.0
    is_end: bool = False
    """The connection ends in place of it."""


class Dice:
    """When a hardship strikes, and how long it takes."""

    def __init__(self, seed: str, probability: float, least_seconds: float, most_seconds: float) -> None:
        self._random = Random(seed)
        self._probability = probability
        self._least_seconds = least_seconds
        self._most_seconds = most_seconds

    def strikes(self) -> bool:
        """Whether it does, this time."""
        return self._random.random() < self._probability

    def seconds(self) -> float:
        """How long it takes."""
        return self._random.uniform(self._least_seconds, self._most_seconds)

    def pick(self, choices: Iterable[str]) -> str:
        """One of them."""
        return self._random.choice(sorted(choices))


Effect = Callable[[Word, Dice], tuple[Word, ...]]
"""What is said in place of a word."""


class Trouble(Struct, frozen=True, kw_only=True):
    """What a hardship is, how often it strikes unless that is said, and what it makes of which words."""

    says: str
    probability: float
    seconds: tuple[float, float] = (0.0, 0.0)
    """The least and the most that it takes, in real seconds."""
    occasions: tuple[Occasion, ...] = ()
    effect: Effect | None = None


def read_hardship(text: str) -> tuple[Hardship, float]:
    """A hardship and its probability, from ``name`` or ``name=probability``.

    Raises:
        ValueError: it is none; the text says what to give instead.
    """
    name, separator, number = text.partition("=")
    if name not in _NAMES:
        problem = f"{name!r} is no hardship: give one of {', '.join(_NAMES)}"
        raise ValueError(problem)
    hardship = Hardship(name)
    return hardship, _probability(number) if separator else TROUBLES[hardship].probability


def _probability(text: str) -> float:
    problem = f"{text!r} is no probability: give a number from 0 to 1, such as 0.15"
    try:
        probability = float(text)
    except ValueError:
        raise ValueError(problem) from None
    if not 0 <= probability <= 1:
        raise ValueError(problem)
    return probability


_NAMES: Final = tuple(hardship.value for hardship in Hardship)


def _lost(_word: Word, _dice: Dice) -> tuple[Word, ...]:
    return ()


def _later(word: Word, dice: Dice) -> tuple[Word, ...]:
    return (structs.replace(word, after_seconds=word.after_seconds + dice.seconds()),)


def _twice(word: Word, dice: Dice) -> tuple[Word, ...]:
    return word, *_later(word, dice)


def _fatal(word: Word, _dice: Dice) -> tuple[Word, ...]:
    is_done = word.event.startswith("success")
    return (structs.replace(word, is_end=True) if is_done else word,)


def _nameless(word: Word, _dice: Dice) -> tuple[Word, ...]:
    return (structs.replace(word, argument=_without_id(word.argument)),)


def _without_id(row: Body) -> Body:
    return {column: value for column, value in row.items() if column != "requestId"}


def _at_times(effect: Effect) -> Effect:
    """The effect, where the dice say so."""
    return lambda word, dice: effect(word, dice) if dice.strikes() else (word,)


def _cut_to(count: int) -> Effect:
    """Of a list only the newest."""

    def effect(word: Word, _dice: Dice) -> tuple[Word, ...]:
        is_list = isinstance(word.argument, list)
        return (structs.replace(word, argument=word.argument[-count:]) if is_list else word,)

    return _at_times(effect)


def _by_row(change: Callable[[Body, Dice], Body | None]) -> Effect:
    """For every row its own dice; a row that becomes None is not there, nor is a word without its only one."""

    def effect(word: Word, dice: Dice) -> tuple[Word, ...]:
        argument = _changed(word.argument, lambda row: change(row, dice) if dice.strikes() else row)
        return () if argument is None else (structs.replace(word, argument=argument),)

    return effect


def _changed(argument: Any, change: Callable[[Body], Body | None]) -> Any:  # noqa: ANN401 - rows, or an object
    match argument:
        case list():
            return [changed for row in argument if (changed := change(row)) is not None]
        case {"deals": list() as deals}:
            return argument | {"deals": _changed(deals, change)}
    return change(argument)


def _spoiled(row: Body, dice: Dice) -> Body | None:
    """Missing as often as unreadable."""
    if dice.pick(("missing", "unreadable")) == "missing":
        return None
    return row | {dice.pick(_NEEDED & row.keys()): _UNREADABLE}


_ANSWERS: Final = (Occasion.ANSWER,)
_SNAPSHOTS: Final = (Occasion.SNAPSHOT,)
_LISTS: Final = (Occasion.SNAPSHOT, Occasion.NEWS)

TROUBLES: Final = {
    Hardship.NO_REQUEST_ID_IN_LISTS: Trouble(
        says="deals in lists have no `requestId`, each with this probability; they have none anyway, except with the "
        "variant `listed-request-id`",
        probability=1.0,
        occasions=_LISTS,
        effect=_by_row(lambda row, _dice: _without_id(row)),
    ),
    Hardship.NO_REQUEST_ID_IN_ACKNOWLEDGEMENT: Trouble(
        says="`successopenOrder` has no `requestId`", probability=1.0, occasions=_ANSWERS, effect=_at_times(_nameless)
    ),
    Hardship.OTHER_AMOUNT: Trouble(
        says="an order that was refused for a limit is refused with its own amount, not with the limit",
        probability=1.0,
    ),
    Hardship.LISTS_OF_20: Trouble(
        says="lists have their newest 20 rows at most, those of open deals too",
        probability=1.0,
        occasions=_LISTS,
        effect=_cut_to(20),
    ),
    Hardship.LISTS_OF_3: Trouble(
        says="lists have their newest 3 rows at most", probability=1.0, occasions=_LISTS, effect=_cut_to(3)
    ),
    Hardship.SLOW_BROKER: Trouble(
        says="an order waits inside the broker before it is executed; until then nothing tells of it, and it is "
        "executed even if its connection has ended",
        probability=0.15,
        seconds=(0.12, 0.12),
    ),
    Hardship.SNAPSHOT_PARTIAL: Trouble(
        says="rows of a snapshot are missing or unreadable, each with this probability, as is the balance",
        probability=0.5,
        occasions=_SNAPSHOTS,
        effect=_by_row(_spoiled),
    ),
    Hardship.SNAPSHOT_LATE: Trouble(
        says="a snapshot comes late, and says how things stood when it was made",
        probability=0.5,
        seconds=(0.5, 20.0),
        occasions=_SNAPSHOTS,
        effect=_at_times(_later),
    ),
    Hardship.SNAPSHOT_ABSENT: Trouble(
        says="a snapshot does not come", probability=0.5, occasions=_SNAPSHOTS, effect=_at_times(_lost)
    ),
    Hardship.NEWS_ABSENT: Trouble(
        says="nothing is said of a change: not the list, the balance or the settlement",
        probability=0.5,
        occasions=(Occasion.NEWS,),
        effect=_at_times(_lost),
    ),
    Hardship.ACKNOWLEDGEMENT_DUPLICATED: Trouble(
        says="an answer comes twice",
        probability=0.15,
        seconds=(0.0, 2.0),
        occasions=_ANSWERS,
        effect=_at_times(_twice),
    ),
    Hardship.ACKNOWLEDGEMENT_DELAYED: Trouble(
        says="an answer comes late",
        probability=0.15,
        seconds=(0.5, 20.0),
        occasions=_ANSWERS,
        effect=_at_times(_later),
    ),
    Hardship.ACKNOWLEDGEMENT_REORDERED: Trouble(
        says="an answer comes after what was said after it: the lists, and the answers to later orders",
        probability=0.15,
        seconds=(0.0, 0.2),
        occasions=_ANSWERS,
        effect=_at_times(_later),
    ),
    Hardship.ACKNOWLEDGEMENT_LOST: Trouble(
        says="an answer does not come", probability=0.15, occasions=_ANSWERS, effect=_at_times(_lost)
    ),
    Hardship.SOCKET_DIES: Trouble(
        says="what was asked for is done, and the connection ends in place of the answer",
        probability=0.15,
        occasions=_ANSWERS,
        effect=_at_times(_fatal),
    ),
}
"""Every hardship; where several are chosen they strike in the order of their names above.

An answer is what is said to an order or a pending order, or to giving one up; a snapshot is a list or the balance, said
after a login or because it was asked for."""

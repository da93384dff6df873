"""How trades ended, counted together: of all, of an asset, of an hour.

Decides into which groups trades are put, and what is told of a group. Does not know which of them is worth a look.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from msgspec import Struct

from messages.trading import Outcome
from optionbus.report.intervals import Estimate, Verdict, break_even, chance_above, verdict, wilson
from optionbus.report.result import Trade

_ZERO: Final = Decimal(0)
_HOUR_SECONDS: Final = 3600

_Key = tuple[Any, ...]

GROUPINGS: Final = ("asset", "hour", "expiry", "direction", "strategy")
"""By what trades are grouped. ``hour`` is that of the opening, UTC; ``expiry`` the seconds that a deal runs."""


class Tally(Struct):
    """Counts and sums. Draws are in ``profit`` alone: they neither win nor lose."""

    wins: int = 0
    losses: int = 0
    draws: int = 0
    profit: Decimal = _ZERO
    staked: Decimal = _ZERO
    """Of the decided trades."""
    returned_percent: Decimal = _ZERO
    """What they had brought back, had all been won: hundredfold."""

    def add(self, trade: Trade) -> None:
        """One trade more."""
        self.profit += trade.profit
        if trade.outcome is Outcome.DRAW:
            self.draws += 1
            return
        if trade.outcome is Outcome.WIN:
            self.wins += 1
        else:
            self.losses += 1
        self.staked += trade.stake
        self.returned_percent += trade.stake * (100 + trade.payout_percent)

    def merge(self, other: "Tally") -> None:
        """All of another."""
        self.wins += other.wins
        self.losses += other.losses
        self.draws += other.draws
        self.profit += other.profit
        self.staked += other.staked
        self.returned_percent += other.returned_percent

    @property
    def decided(self) -> int:
        """How many won or lost."""
        return self.wins + self.losses

    @property
    def break_even(self) -> float | None:
        """The win rate at which the expected profit is 0."""
        return break_even(float(self.staked), float(self.returned_percent / 100))


class Group(Struct, frozen=True, kw_only=True):
    """What came of the trades that have something in common."""

    name: str
    trades: int
    wins: int
    losses: int
    draws: int
    win_rate: Estimate | None
    break_even: float | None
    verdict: Verdict
    profit: Decimal


class Breakdown(Struct, frozen=True, kw_only=True):
    """All trades, by one of the GROUPINGS."""

    by: str
    groups: tuple[Group, ...]


class Looks(Struct, frozen=True, kw_only=True):
    """How many groups were looked at, and how many of them look good.

    A breakdown into one group is no look: it is all the trades once more.
    """

    groups: int
    above: int
    above_by_chance: float
    """How many would be above break-even on average, if each of them did no more than break even."""


def cells(trades: Iterable[Trade]) -> dict[_Key, Tally]:
    """A tally for each combination of the GROUPINGS that there is."""
    found: dict[_Key, Tally] = {}
    for trade in trades:
        hour = int(trade.open_time // _HOUR_SECONDS % 24)
        key = (trade.symbol, hour, trade.duration_seconds, trade.direction.value, trade.strategy)
        tally = found.get(key)
        if tally is None:
            tally = found[key] = Tally()
        tally.add(trade)
    return found


def total(of: Iterable[Tally]) -> Tally:
    """All of them in one."""
    whole = Tally()
    for tally in of:
        whole.merge(tally)
    return whole


def breakdowns(of: dict[_Key, Tally]) -> tuple[Breakdown, ...]:
    """Each of the GROUPINGS, its groups in the order of their names, hours and seconds."""
    return tuple(_breakdown(by, place, of) for place, by in enumerate(GROUPINGS))


def looks(of: Iterable[Breakdown]) -> Looks:
    """What was looked at in these."""
    groups = [group for each in of if len(each.groups) > 1 for group in each.groups if group.wins + group.losses]
    return Looks(
        groups=len(groups),
        above=sum(group.verdict is Verdict.ABOVE for group in groups),
        above_by_chance=sum(chance_above(group.wins + group.losses, group.break_even) for group in groups),
    )


def _breakdown(by: str, place: int, of: dict[_Key, Tally]) -> Breakdown:
    merged: dict[Any, Tally] = {}
    for key, tally in of.items():
        merged.setdefault(key[place], Tally()).merge(tally)
    return Breakdown(by=by, groups=tuple(_group(_name(by, key), merged[key]) for key in sorted(merged)))


def _group(name: str, tally: Tally) -> Group:
    rate = wilson(tally.wins, tally.decided)
    return Group(
        name=name,
        trades=tally.decided + tally.draws,
        wins=tally.wins,
        losses=tally.losses,
        draws=tally.draws,
        win_rate=rate,
        break_even=tally.break_even,
        verdict=verdict(rate, tally.break_even),
        profit=tally.profit,
    )


def _name(by: str, key: object) -> str:
    return f"{key:02}:00" if by == "hour" else f"{key} s" if by == "expiry" else str(key)

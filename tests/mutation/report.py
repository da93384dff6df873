"""What came of the mutants: scores of modules and groups, and the mutants that survived, as text."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.mutation.mutants import Mutant
from tests.mutation.trial import Outcome

_HEAD = ("module", "mutants", "killed", "timed out", "survived", "score")


@dataclass(frozen=True)
class Score:
    """What came of the mutants of a module, or of several."""

    name: str
    outcomes: Counter[Outcome]

    @property
    def percent(self) -> float:
        """How many of a hundred were noticed."""
        total = self.outcomes.total()
        return 100.0 * (total - self.outcomes[Outcome.SURVIVED]) / total

    @property
    def row(self) -> tuple[str, ...]:
        """Its cells in a table."""
        counts = (self.outcomes.total(), *(self.outcomes[outcome] for outcome in Outcome))
        return (self.name, *map(str, counts), f"{self.percent:.1f} %")


def together(name: str, scores: Iterable[Score]) -> Score:
    """The sum."""
    return Score(name, sum((score.outcomes for score in scores), Counter[Outcome]()))


def table(scores: Sequence[Score]) -> str:
    """One line a score."""
    rows = [_HEAD, *(score.row for score in scores)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    return "\n".join(
        "  ".join(cell.rjust(width) if column else cell.ljust(width) for column, (cell, width) in enumerate(cells))
        for cells in (list(zip(row, widths, strict=True)) for row in rows)
    )


def told(path: str, mutant: Mutant, outcome: Outcome) -> str:
    """Where it is, its number for ``--only``, and what it changed."""
    return f"{outcome.value}: {path}:{mutant.line}: number {mutant.number}, {mutant.operator}\n{mutant.diff}"

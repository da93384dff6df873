"""What each attack may cost, and whether it did not cost more: the verdict over ``victim``.

Of the attempts the greatest memory, the most lines and the median of the times count. A flood is many offences: its
milliseconds are those of one of them on average.
Does not know how it is measured.
"""

import statistics
import subprocess
import sys
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
from msgspec import Struct

from optionbus.cli.doctor import HOME
from tests.hostile.attacks import ATTACKS, Attack
from tests.hostile.victim import Cost

MAX_KIBIBYTES: Final = 4 * 1024
MAX_MILLISECONDS: Final = 50.0
MAX_LINES: Final = 12
"""More than an attack with a lost connection leads to, and its reasons; a flood must not be told from it by the log."""

ENDS: Final = ("TransportError", "ConnectionLost")


class Verdict(Struct, frozen=True, kw_only=True):
    """One attack over all its attempts."""

    attack: str
    attempts: int
    extra_kibibytes: int
    milliseconds: float | None
    lines: int
    error: str
    problems: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether it cost no more than it may."""
        return not self.problems


def measure(names: Sequence[str] = (), *, repeat: int = 1, control: str = "") -> list[Verdict]:
    """Have the attacks suffered by a process of its own, and judge them; ``control`` is an option of the victim's."""
    command = [sys.executable, "-m", "tests.hostile.victim", "--repeat", str(repeat), *([control] if control else [])]
    ended = subprocess.run([*command, *names], cwd=HOME, check=True, capture_output=True, timeout=600)
    costs = [msgspec.json.decode(line, type=Cost) for line in ended.stdout.splitlines()]
    return [judge(ATTACKS[name], [cost for cost in costs if cost.attack == name]) for name in names or ATTACKS]


def judge(attack: Attack, costs: Sequence[Cost]) -> Verdict:
    """What the attempts came to."""
    times = [cost.milliseconds / attack.offences for cost in costs if cost.milliseconds is not None]
    verdict = Verdict(
        attack=costs[0].attack,
        attempts=len(costs),
        extra_kibibytes=max(cost.extra_kibibytes for cost in costs),
        milliseconds=round(statistics.median(times), 4) if len(times) == len(costs) else None,
        lines=max(cost.lines for cost in costs),
        error=", ".join(sorted({cost.error for cost in costs} - {""})),
        problems=(),
    )
    return msgspec.structs.replace(verdict, problems=tuple(_problems(attack, costs, verdict)))


def _problems(attack: Attack, costs: Sequence[Cost], verdict: Verdict) -> Iterable[str]:
    if verdict.extra_kibibytes >= MAX_KIBIBYTES:
        yield "too much memory"
    if verdict.milliseconds is None:
        yield "not rejected"
    elif verdict.milliseconds >= MAX_MILLISECONDS:
        yield "too slow"
    if verdict.lines > MAX_LINES:
        yield "too many lines"
    if attack.ends and any(cost.error not in ENDS for cost in costs):
        yield "no typed error"
    if not attack.ends and any(cost.error or cost.refusals < attack.refusals for cost in costs):
        yield "not counted" if not verdict.error else "the session ended"
    if not all(cost.lives for cost in costs):
        yield "not ready afterwards"


def row(verdict: Verdict) -> str:
    """A line of the table."""
    milliseconds = "never" if verdict.milliseconds is None else f"{verdict.milliseconds:.3f} ms"
    outcome = "ok" if verdict.holds else ", ".join(verdict.problems)
    end = verdict.error or "goes on"
    return (
        f"{verdict.attack:<34}{verdict.extra_kibibytes / 1024:>8.2f} MiB{milliseconds:>13}"
        f"{verdict.lines:>7} lines  {end:<28}{outcome}"
    )

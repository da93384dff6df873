"""What was found in a file of prices: one finding, as it is printed and as an error carries it.

Decides what a finding says. Does not know what is looked for (``optionbus.data.checks``).
"""

from enum import Enum

from msgspec import Struct


class Severity(Enum):
    """What a finding means for a run: an error stops it, a remark is printed."""

    ERROR = "error"
    REMARK = "remark"


class Finding(Struct, frozen=True, kw_only=True):
    """Something about a file of prices.

    ``rows`` are the first of the rows that show it, counted from 1 as in the file, its header included; ``count`` is
    how many there are. ``text`` says what it is and what to do.
    """

    severity: Severity
    rule: str
    text: str
    rows: tuple[int, ...] = ()
    count: int = 0

    def __str__(self) -> str:
        return f"{self.severity.value}, {self.rule}: {self.text}{self._where()}"

    def _where(self) -> str:
        if not self.rows:
            return ""
        more = f" and {self.count - len(self.rows)} more" if self.count > len(self.rows) else ""
        return f" (row{'s' if self.count > 1 else ''} {', '.join(map(str, self.rows))}{more})"

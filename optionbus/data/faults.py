"""What is said of a file of prices, finding by finding, and what is to be done about it.

Decides the words, and whether something stops a run. Does not look for anything (``optionbus.data.checks``).
"""

from typing import Final

from messages.findings import Finding, Severity

SHOWN: Final = 10
"""So many rows are named of those that show something."""

_ERRORS: Final = {
    "empty": "There are no rows in it. Name a file that has some, or another asset.",
    "damaged": "",
    "unreadable": "A time or a number there cannot be read, or cells are missing or too many. Mend or delete these "
    "rows, or say which column is what (Columns: time=…, price=…, unit=…, decimals=…). Times are numbers since 1970, "
    "or texts such as 2024-01-31T10:00:00Z, 2024.01.31 10:00 or 31.01.2024 10:00.",
    "not a price": "A price there is not a finite number above zero. Mend or delete these rows.",
    "impossible candle": "The high is not the highest price there, or the low not the lowest. Mend or delete these "
    "rows, or say which column is what (Columns: open=…, high=…, low=…, close=…).",
    "unsorted": "The time is earlier than in the row before. Sort the file by time, all assets together.",
    "repeated hour": "The time goes back by an hour in a night in which summer time ends: these are local times. Say "
    "which (Columns: timezone=Europe/Berlin, for example), or export them in UTC.",
    "contradiction": "A candle of the same asset and time was there already, with other prices. Delete the wrong one.",
    "gap": "",
    "future": "The time lies in the future. Its time zone or its unit is another one: say which (Columns: timezone=…, "
    "unit=…).",
    "impossible year": "The time lies before 1990 or after 2100. Its unit is another one: say which (Columns: unit=s, "
    "ms, us, ns or iso).",
}

_REMARKS: Final = {
    "weekend": "Nothing is there for a weekend. Nothing needs to be done where the market was closed.",
    "missing hour": "An hour is missing in a night in which summer time begins: these may be local times. If they are, "
    "say which (Columns: timezone=Europe/Berlin, for example).",
    "duplicate": "The same asset, time and price were there already. They count once in candles; delete them if they "
    "should not be played twice.",
    "several assets": "",
}

RULES: Final = dict.fromkeys(_ERRORS, Severity.ERROR) | dict.fromkeys(_REMARKS, Severity.REMARK)
"""What is looked for, and what each means for a run."""


def finding(rule: str, rows: tuple[int, ...] = (), count: int = 0, text: str = "") -> Finding:
    """What is said by that rule; ``text`` comes first where it is more than the rule's own."""
    own = (_ERRORS | _REMARKS)[rule]
    return Finding(severity=RULES[rule], rule=rule, rows=rows[:SHOWN], count=count, text=f"{text} {own}".strip())

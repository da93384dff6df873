"""Runs a target on one input after the other and keeps what it finds.

Decides that two findings are one where the same exception was raised at the same line. Does not know what is hunted.
"""

import sys
import time
import traceback
from collections.abc import Callable
from typing import Final

from msgspec import Struct

MOST_FINDINGS: Final = 10
_REPORT_EVERY: Final = 100_000


class Finding(Struct, frozen=True):
    """An input that a target does not stand."""

    target: str
    error: str
    where: str
    input: bytes

    def __str__(self) -> str:
        replay = f"python -m tests.fuzz --target {self.target} --replay {self.input.hex()}"
        return f"{self.target}: {self.error} at {self.where}\n    {replay}"


class Hunt(Struct, frozen=True):
    """What a number of executions came to."""

    executions: int
    seconds: float
    findings: tuple[Finding, ...]


def attempt(target: str, run: Callable[[bytes], None], data: bytes) -> Finding | None:
    """One execution."""
    try:
        run(data)
    except Exception as error:  # noqa: BLE001 - whatever comes out is what is looked for
        place = traceback.extract_tb(error.__traceback__)[-1]
        text = f"{type(error).__name__}: {error}"[:200]
        return Finding(target, text, f"{place.filename}:{place.lineno}", data)
    return None


def hunt(
    target: str, run: Callable[[bytes], None], make: Callable[[], bytes], executions: int, *, is_loud: bool = False
) -> Hunt:
    """So many executions, or fewer where enough was found."""
    findings: dict[str, Finding] = {}
    began, done = time.monotonic(), 0
    while done < executions and len(findings) < MOST_FINDINGS:
        data = make()
        done += 1
        try:
            run(data)
        except Exception:  # noqa: BLE001 - as above; run again, where it costs nothing
            found = attempt(target, run, data)
            if found is not None and found.where not in findings:
                findings[found.where] = found
        if is_loud and done % _REPORT_EVERY == 0:
            rate = done / (time.monotonic() - began)
            sys.stderr.write(f"\r{target}: {done} executions, {rate:.0f} a second, {len(findings)} findings")
            sys.stderr.flush()
    return Hunt(done, time.monotonic() - began, tuple(findings.values()))

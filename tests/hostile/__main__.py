"""Meets hostile servers and looks at what they get, what they cost, and what comes out.

``python -m tests.hostile [--only tls] [--json]``: prints a table for each part; exit code 1 where something does not
hold. ``--control`` runs the controls instead, which must fail.
"""

import argparse
import json
import logging
import os
import sys
from collections.abc import Callable
from tempfile import TemporaryDirectory
from typing import Final

from msgspec import Struct, to_builtins

from tests.hostile import canary, frames, key_log, tls


class Part(Struct, frozen=True):
    """What a part of the command has found: its rows, its sum, and whether all holds."""

    rows: tuple[str, ...]
    summary: str
    holds: bool
    figures: object


def tls_part(*, is_control: bool) -> Part:
    """Who is refused, and whether a key log is written."""
    if is_control:
        with tls.trusting():
            outcomes = tls.run_all()
    else:
        outcomes = tls.run_all()
    logged = key_log.bytes_logged(stock=is_control)
    rows = tuple(
        f"{'ok' if outcome.holds else 'MISSED':<8}{outcome.case:<30}{outcome.bytes_received:>6} bytes received, "
        f"secret {'HEARD' if outcome.is_canary_heard else 'not heard'}, "
        f"{outcome.redirected} redirected; {outcome.error}"
        for outcome in outcomes
    )
    held = sum(outcome.holds for outcome in outcomes)
    summary = f"{held} of {len(outcomes)} refused, {logged} bytes of TLS keys logged"
    figures = {"outcomes": outcomes, "key_log_bytes": logged}
    return Part(rows, summary, held == len(outcomes) and logged == 0, figures)


def frames_part(*, is_control: bool) -> Part:
    """What hostile bytes cost."""
    verdicts = frames.measure(repeat=1 if is_control else ATTEMPTS, control="--stock" if is_control else "")
    held = sum(verdict.holds for verdict in verdicts)
    summary = f"{held} of {len(verdicts)} attacks cost less than they may"
    return Part(tuple(map(frames.row, verdicts)), summary, held == len(verdicts), verdicts)


def canary_part(*, is_control: bool) -> Part:
    """Where a session comes out."""
    places = canary.search(leak=is_control)
    hits = sum(place.hits for place in places)
    rows = tuple(f"{place.hits:>4} hits in {place.size:>9} bytes  {place.name}" for place in places)
    summary = f"{hits} hits in {len(places)} places, {sum(place.size for place in places)} bytes"
    return Part(rows, summary, hits == 0, places)


ATTEMPTS: Final = 5
PARTS: Final[dict[str, Callable[..., Part]]] = {"tls": tls_part, "frames": frames_part, "canary": canary_part}


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument("--only", choices=PARTS, nargs="+", default=list(PARTS), help="which parts")
    parser.add_argument("--control", action="store_true", help="the controls, which must fail")
    parser.add_argument("--json", action="store_true", help="figures instead of tables")
    options = parser.parse_args()
    logging.getLogger("websocket").setLevel(logging.CRITICAL)
    with TemporaryDirectory() as folder:
        os.environ["XDG_STATE_HOME"] = folder
        parts = {name: PARTS[name](is_control=options.control) for name in options.only}
    if options.json:
        sys.stdout.write(json.dumps({name: to_builtins(part.figures) for name, part in parts.items()}, indent=2) + "\n")
    else:
        for name, part in parts.items():
            rows = "\n".join(part.rows)
            sys.stdout.write(f"{rows}\n{name}: {part.summary}\n\n")
    return 0 if all(part.holds for part in parts.values()) else 1


if __name__ == "__main__":
    sys.exit(main())

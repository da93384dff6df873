"""Whether the client grows: hours of trading with hundreds of reconnects, and what it holds in the end.

``python -m benchmarks.soak``: the client lives in this process, the simulated broker, and the proxy that resets its
connection, in processes of their own.

Decides the command line, what is printed, and the exit code. What the client does is in ``benchmarks.soak_client``,
what is good enough in ``benchmarks.soak_verdict``.
"""

import argparse
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from tempfile import TemporaryDirectory
from typing import Final

import msgspec

from benchmarks.soak_client import FILL, Plan, SoakingClient, soaking
from benchmarks.soak_verdict import Verdict, changes, judged, slopes
from optionbus.cli.allocator import keep_one_arena
from tests.faults.client import proxied

RECONNECTS_PER_HOUR: Final = 500 / 3
WARM_UP_SHARE, MOST_WARM_UP_SECONDS = 0.1, 600.0

_ABOUT: Final = """\
Lets a client trade for hours against a simulated broker on the loopback, resets its connection again and again, and
says what it holds more of in the end: memory, threads, descriptors, objects, messages in mailboxes. Before the time
that is asked for comes a warm-up, a tenth of it and ten minutes at most, of which nothing is judged. Ctrl-C ends it and
prints what there is.
"""

_EXAMPLES: Final = """\
examples:
  python -m benchmarks.soak --hours 3
      with 500 reconnects; ten minutes longer in all
  python -m benchmarks.soak --hours 0.5 --reconnects 500 --json > figures.json
      shorter, with as many; figures for machines
  python -m benchmarks.soak --hours 0.2 --control
      a client that keeps every tick, which has to be noticed

Exit codes: 0 all is as it must be, 1 something is not: the upper end of the 95 % interval of the memory's slope is
64 KiB/h or more, or that of the objects' one a reconnect; threads, descriptors or waiting messages are more or fewer,
objects more than they swing; something that the client was asked has failed; or it was ended before its time.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Soak, print, judge."""
    options = _parser().parse_args(arguments)
    if not options.arenas:
        keep_one_arena()  # as run.py does
    try:
        verdict = soak(_plan(options))
    except KeyboardInterrupt:  # before there was anything
        return 130
    if options.json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(verdict)).decode() + "\n")
    else:
        sys.stdout.write(shown(verdict))
    return 1 if verdict.missed else 0


def soak(plan: Plan) -> Verdict:
    """Do it; ends early on Ctrl-C."""
    with TemporaryDirectory(prefix="soak-") as folder:
        os.environ["XDG_STATE_HOME"] = folder  # no account of the user's is touched
        with _shielded() as unshield, proxied("--open-deals", 10_000) as (_, proxy, url):
            unshield()
            with soaking(url, plan, lambda: proxy.ask("reset"), folder) as client:
                with suppress(KeyboardInterrupt):
                    _say(f"{plan.hours:g} h, {plan.reconnects} reconnects; client: process {os.getpid()}\n")
                    client.run(_tell)
                    client.finish()
                return _judged(client, plan)


def _judged(client: SoakingClient, plan: Plan) -> Verdict:
    record, tally = client.record, client.tally
    warm_up_hours = plan.warm_up_seconds / 3600
    unasked = client.logins - 1 - tally.done["reset"]
    return judged(
        Verdict(
            hours=max(0.0, client.hours - warm_up_hours),
            hours_planned=plan.hours,
            warm_up_hours=warm_up_hours,
            samples=len(record),
            reconnects=tally.done["reset"],
            reconnects_planned=plan.reconnects,
            slopes=slopes(record, warm_up_hours),
            changes=changes(record, warm_up_hours),
            silent_seconds=client.silent_seconds(),
            done=dict(tally.done),
            failed=dict(tally.failed) | ({"connection lost unasked": unasked} if unasked > 0 else {}),
        )
    )


def shown(verdict: Verdict) -> str:
    """The verdict as text."""
    span = (
        f"{verdict.hours:.2f} h after {verdict.warm_up_hours:.2f} of warm-up; {verdict.samples} samples; "
        f"{verdict.reconnects} of {verdict.reconnects_planned} reconnects"
    )
    lines = [
        span,
        "done: " + ", ".join(f"{what} {count}" for what, count in sorted(verdict.done.items())),
    ]
    silences = ", ".join(f"{asset} {seconds:.1f} s" for asset, seconds in verdict.silent_seconds.items())
    lines.append(f"longest without a tick: {silences}")
    for gauge, slope in verdict.slopes.items():
        change = verdict.changes[gauge]
        lines.append(
            f"{gauge:<12} {slope.per_unit:+8.1f} an hour (95 %: {slope.low:+.1f} to {slope.high:+.1f}); "
            f"{change.difference:+g} ({change.first:g} to {change.last:g}, noise {change.noise:g})"
        )
    lines += [f"missed: {text}" for text in verdict.missed]
    return "\n".join(lines) + "\n"


def _tell(client: SoakingClient) -> None:
    if sys.stderr.isatty():
        done = client.tally.done
        failures = sum(client.tally.failed.values())
        text = f"{client.hours:.3f} h  {done['reset']} reconnects  {done['order']} orders  {failures} failures"
        _say(f"\r{text}\x1b[K")


def _say(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


@contextmanager
def _shielded() -> Iterator["_Unshield"]:
    """Ctrl-C reaches every process of the terminal; those that are begun here inherit that it is nothing to them."""
    unshield = _Unshield()
    try:
        yield unshield
    finally:
        unshield()


class _Unshield:
    """Lets Ctrl-C be heard again."""

    def __init__(self) -> None:
        self._before = signal.signal(signal.SIGINT, signal.SIG_IGN)

    def __call__(self) -> None:
        signal.signal(signal.SIGINT, self._before)


def _plan(options: argparse.Namespace) -> Plan:
    seconds = options.hours * 3600
    warm_up_seconds = min(MOST_WARM_UP_SECONDS, WARM_UP_SHARE * seconds)
    reconnects = options.reconnects
    return Plan(
        seconds=warm_up_seconds + seconds,
        warm_up_seconds=warm_up_seconds,
        reconnects=round(RECONNECTS_PER_HOUR * options.hours) if reconnects is None else reconnects,
        fill=options.fill,
        leaks=options.control,
        sample_seconds=min(5.0, seconds / 100),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.soak",
        description=_ABOUT,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--hours", type=float, default=3.0, help="how long, after the warm-up (%(default)s)")
    parser.add_argument("--reconnects", type=int, help="how many, spread over the time; default: 500 in three hours")
    parser.add_argument("--fill", type=int, default=FILL, help="orders that the warm-up begins with (%(default)s)")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--arenas", action="store_true", help="leave the C library its arenas, which run.py does not")
    parser.add_argument("--control", action="store_true", help="a client that leaks, and must be noticed")
    return parser


if __name__ == "__main__":
    sys.exit(main())

"""``python -m simulator``: the simulated platform as a program.

Decides the command line and what it prints. Everything it does is in ``simulator.server``.
"""

import argparse
import contextlib
import math
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from messages.errors import BusError, UsageError
from simulator import certificates
from simulator.audit import AuditFile
from simulator.broker import Broker, Refusal
from simulator.hardship import Hardship, read_hardship
from simulator.server import SimulatorServer
from simulator.variants import Variant

_EXAMPLES: Final = """\
examples:
  python -m simulator --port 8765
      the platform on ws://127.0.0.1:8765; any well-formed session is accepted
  python -m simulator --port 0 --ready-file /tmp/url --speed 60
      a free port, its URL in a file; a deal of a minute is settled after a second
  python -m simulator --tls --ca-file ca.pem
      wss; clients have to trust ca.pem
  python -m simulator --refuse
      every login is refused, as with a session that has run out
  python -m simulator --variant history-old --variant columns
      charts in another form of the platform's; docs/simulator.md lists them all
  python -m simulator --hard slow-broker --hard acknowledgement-lost=0.5 --audit executed.jsonl
      hard on clients: one order in seven takes 120 ms, every second answer gets lost; what was executed
      stands in the file at once: request_id, deal_id, uid, is_demo, asset, amount, action,
      duration_seconds, time

a session that is accepted, as a client's SSID (each uid is an account, with isDemo 0 another one; none is real):
  42["auth",{"session":"any-text","isDemo":1,"uid":12345,"platform":2}]

Ctrl-C ends it. Exit codes: 0 ended by Ctrl-C, 2 it could not begin.
"""

_WAYS: Final = [way.value for way in Refusal]
_FORMS: Final = [variant.value for variant in Variant]
_VARIANT: Final = f"say things in another form that the platform uses, may be repeated: {', '.join(_FORMS)}"

_HARD: Final = f"""make it hard to know what became of an order, as often as PROBABILITY says, from 0 to 1; without it,
as often as docs/simulator.md says; may be repeated: {", ".join(hardship.value for hardship in Hardship)}"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the simulator until it is interrupted; the exit code."""
    options = parser().parse_args(arguments)
    # A shell that starts us in the background leaves SIGINT ignored.
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.default_int_handler)
    try:
        _run(options)
    except KeyboardInterrupt:
        return 0
    except BusError as error:
        print(f"simulator: {error}", file=sys.stderr)
        return 2
    return 0


def _run(options: argparse.Namespace) -> None:
    with contextlib.ExitStack() as stack:
        audit = stack.enter_context(AuditFile(options.audit)) if options.audit else None
        _serve(options, audit)


def _serve(options: argparse.Namespace, audit: AuditFile | None) -> None:
    credentials = _credentials(options)
    refusal = Refusal(options.refuse) if options.refuse else None
    variants = [Variant(name) for name in options.variant]
    hardships = dict(options.hard)
    broker = Broker(
        options.seed, options.speed, refusal=refusal, variants=variants, hardships=hardships, executed=audit
    )
    context = credentials.context if credentials else None
    with SimulatorServer(broker, options.host, options.port, context) as server:
        if credentials and options.ca_file:
            _write(options.ca_file, credentials.authority)
        if options.ready_file:
            _write(options.ready_file, server.url.encode())
        print(server.url, flush=True)
        threading.Event().wait()


def _credentials(options: argparse.Namespace) -> certificates.Credentials | None:
    if (options.certificate is None) != (options.key is None):
        text = "--certificate and --key belong together: give both, or neither for one made on the spot."
        raise UsageError(text)
    if options.certificate is not None:
        return certificates.load(options.certificate, options.key)
    if options.tls or options.ca_file:
        return certificates.make()
    return None


def _write(file: Path, content: bytes) -> None:
    """All of it or nothing: whoever waits for the file never sees half of it."""
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        draft.write_bytes(content)
        draft.replace(file)
    except OSError as error:
        text = f"{file} cannot be written: {error.strerror}. Choose a file in a folder of yours."
        raise UsageError(text) from error


def parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m simulator",
        description="A trading platform on this machine: prices, orders, history. Nothing it does is real.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--port", type=_port, default=0, help="the port to listen on (default: a free one)")
    add("--host", default="127.0.0.1", help="the interface to listen on (default: %(default)s, this machine only)")
    add("--seed", type=int, default=0, help="the same seed gives the same prices at the same time (default: 0)")
    add("--speed", type=_speed, default=1.0, metavar="X", help="deals expire and candles pass X times as fast")
    add("--ready-file", type=Path, metavar="FILE", help="write the URL to this file once clients can connect")
    add("--refuse", choices=_WAYS, nargs="?", const=_WAYS[0], help=f"refuse every login (default: {_WAYS[0]})")
    add("--variant", choices=_FORMS, action="append", default=[], metavar="NAME", help=_VARIANT)
    add("--hard", type=_hardship, action="append", default=[], metavar="NAME[=PROBABILITY]", help=_HARD)
    add("--audit", type=Path, metavar="FILE", help="append each order that is executed to this file, a JSON line each")
    add("--tls", action="store_true", help="speak wss, with a certificate made for this machine")
    add("--certificate", type=Path, metavar="FILE", help="speak wss with this certificate (PEM)")
    add("--key", type=Path, metavar="FILE", help="the certificate's private key (PEM)")
    add("--ca-file", type=Path, metavar="FILE", help="speak wss; write here what clients have to trust (PEM)")
    return parser


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < 2**16):
        problem = f"{text!r} is no port: give a number from 0 (a free one) to 65535"
        raise argparse.ArgumentTypeError(problem)
    return int(text)


def _hardship(text: str) -> tuple[Hardship, float]:
    try:
        return read_hardship(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = math.nan
    if not (math.isfinite(speed) and speed > 0):
        problem = f"{text!r} is no speed: give a number above 0, such as 60"
        raise argparse.ArgumentTypeError(problem)
    return speed


if __name__ == "__main__":
    sys.exit(main())

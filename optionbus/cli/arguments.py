"""What may be said on the command line.

Decides names, checks and defaults of arguments, and the text that teaches them. Nothing but the standard library is
needed to read it. Does not know what is done with them, nor what stands in files and in the environment.
"""

import sys
from argparse import SUPPRESS, Action, ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter
from collections.abc import Sequence
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path
from typing import Any, Final, NoReturn, TextIO
from urllib.parse import urlsplit

from optionbus.cli import texts
from optionbus.cli.sweep_arguments import SWEEP_EXAMPLES, SWEEP_TEXT, SweepOptions, add_sweep
from optionbus.version import VERSION

DEFAULT_ASSETS: Final = ("EURUSD_otc", "GBPUSD_otc", "AUDCAD_otc")
DEFAULT_DROP_SECONDS: Final = 8.0
DEFAULT_PERIOD: Final = 5
LEVELS: Final = ("TRACE", "DEBUG", "INFO", "SUCCESS", "WARNING", "ERROR", "CRITICAL")

_PATH: Final = "/socket.io/"
_QUERY: Final = "EIO=4&transport=websocket"
_DAY_SECONDS: Final = 86_400
_SESSION_START: Final = "42["
_SSID_HINT: Final = "Put the session into a file for --ssid-file, or into the environment variable OPTIONBUS_SSID."


class Options(SweepOptions):
    """What was said. Times are seconds."""

    command: str
    url: str | None
    region: str | None
    ssid_file: Path | None
    config: Path | None
    allow_real: bool
    json: bool
    log_level: str | None
    log_file: str | None
    asset: list[str]
    period: int
    seconds: float | None
    actor: list[str]
    no_trade: bool
    seed: int | None
    speed: float | None
    drop_after: float | None
    account: str | None
    unresolved: bool
    settle: str | None
    outcome: str | None
    reason: str
    mode: str | None
    strategy: list[str]
    param: list[str]
    paper: bool
    own_assets: list[str]
    own_period: int | None
    data: str
    columns: str | None
    max_gap: float | None
    begin: float | None
    end: float | None
    balance: str
    payout: int
    latency: float
    slippage: float
    report: str | None
    out: Path | None
    ticks: Path | None
    replay: Path | None

    @property
    def progress(self) -> TextIO:
        """Where to show what goes on: with --json standard output is for programs."""
        return sys.stderr if self.json else sys.stdout


def parse(arguments: Sequence[str]) -> Options:
    """Read the arguments. Ends the process, with exit code 2, where they are wrong."""
    command = next(iter(arguments), "")
    make = _PARSERS.get(command)
    options = Options(command=command if make else "run", **_ABSENT)
    if make is not None:
        parser = make(command)
        parser.parse_args(arguments[1:], namespace=options)
    else:
        parser = _run_parser()
        parser.parse_args(arguments, namespace=options)
    if options.speed == 0 and options.replay is None:
        parser.error("argument --speed: it has to be above 0")
    options.own_assets = list(dict.fromkeys(options.asset))
    options.asset = options.own_assets or list(DEFAULT_ASSETS)
    options.period = options.own_period or DEFAULT_PERIOD
    return options


_ABSENT: Final[dict[str, Any]] = {
    **dict.fromkeys(("log_level", "log_file", "seed", "speed", "drop_after")),
    **dict.fromkeys(("own_period", "columns", "max_gap", "begin", "end", "report")),
    "actor": [],
    "strategy": [],
    "param": [],
    "paper": False,
    **dict.fromkeys(("account", "settle", "outcome", "mode", "out", "ticks", "replay")),
    **dict.fromkeys(("ssid_file", "url", "region")),
    "asset": [],
    "allow_real": False,
    "unresolved": False,
    "reason": "",
}
"""What not every command asks."""


class _Parser(ArgumentParser):
    """Says what is wrong in one line, without repeating a session that was put where it can be seen."""

    def error(self, message: str) -> NoReturn:
        from messages.secret import redact  # noqa: PLC0415 - another package may have that name: see doctor

        self.exit(2, f"optionbus: {redact(message)}. See {self.prog} --help.\n")


class _SsidOption(Action):
    """Refuses ``--ssid``, which everybody tries first."""

    def __call__(self, parser: ArgumentParser, *_said: object) -> None:
        parser.error(f"--ssid is not an option: other processes can read arguments. {_SSID_HINT.rstrip('.')}")


def _run_parser() -> ArgumentParser:
    parser = _parser(program(), texts.RUN_TEXT, texts.RUN_EXAMPLES)
    parser.add_argument("--version", action="version", version=f"optionbus {VERSION}")
    _add_shown(parser)
    _add_strategies(parser)
    _add_session(parser)
    _add_simulator(parser)
    replay = "play this recording instead of connecting: see the command replay"
    parser.add_argument("--replay", type=Path, metavar="FILE", help=replay)
    return parser


def _record_parser(command: str) -> ArgumentParser:
    parser = _parser(f"{program()} {command}", texts.RECORD_TEXT, texts.RECORD_EXAMPLES)
    add = parser.add_argument_group("what is written").add_argument
    add("--out", type=Path, metavar="FILE", help="the recording (session-DATE-TIME.rec, in this folder)")
    add("--ticks", type=Path, metavar="FILE", help="the ticks alone as well, as .csv or .jsonl")
    _add_shown(parser)
    _add_strategies(parser)
    _add_session(parser)
    _add_simulator(parser)
    return parser


def _replay_parser(command: str) -> ArgumentParser:
    parser = _parser(f"{program()} {command}", texts.REPLAY_TEXT, texts.REPLAY_EXAMPLES)
    parser.usage = "%(prog)s FILE [option ...]"
    parser.add_argument("replay", type=Path, metavar="FILE", help="a recording")
    parser.add_argument("--speed", type=_pace, metavar="X", help="how many times as fast as then, or max (1)")
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings, in TOML or JSON")
    _add_shown(parser)
    _add_strategies(parser)
    return parser


def _doctor_parser(command: str) -> ArgumentParser:
    parser = _parser(f"{program()} {command}", texts.DOCTOR_TEXT, texts.DOCTOR_EXAMPLES)
    parser.add_argument("--json", action="store_true", help="print the findings as one JSON object")
    _add_session(parser)
    return parser


def _journal_parser(command: str) -> ArgumentParser:
    examples = texts.JOURNAL_EXAMPLES.replace("python run.py", program())
    parser = _parser(f"{program()} {command}", texts.JOURNAL_TEXT, examples)
    add = parser.add_argument_group("what is shown").add_argument
    add("--unresolved", action="store_true", help="only orders whose end is not known")
    add("--json", action="store_true", help="as JSON")
    add = parser.add_argument_group("whose").add_argument
    add("--account", metavar="NAME", help="the account's folder, or how its name begins (all)")
    if command == "orders":
        add = parser.add_argument_group("what is done").add_argument
        add("--settle", metavar="ORDER", help="say how an order ended that nobody could resolve; needs --as")
        add("--as", dest="outcome", choices=("closed", "not-placed"), help="as the platform shows it")
        add("--reason", default="", metavar="TEXT", help="kept with the order")
        modes = ("active", "reducing", "halted")
        add("--mode", choices=modes, help="move the kill switch, also of a process that is running")
    _add_session(parser)
    return parser


def _backtest_parser(command: str) -> ArgumentParser:
    parser = _parser(f"{program()} {command}", texts.BACKTEST_TEXT, texts.BACKTEST_EXAMPLES)
    _add_strategies(parser, is_required=True)
    _add_played(parser)
    add = parser.add_argument_group("what is told").add_argument
    add("--report", metavar="FILE|FOLDER", help=".html, .json or .png; a folder gets the page and the JSON")
    add("--json", action="store_true", help="print the report as JSON, all else to standard error")
    return parser


def _sweep_parser(command: str) -> ArgumentParser:
    parser = _parser(f"{program()} {command}", SWEEP_TEXT, SWEEP_EXAMPLES)
    _add_strategies(parser, is_required=True)
    add_sweep(parser, _moment)
    _add_played(parser)
    return parser


def _add_played(parser: ArgumentParser) -> None:
    add = parser.add_argument_group("on what").add_argument
    where = "a file of ticks or candles (.csv, .jsonl, also .gz; .parquet), or simulated:SEED"
    add("--data", required=True, metavar="FILE|simulated:SEED", help=where)
    add("--columns", metavar="NAME=COLUMN,...", help="which column is what, where the header does not tell")
    gap = "max_gap_seconds of the check: how long a file may have nothing (ten times the usual distance)"
    add("--max-gap", type=_positive, metavar="SECONDS", help=gap)
    add("--asset", action="append", default=[], metavar="SYMBOL", help="repeatable (those of the strategy)")
    add("--period", dest="own_period", type=_period, metavar="SECONDS", help="how long its candles last (its own)")
    add("--from", dest="begin", type=_moment, metavar="TIME", help="such as 2024-01-31 or 2024-01-31T12:00, in UTC")
    add("--to", dest="end", type=_moment, metavar="TIME", help="up to then, not included")
    add("--seed", type=int, default=0, metavar="N", help="of what is drawn at random (%(default)s)")
    add = parser.add_argument_group("the market").add_argument
    add("--balance", default="50000", metavar="AMOUNT", help="what the account begins with (%(default)s)")
    add("--payout", type=int, default=92, metavar="PERCENT", help="the gain on a win (%(default)s)")
    add("--latency", type=_not_negative, default=0.0, metavar="SECONDS", help="how long an order takes (%(default)s)")
    worse = "how much worse than the tick it is filled, as a part of the price (%(default)s)"
    add("--slippage", type=_not_negative, default=0.0, metavar="PART", help=worse)


def _add_strategies(parser: ArgumentParser, *, is_required: bool = False) -> None:
    add = parser.add_argument_group("who trades").add_argument
    name = "a strategy; repeatable. It is looked for in this folder too"
    add("--strategy", action="append", default=[], required=is_required, metavar="MODULE:CLASS", help=name)
    add("--param", action="append", default=[], metavar="NAME=VALUE", help="one of its Params; repeatable")


_PARSERS: Final = {
    "backtest": _backtest_parser,
    "doctor": _doctor_parser,
    "orders": _journal_parser,
    "deals": _journal_parser,
    "export": _journal_parser,
    "record": _record_parser,
    "replay": _replay_parser,
    "sweep": _sweep_parser,
}
"""The commands that are named; without a name it is the run."""


def _parser(program: str, description: str, examples: str) -> ArgumentParser:
    parser = _Parser(
        prog=program,
        usage="%(prog)s [option ...]",
        description=description,
        epilog=examples,
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--ssid", nargs="?", action=_SsidOption, help=SUPPRESS)
    return parser


def _add_shown(parser: ArgumentParser) -> None:
    add = parser.add_argument_group("what is watched, traded and shown").add_argument
    add("--asset", action="append", default=[], metavar="SYMBOL", help=f"repeatable ({', '.join(DEFAULT_ASSETS)})")
    period = f"how long a candle lasts ({DEFAULT_PERIOD}, and a strategy's own for it)"
    add("--period", dest="own_period", type=_period, metavar="SECONDS", help=period)
    add("--for", dest="seconds", type=_positive, metavar="SECONDS", help="how long to run (until Ctrl-C)")
    actor = "start an actor of yours, in place of the sample strategy; repeatable. It is looked for in this folder too"
    add("--actor", action="append", default=[], metavar="MODULE:CLASS", help=actor)
    add("--paper", action="store_true", help="trade on paper: on the prices of the session, and no order is sent")
    add("--no-trade", action="store_true", help="do not start the sample strategy")
    add("--json", action="store_true", help="print the summary as one JSON object, all else to standard error")
    add("--log-level", type=str.upper, choices=LEVELS, metavar="LEVEL", help="from TRACE to CRITICAL (INFO)")
    add("--log-file", metavar="FILE", help="write the log to a file as well")


def _add_session(parser: ArgumentParser) -> None:
    add = parser.add_argument_group("a session of your own").add_argument
    add("--ssid-file", type=_ssid_file, metavar="FILE", help="holds the session; or set OPTIONBUS_SSID")
    add("--url", type=_url, metavar="URL", help="where to connect, such as wss://host (the platform's own hosts)")
    region = "the platform's host to prefer: eu, Dallas, api-asia ...; fastest: the one that answers first"
    add("--region", metavar="NAME", help=region)
    add("--allow-real", action="store_true", help="say that a session with real money is meant")
    add("--config", type=Path, metavar="FILE", help="settings, in TOML or JSON")


def _add_simulator(parser: ArgumentParser) -> None:
    add = parser.add_argument_group("the simulated broker").add_argument
    add("--seed", type=int, metavar="N", help="the same seed gives the same prices at the same time (0)")
    add("--speed", type=_pace, metavar="X", help="how many times as fast as real the market runs (1)")
    drop = f"drop the socket once, after so long; 0: never ({DEFAULT_DROP_SECONDS:g})"
    add("--drop-after", type=_not_negative, metavar="SECONDS", help=drop)


def program() -> str:
    """How whoever calls us called us."""
    name = Path(sys.argv[0]).name
    if name.endswith(".py"):
        return f"python {name}"
    return "optionbus" if name in {"", "-c", "-m"} else name


def _ssid_file(text: str) -> Path:
    if text.lstrip().startswith(_SESSION_START):
        raise ArgumentTypeError("that is the session itself. Write it into a file and give the file's name")
    return Path(text)


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"ws", "wss"} or not parts.hostname:
        raise ArgumentTypeError(f"{text!r} is no address: give ws:// or wss:// and a host, such as wss://host:443")
    return text if parts.query else parts._replace(path=parts.path.rstrip("/") or _PATH, query=_QUERY).geturl()


def _period(text: str) -> int:
    seconds = int(text) if text.isascii() and text.isdigit() else 0
    if not seconds or _DAY_SECONDS % seconds:
        raise ArgumentTypeError(f"{text!r} is no period: give whole seconds that divide a day, such as 5, 15 or 60")
    return seconds


def _moment(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no time: give one such as 2024-01-31T12:00, or UTC seconds") from None
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()


def _positive(text: str) -> float:
    number = _not_negative(text)
    if number == 0:
        raise ArgumentTypeError("it has to be above 0")
    return number


def _pace(text: str) -> float:
    return 0.0 if text == "max" else _not_negative(text)


def _not_negative(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not (isfinite(number) and number >= 0):
        raise ArgumentTypeError(f"{text!r} is no such number: give one from 0 up, such as 2.5")
    return number

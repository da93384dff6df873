"""The command line: ``python run.py``, or ``optionbus`` where it is installed.

Decides which command runs and what the exit code is. Imports nothing but the standard library before it has said that
it begins: it answers at once, and ``doctor`` works where nothing else does.
"""

import os
import sys
from collections.abc import Sequence

from optionbus.cli.allocator import keep_one_arena
from optionbus.cli.arguments import Options, parse, program
from optionbus.cli.main_loop import MainLoop
from optionbus.version import VERSION

FAILED, INTERRUPTED = 1, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments say.

    Returns:
        0 when all went well, 1 after a failure, 2 where the call was wrong.
    """
    try:
        options = parse(sys.argv[1:] if arguments is None else arguments)
        return _COMMANDS[options.command](options)
    except ImportError as error:
        return _fail(f"{error}. {program()} doctor says what is missing, or in the way.")
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # whoever read our output has gone; what is left goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED


def _run(options: Options) -> int:
    keep_one_arena()
    with MainLoop() as loop:
        print(f"optionbus {VERSION}; Ctrl-C ends it", file=options.progress, flush=True)
        from optionbus.cli.run import run  # noqa: PLC0415 - takes a while

        return run(options, loop)


def _doctor(options: Options) -> int:
    from optionbus.cli.doctor import examine  # noqa: PLC0415

    return examine(options)


def _consult(options: Options) -> int:
    from optionbus.cli.orders import consult  # noqa: PLC0415

    return consult(options)


def _backtest(options: Options) -> int:
    from optionbus.cli.backtest import backtest  # noqa: PLC0415

    return backtest(options)


def _sweep(options: Options) -> int:
    from optionbus.cli.sweep import sweep  # noqa: PLC0415

    return sweep(options)


_COMMANDS = {
    "run": _run,
    "backtest": _backtest,
    "record": _run,
    "replay": _run,
    "doctor": _doctor,
    "orders": _consult,
    "deals": _consult,
    "export": _consult,
    "sweep": _sweep,
}


def _fail(text: str) -> int:
    print(f"optionbus: {text}", file=sys.stderr)
    return FAILED

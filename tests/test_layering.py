"""Guards the shape of the code: who imports whom, who touches the world, how long things are.

Each guard reads the sources, and each is shown sources that break its rule: one that reports nothing there guards
nothing.
"""

from pathlib import Path
from typing import NamedTuple

import pytest

from tests import source_rules

ROOT = Path(__file__).parents[1]
LONGEST_MODULE = 400
LONGEST_FUNCTION = 45


class Permission(NamedTuple):
    """What an adapter may touch, and why it has to."""

    reason: str
    names: tuple[str, ...]


PERMISSIONS = {
    "actors/future.py": Permission("wakes whoever awaits it, in their own loop", ("asyncio",)),
    "actors/log.py": Permission("empties its mailbox at the end", ("queue.Empty",)),
    "actors/mailbox.py": Permission(
        "is the one queue between threads", ("queue.Empty", "queue.SimpleQueue", "threading.Lock")
    ),
    "actors/orders/journal.py": Permission("is the file, and its lock", ("fcntl", "os", "pathlib.Path", "sqlite3")),
    "actors/orders/write_ahead_log.py": Permission("is a file", ("mmap", "os", "pathlib.Path")),
    "actors/routes.py": Permission("is written by several threads", ("threading.Lock",)),
    "actors/runtime.py": Permission("is the runtime of threads and the real clock", ("threading", "time")),
    "actors/system.py": Permission("is asked for addresses by several threads", ("threading.Lock",)),
    "actors/stepped.py": Permission("finds a mailbox empty", ("queue.Empty",)),
    "actors/websocket_dial.py": Permission(
        "makes the TLS settings and the way through a proxy",
        ("python_socks", "ssl", "urllib.request.getproxies", "urllib.request.proxy_bypass"),
    ),
    "actors/websocket_headers.py": Permission("speaks the library's errors", ("websocket.WebSocketException",)),
    "actors/websocket_link.py": Permission(
        "is the socket", ("os", "queue", "select", "socket", "ssl", "threading", "time", "websocket")
    ),
    "actors/websocket_race.py": Permission(
        "waits for the quickest", ("python_socks", "queue.Empty", "queue.SimpleQueue", "time")
    ),
    "actors/websocket_stream.py": Permission("reads frames until a deadline", ("time", "websocket")),
    "actors/websocket_transport.py": Permission("is the reader's thread", ("python_socks", "ssl", "time", "websocket")),
    "optionbus/__init__.py": Permission(
        "imports each name when it is first used, and keeps a library silent", ("importlib.import_module", "loguru")
    ),
    "optionbus/account_folder.py": Permission("finds the folder of an account", ("os", "pathlib.Path")),
    "optionbus/actor_loading.py": Permission("finds the user's actors by name", ("importlib.import_module",)),
    "optionbus/backtest/study.py": Permission(
        "leaves signs of life in a storage, and knows whose owner is gone", ("os", "pathlib.Path", "platform", "time")
    ),
    "optionbus/backtest/workers.py": Permission("starts processes, and listens to them", ("multiprocessing", "signal")),
    "optionbus/cli/__init__.py": Permission("is a program", ("os", "print", "sys.argv", "sys.stderr", "sys.stdout")),
    "optionbus/cli/arguments.py": Permission(
        "reads the command line", ("pathlib.Path", "sys.argv", "sys.stderr", "sys.stdout")
    ),
    "optionbus/cli/backtest.py": Permission(
        "prints the report, and ends with Ctrl-C", ("print", "rich", "signal", "sys.stderr", "sys.stdout")
    ),
    "optionbus/cli/sweep.py": Permission(
        "prints the result, and ends early on a signal", ("print", "rich", "signal", "sys.stderr", "sys.stdout")
    ),
    "optionbus/cli/sweep_table.py": Permission("draws on a terminal", ("rich",)),
    "optionbus/cli/strategies.py": Permission("finds strategies in the folder one is in", ("pathlib.Path",)),
    "optionbus/cli/company.py": Permission("is told where a recording goes", ("pathlib.Path",)),
    "optionbus/cli/doctor.py": Permission("looks at what is installed", ("importlib", "pathlib.Path", "print")),
    "optionbus/cli/hurry.py": Permission("ends when the time is up", ("time",)),
    "optionbus/cli/main_loop.py": Permission(
        "waits for signals and deadlines",
        ("os", "queue.Empty", "queue.SimpleQueue", "signal", "sys.stderr", "sys.stdout", "time"),
    ),
    "optionbus/cli/opening.py": Permission(
        "finds the session and the user's actors", ("os", "pathlib.Path", "sys.path")
    ),
    "optionbus/cli/orders.py": Permission(
        "prints what the journals hold, and says when it settled an order",
        ("datetime.datetime.now", "pathlib.Path", "print", "rich", "sys.stderr", "sys.stdout"),
    ),
    "optionbus/cli/run.py": Permission(
        "is the run as the user sees it",
        ("loguru.logger", "pathlib.Path", "print", "signal", "sys.stderr", "threading.Thread", "time"),
    ),
    "optionbus/cli/table.py": Permission("draws on a terminal", ("rich", "sys.stderr")),
    "optionbus/cli/view.py": Permission("prints where there is no terminal", ("print",)),
    "optionbus/cli/watch.py": Permission("waits beside the main thread", ("threading.Event", "threading.Thread")),
    "optionbus/compat/strategies/bot.py": Permission("is awaited in the user's loop", ("asyncio",)),
    "optionbus/compat/strategies/handlers.py": Permission(
        "is the thread of the user's handlers",
        (
            *("asyncio", "concurrent.futures", "queue.SimpleQueue"),
            *("threading.Semaphore", "threading.Thread", "threading.get_ident"),
        ),
    ),
    "optionbus/compat/strategies/platform_desk.py": Permission(
        "is asked by any thread", ("concurrent.futures.Future",)
    ),
    "optionbus/compat/strategies/questions.py": Permission("is asked by any thread", ("concurrent.futures.Future",)),
    "optionbus/compat/strategies/run.py": Permission("ends in the user's loop", ("concurrent.futures",)),
    "optionbus/compat/strategies/virtual_market.py": Permission(
        "is looked at by any thread", ("concurrent.futures.Future", "threading.Lock")
    ),
    "optionbus/client.py": Permission(
        "stops without holding up the user's loop, and is told of files", ("asyncio", "pathlib.Path")
    ),
    "optionbus/compat/pocketoption/asynchronous.py": Permission(
        "stops without holding up the user's loop", ("asyncio",)
    ),
    "optionbus/compat/pocketoption/synchronous.py": Permission(
        "is a loop on a thread of its own", ("asyncio", "threading.Thread")
    ),
    "optionbus/compat/tracing.py": Permission(
        "adds sinks to loguru, and is read by any thread or loop",
        ("asyncio", "loguru", "pathlib.Path", "queue", "sys.stderr"),
    ),
    "optionbus/config.py": Permission("reads the file and the environment", ("os", "pathlib.Path")),
    "optionbus/report/png.py": Permission("draws into memory", ("io.BytesIO",)),
    "optionbus/report/table.py": Permission("draws on a terminal", ("rich",)),
    "optionbus/report/writing.py": Permission("is the report's files", ("os", "pathlib.Path")),
    "optionbus/data/checks.py": Permission("knows when the future begins", ("datetime.datetime.now",)),
    "optionbus/data/csv_file.py": Permission("is a file", ("io", "pathlib.Path")),
    "optionbus/data/data_file.py": Permission("knows a file by its name", ("pathlib.Path",)),
    "optionbus/data/jsonl_file.py": Permission("is a file", ("pathlib.Path",)),
    "optionbus/data/parquet_file.py": Permission("is a file", ("pathlib.Path",)),
    "optionbus/data/writing.py": Permission("is a file that is there as a whole", ("io", "os", "pathlib.Path")),
    "optionbus/recording/appended_file.py": Permission("is a file", ("os", "pathlib.Path")),
    "optionbus/recording/beginning.py": Permission("is told where a recording goes", ("pathlib.Path",)),
    "optionbus/recording/buffer.py": Permission("stands between threads", ("threading.Condition",)),
    "optionbus/recording/playback.py": Permission("is told where a recording is", ("pathlib.Path",)),
    "optionbus/recording/recorder.py": Permission(
        "is the thread that writes, and is told where", ("pathlib.Path", "threading.Thread")
    ),
    "optionbus/recording/recording.py": Permission("is a file that is read", ("pathlib.Path",)),
    "optionbus/recording/replay_time.py": Permission(
        "is recorded time, on a thread of its own", ("threading.Condition", "time")
    ),
    "optionbus/recording/tick_file.py": Permission(
        "makes lines, and looks at the ending of a name", ("io.StringIO", "pathlib.Path")
    ),
    "optionbus/raw_stream.py": Permission("is told by routers and read by any thread", ("threading.RLock",)),
    "optionbus/log_file.py": Permission("is the log's file", ("loguru", "pathlib.Path")),
    "optionbus/log_sink.py": Permission("is where lines leave the program", ("logging", "loguru", "sys.stderr")),
    "run.py": Permission("puts its own folder first", ("pathlib.Path", "sys.exit", "sys.path")),
    "simulator/__main__.py": Permission(
        "is a program", ("os", "pathlib.Path", "print", "signal", "sys.exit", "sys.stderr", "threading")
    ),
    "simulator/audit.py": Permission("is the file of what was executed", ("pathlib.Path",)),
    "simulator/certificates.py": Permission(
        "makes a certificate for the day", ("importlib", "pathlib.Path", "shutil", "ssl", "subprocess", "tempfile")
    ),
    "simulator/server.py": Permission(
        "is the broker's socket, threads and clock",
        ("http.HTTPStatus", "logging", "queue", "socket", "ssl", "threading", "time", "websockets"),
    ),
}


def _sources() -> dict[str, str]:
    folders = {layer.partition(".")[0] for layer in source_rules.LAYERS}
    files = [file for folder in sorted(folders) for file in (ROOT / folder).rglob("*.py")]
    return {file.relative_to(ROOT).as_posix(): file.read_text() for file in [*files, *ROOT.glob("run.py")]}


SOURCES = _sources()
every_module = pytest.mark.parametrize("module", sorted(SOURCES))


def _package(module: str) -> str:
    folder = module.removesuffix(".py").partition("/")[0]
    return "messages.wire" if module.startswith("messages/wire/") else folder


def _unpermitted(names: set[str], permitted: tuple[str, ...]) -> set[str]:
    return {name for name in names if not any(f"{name}.".startswith(f"{each}.") for each in permitted)}


def _unused(names: set[str], permitted: tuple[str, ...]) -> set[str]:
    return {each for each in permitted if not any(f"{name}.".startswith(f"{each}.") for name in names)}


@every_module
def test_every_module_imports_only_to_its_left(module: str) -> None:
    assert source_rules.forbidden_imports(_package(module), SOURCES[module]) == []


@pytest.mark.parametrize(
    ("package", "source"),
    [
        ("messages", "import actors"),
        ("messages", "from messages.wire import framing"),
        ("messages", "from messages import wire"),
        ("messages.wire", "from actors.base import Actor"),
        ("actors", "from supervisor.spec import ChildSpec"),
        ("actors", "import optionbus.errors as errors"),
        ("supervisor", "def late():\n    from optionbus import config"),
        ("simulator", "from actors.ports import Clock"),
        ("simulator", "import supervisor.spec, messages"),
        ("optionbus", "import run"),
        ("optionbus", "from tests.wire import breakage"),
        ("optionbus", "import docs.generate"),
        ("actors", "from . import base"),
        ("actors", "from ..supervisor import spec"),
        ("actors", "if TYPE_CHECKING:\n    from supervisor.tree import World"),
    ],
)
def test_an_import_to_the_right_is_reported(package: str, source: str) -> None:
    assert len(source_rules.forbidden_imports(package, source)) == 1


@pytest.mark.parametrize(
    ("package", "source"),
    [
        ("messages", "import msgspec, enum\nfrom messages.base import Event"),
        ("messages.wire", "from messages import errors\nfrom messages.wire.framing import PING"),
        ("actors", "import supervisors_of_something_else\nfrom messages.wire import commands"),
        ("simulator", "from messages.wire.framing import FrameDecoder\nfrom simulator.market import Market"),
        ("optionbus", "from simulator.broker import Broker\nimport supervisor.tree"),
    ],
)
def test_an_import_to_the_left_is_not_reported(package: str, source: str) -> None:
    assert source_rules.forbidden_imports(package, source) == []


@every_module
def test_nothing_but_adapters_touches_the_world(module: str) -> None:
    permitted = PERMISSIONS.get(module, Permission("", ())).names

    assert _unpermitted(source_rules.touched(SOURCES[module]), permitted) == set()


@pytest.mark.parametrize("module", sorted(PERMISSIONS))
def test_no_permission_is_given_in_vain(module: str) -> None:
    permission = PERMISSIONS[module]

    assert permission.reason
    assert _unused(source_rules.touched(SOURCES[module]), permission.names) == set()


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("import time", "time"),
        ("import time as clock\nclock.sleep(1)", "time.sleep"),
        ("from time import monotonic as now", "time.monotonic"),
        ("def late():\n    import threading", "threading"),
        ("from threading import *", "threading.*"),
        ("import queue", "queue"),
        ("import socket", "socket"),
        ("from ssl import SSLContext", "ssl.SSLContext"),
        ("import select", "select"),
        ("import selectors", "selectors"),
        ("import os.path", "os.path"),
        ("from os import environ", "os.environ"),
        ("import urllib.request", "urllib.request"),
        ("from pathlib import Path", "pathlib.Path"),
        ("with open('file') as file: pass", "open"),
        ("reader = open", "open"),
        ("print('hello')", "print"),
        ("__import__('time')", "__import__"),
        ("from importlib import import_module", "importlib.import_module"),
        ("import random\nrandom.random()", "random.random"),
        ("import random\nrandom.SystemRandom()", "random.SystemRandom"),
        ("from random import choice", "random.choice"),
        ("import random\nrandom.Random()", "random.Random()"),
        ("import uuid\nuuid.uuid4()", "uuid.uuid4"),
        ("from uuid import uuid4 as new", "uuid.uuid4"),
        ("import datetime\ndatetime.datetime.now()", "datetime.datetime.now"),
        ("from datetime import UTC, datetime as moment\nmoment.now(UTC)", "datetime.datetime.now"),
        ("from datetime import date\ndate.today()", "datetime.date.today"),
        ("import sys\nsys.stdout.write('hello')", "sys.stdout.write"),
        ("from loguru import logger", "loguru.logger"),
        ("import websocket", "websocket"),
    ],
)
def test_a_touch_of_the_world_is_reported(source: str, name: str) -> None:
    assert name in source_rules.touched(source)


@pytest.mark.parametrize(
    "source",
    [
        "import random\nrandom.Random(7).random()",
        "from random import Random\ndef draw(source: Random): return source.choice('ab')",
        "from uuid import UUID\nUUID(int=7)",
        "from datetime import UTC, datetime\ndatetime.fromtimestamp(0, UTC)",
        "import sys\nsys.maxsize",
        "class Candle:\n    open: float\n    time: float\ncandle.open, candle.time",
        "self.clock.now()",
        "from urllib.parse import urlsplit",
    ],
)
def test_what_can_be_replayed_is_not_reported(source: str) -> None:
    assert source_rules.touched(source) == set()


def test_a_permission_covers_what_is_in_it_and_no_more() -> None:
    assert _unpermitted({"queue.Empty", "queue.SimpleQueue", "queue"}, ("queue.Empty",)) == {
        "queue.SimpleQueue",
        "queue",
    }
    assert _unpermitted({"time", "time.monotonic", "timeit"}, ("time",)) == {"timeit"}


def test_a_permission_given_in_vain_is_reported() -> None:
    assert _unused({"time.monotonic"}, ("time", "queue.Empty")) == {"queue.Empty"}


@every_module
def test_every_module_says_what_it_is_for(module: str) -> None:
    assert source_rules.has_docstring(SOURCES[module])


def test_a_module_without_a_docstring_is_reported() -> None:
    assert not source_rules.has_docstring("# a comment is none\nanswer = 42")


@every_module
def test_no_module_is_too_long(module: str) -> None:
    assert _lines(SOURCES[module]) <= LONGEST_MODULE


def test_a_module_that_is_too_long_is_reported() -> None:
    assert _lines("pass\n" * LONGEST_MODULE + "pass") > LONGEST_MODULE


@every_module
def test_no_function_is_too_long(module: str) -> None:
    assert source_rules.long_functions(SOURCES[module], LONGEST_FUNCTION) == []


def test_a_function_that_is_too_long_is_reported() -> None:
    body = "        pass\n" * LONGEST_FUNCTION
    source = (
        f"class A:\n    def long(self):\n{body}\n    async def slow(self):\n{body}\n    def short(self):\n        pass"
    )

    assert source_rules.long_functions(source, LONGEST_FUNCTION) == ["long", "slow"]


def _lines(source: str) -> int:
    return len(source.splitlines())

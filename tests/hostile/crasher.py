"""A client that dies in one of several ways: a process of its own (``python -m tests.hostile.crasher WAY``).

The session comes from the environment and stands in no variable of this module as text: what the caller's own variables
show is the caller's affair. Each way lets as much out as Python can be asked for. ``--leak`` is the control: the same
client, which says its session when it logs in and writes it to its log.
"""

import faulthandler
import gc
import os
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final, NoReturn

import rich.traceback
from loguru import logger

from actors.connection import ConnectionActor
from actors.router import RouterActor
from messages.errors import UsageError
from messages.supervision import ActorExited
from optionbus import Config, PocketOption
from optionbus.cli.opening import read_session
from supervisor.settings import ConnectionSettings, LogSettings

ASSET: Final = "EURUSD_otc"
"""It places an order on this before it dies."""
PACKAGES: Final = ("messages", "actors", "supervisor", "optionbus")
WAYS: Final = {
    "main": b"CrashError",
    "thread": b"CrashError",
    "abort": b"Fatal Python error: Aborted",
    "actor": b"CrashError: while it had ",
    "login": b"CrashError: while it had ",
    "reprs": b"<PocketOption real ready>",
    "rich": b"CrashError",
    "held": b"CrashError",
}
"""How it dies, and what has to be seen of that."""


class CrashError(Exception):
    """What it dies of."""


def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """A traceback with the variables of every frame."""
    shown = traceback.TracebackException(kind, error, trace, capture_locals=True)
    sys.stderr.write("".join(shown.format()))
    sys.stderr.write(f"{error!r} {vars(error)}\n")


def make(leaks: bool) -> PocketOption:  # noqa: FBT001 - the command's own
    """The client, with everything logged."""
    secret = read_session(None)
    if secret is None:
        raise UsageError("no session in the environment")
    if leaks:
        _leak(secret.reveal)
    connection = ConnectionSettings(urls=(os.environ["CRASHER_URL"],))
    log = LogSettings(level="TRACE", file=os.environ["CRASHER_LOG"])
    return PocketOption(secret, config=Config(connection=connection, log=log), allow_real=True)


def _leak(reveal: Callable[[], str]) -> None:
    send = ConnectionActor._send_login

    def say_it(actor: ConnectionActor) -> None:
        sys.stderr.write(f"logging in with {reveal()}\n")
        with Path(os.environ["CRASHER_LOG"]).open("a") as log:
            log.write(f"TRACE sent {reveal()}\n")
        send(actor)

    ConnectionActor._send_login = say_it  # type: ignore[method-assign, assignment]


def die(way: str, client: PocketOption) -> None:
    """In that way; some return, and the process ends by itself."""
    match way:
        case "main" | "rich" | "held":
            raise CrashError(way)
        case "thread":
            thread = threading.Thread(target=_raise, args=(client,))
            thread.start()
            thread.join()
        case "abort":
            faulthandler.dump_traceback(all_threads=True)
            os.abort()
        case "reprs":
            for held in gc.get_objects():
                if type(held).__module__.partition(".")[0] in PACKAGES:
                    sys.stdout.write(f"{held!r}\n")
        case _:
            exits = client._edge.stream("Exits", lambda event: (event,))
            client._edge.system.routes.add(ActorExited, exits)
            _crash(RouterActor if way == "actor" else ConnectionActor)
            client.reconnect()
            while CrashError.__name__ not in exits.get(timeout=20).failure:
                pass


def _raise(client: PocketOption) -> NoReturn:
    raise CrashError(f"in a thread, with {client!r}")


def _crash(kind: type[RouterActor] | type[ConnectionActor]) -> None:
    receive, secret = kind.on_receive, read_session(None)

    def explode(_actor: object, _message: object) -> None:
        kind.on_receive = receive  # type: ignore[method-assign]
        raise CrashError("while it had " + (secret.reveal() if secret is not None else ""))

    kind.on_receive = explode  # type: ignore[method-assign, assignment]


def main() -> None:
    """Live until it is ready, and then no more."""
    way, leaks = sys.argv[1], "--leak" in sys.argv
    faulthandler.enable()
    sys.excepthook = hook
    threading.excepthook = lambda caught: hook(caught.exc_type, caught.exc_value or CrashError(), caught.exc_traceback)
    if way == "rich":
        rich.traceback.install(show_locals=True, locals_max_string=100_000, locals_max_length=1_000, width=400)
    logger.remove()
    logger.add(sys.stderr, level="TRACE", diagnose=True, backtrace=True)
    logger.enable("optionbus")
    client = make(leaks)
    if way == "held":
        client.start()
        die(way, client)
    with client:
        client.wait_ready(timeout=20)
        try:
            client.buy(ASSET, 1, 5).get()
        except Exception:  # noqa: BLE001 - it is shown, and that is all
            logger.exception("the order failed")
        die(way, client)


if __name__ == "__main__":
    main()

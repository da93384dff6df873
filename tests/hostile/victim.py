"""A client that is attacked, and what that costs it: a process of its own (``python -m tests.hostile.victim``).

Theory of operation. It starts a ``villain`` and lives through one attack after the other, each some times. Memory is
the peak of the resident set (``VmHWM``, reset before each attack, after freed memory was given back to the system)
above what it was before: allocations that are gone again count too. Time is from the moment at which the villain began
to send what offends to the one at which the connection has ended, or a sentinel behind it was routed and a ping
answered. Lines are those of the log, from INFO up.

``--stock`` is a control: websocket-client as it comes, and a reader as it is usually written. ``--talkative`` is
another: the client, which writes a line for each complaint.
Does not know what is too much (``tests.hostile.frames``).
"""

import argparse
import ctypes
import gc
import json
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from unittest import mock
from urllib.parse import urlsplit

import msgspec
import websocket
from loguru import logger
from msgspec import Struct

from actors.inlet import ConnectionInlet
from actors.ration import Ration
from actors.router import RouterActor
from messages.errors import BusError
from messages.session import Frame, SessionState
from optionbus import Config, PocketOption
from optionbus.cli.doctor import HOME
from supervisor.settings import ConnectionSettings, JournalSettings, ReconnectSettings
from tests.hostile.attacks import ATTACKS, SENTINEL, Attack, Kind
from tests.hostile.villain import Deed

SSID: Final = '42["auth",{"session":"session-of-a-victim","isDemo":1,"uid":1,"platform":2}]'
PATIENCE_SECONDS: Final = 15.0
STOCK_SECONDS: Final = 1.5


class Cost(Struct, frozen=True, kw_only=True):
    """What one attack came to."""

    attack: str
    extra_kibibytes: int
    milliseconds: float | None
    """None: it was never rejected."""
    lines: int
    refusals: int
    error: str
    """The type of what the connection ended in; empty where it went on."""
    lives: bool
    """Whether the session is ready afterwards."""


class Opponent:
    """The villain's process."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.hostile.villain"]
        self._process = subprocess.Popen(command, cwd=HOME, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url: str = self._answer()["url"]

    def order(self, attack: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{attack}\n")
        self._process.stdin.flush()
        if ATTACKS[attack].kind is not Kind.FRAMES:
            self._answer()

    def deed(self) -> Deed:
        return msgspec.convert(self._answer(), Deed)

    def close(self) -> None:
        self._process.communicate()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())


class Witness:
    """Notes when connections end and when the sentinel passes."""

    def __init__(self) -> None:
        self.ends: list[tuple[float, BusError]] = []
        self.sentinels: list[float] = []
        self.lines = 0
        self._changed = threading.Condition()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """From inside the client."""
        closed, decode = ConnectionInlet.closed, RouterActor._decode

        def note_end(inlet: ConnectionInlet, error: BusError) -> None:
            with self._changed:
                self.ends.append((time.monotonic(), error))
                self._changed.notify_all()
            closed(inlet, error)

        def note_sentinel(router: RouterActor, frame: Frame) -> None:
            if frame.event == SENTINEL:
                with self._changed:
                    self.sentinels.append(time.monotonic())
                    self._changed.notify_all()
            decode(router, frame)

        with (
            mock.patch.object(ConnectionInlet, "closed", note_end),
            mock.patch.object(RouterActor, "_decode", note_sentinel),
        ):
            yield

    def end_after(self, moment: float) -> tuple[float, BusError] | None:
        """The first end since then; waits for it."""
        with self._changed:
            self._changed.wait_for(lambda: self.ends and self.ends[-1][0] > moment, PATIENCE_SECONDS)
            return next((end for end in self.ends if end[0] > moment), None)

    def sentinel_after(self, moment: float) -> float | None:
        """The first sentinel since then; waits for it."""
        with self._changed:
            self._changed.wait_for(lambda: self.sentinels and self.sentinels[-1] > moment, PATIENCE_SECONDS)
            return next((passed for passed in self.sentinels if passed > moment), None)

    def write(self, _line: str) -> None:
        """A line of the log."""
        self.lines += 1


def resident_kibibytes(*, peak: bool = False) -> int:
    """Of this process, now or since the last ``reset_peak``."""
    name = "VmHWM" if peak else "VmRSS"
    found = re.search(rf"{name}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1])


def reset_peak() -> int:
    """Begin to measure; gives the present size."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")
    return resident_kibibytes()


class Victim:
    """A client at the villain's broker."""

    def __init__(self, client: PocketOption, opponent: Opponent, witness: Witness) -> None:
        self._client = client
        self._opponent = opponent
        self._witness = witness
        self._states = client.states()

    def suffer(self, name: str) -> Cost:
        """One attack, and what came of it."""
        attack, traffic = ATTACKS[name], self._client._edge.system.traffic
        lines, before = self._witness.lines, _refusals(traffic)
        baseline = reset_peak()
        self._opponent.order(name)
        deed = self._opponent.deed()
        moment, error, lives = self._outlive(attack, deed)
        extra = resident_kibibytes(peak=True) - baseline
        return Cost(
            attack=name,
            extra_kibibytes=extra,
            milliseconds=None if moment is None else round((moment - deed.began) * 1000, 2),
            lines=self._witness.lines - lines,
            refusals=_refusals(traffic) - before,
            error=error,
            lives=lives,
        )

    def _outlive(self, attack: Attack, deed: Deed) -> tuple[float | None, str, bool]:
        if not attack.ends:
            passed = self._witness.sentinel_after(deed.began)
            is_whole = passed is not None and deed.answered is not None and self._client.is_connected
            return max(passed or 0.0, deed.answered or 0.0) if is_whole else None, "", is_whole
        end = self._witness.end_after(deed.began)
        if end is None:
            return None, "", self._client.is_connected
        return end[0], type(end[1]).__name__, self.recover()

    def recover(self) -> bool:
        """Whether the session becomes ready again."""
        return any(event.state is SessionState.READY for event in iter(self._next_state, None))

    def _next_state(self) -> Any:
        return self._states.get(timeout=PATIENCE_SECONDS)


def _refusals(traffic: Any) -> int:
    return int(traffic.malformed + traffic.payloads_rejected + traffic.rows_rejected)


def suffer_all(names: list[str], repeat: int) -> Iterator[Cost]:
    """Each attack so many times, on one client."""
    opponent, witness = Opponent(), Witness()
    logger.remove()
    logger.add(witness.write, level="INFO", format="{message}")
    logger.enable("optionbus")
    config = Config(
        connection=ConnectionSettings(urls=(opponent.url,)),
        reconnect=ReconnectSettings(base_seconds=0.01, maximum_seconds=0.02),
        journal=JournalSettings(in_memory=True),
    )
    with witness.watching(), PocketOption(SSID, config=config) as client:
        victim = Victim(client, opponent, witness)
        victim.recover()
        for warming in ("compressed frames", "nested text"):  # what is imported and made once
            victim.suffer(warming)
        for name in names:
            for _ in range(repeat):
                yield victim.suffer(name)
    opponent.close()


def suffer_stock(names: list[str]) -> Iterator[Cost]:
    """Each attack once, on a connection of its own of websocket-client as it comes."""
    opponent = Opponent()
    for name in names:
        baseline = reset_peak()
        began = time.monotonic()
        if ATTACKS[name].kind is not Kind.FRAMES:
            opponent.order(name)
        error = _read_stock(opponent, name)
        moment = time.monotonic() if error else None
        extra = resident_kibibytes(peak=True) - baseline
        opponent.deed()
        yield Cost(
            attack=name,
            extra_kibibytes=extra,
            milliseconds=None if moment is None else round((moment - began) * 1000, 2),
            lines=0,
            refusals=0,
            error=error,
            lives=not error,
        )
    opponent.close()


def _read_stock(opponent: Opponent, name: str) -> str:
    """What the usual loop ends in within a moment; empty where it goes on."""
    until = time.monotonic() + STOCK_SECONDS
    place = urlsplit(opponent.url)
    plain = socket.create_connection((place.hostname, place.port), STOCK_SECONDS)
    connection = websocket.WebSocket()
    watchdog = threading.Timer(STOCK_SECONDS, lambda: plain.shutdown(socket.SHUT_RDWR))
    watchdog.start()
    try:
        connection.connect(opponent.url, socket=plain)  # type: ignore[no-untyped-call]
        if ATTACKS[name].kind is Kind.FRAMES:
            connection.recv()  # the villain's present connection is this one now
            opponent.order(name)
        while True:
            _parse(connection.recv())
    except Exception as error:  # noqa: BLE001 - that is what is asked
        return type(error).__name__ if time.monotonic() < until else ""
    finally:
        watchdog.cancel()
        plain.close()


def _parse(message: str | bytes) -> None:
    text = message if isinstance(message, str) else message.decode()
    if text.startswith("42") or isinstance(message, bytes):
        json.loads(text.removeprefix("42"))


def main() -> None:
    """Print one cost a line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--stock", action="store_true")
    parser.add_argument("--talkative", action="store_true")
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    names = options.names or list(ATTACKS)
    if options.talkative:
        Ration.take = lambda *_: ""  # type: ignore[method-assign]
    for cost in suffer_stock(names) if options.stock else suffer_all(names, options.repeat):
        sys.stdout.write(msgspec.json.encode(cost).decode() + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

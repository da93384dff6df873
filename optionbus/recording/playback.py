"""The replay of a session: a recording, a time and a network that belong together; runs while its client runs.

Decides on which runtime a recording is played, and how fast. Does not know how it is played (``replay_transport``).
"""

from collections.abc import Callable, Iterable
from math import inf
from pathlib import Path
from typing import Any, Final, Literal

from actors.address import Address
from actors.future import Future
from actors.runtime import Runtime
from actors.stepped import SteppedRuntime
from messages.errors import InvalidArgument, SystemFailed, UsageError
from messages.secret import Secret
from optionbus.recording.prompter import Prompter
from optionbus.recording.recording import Recording
from optionbus.recording.replay_time import ReplayRuntime
from optionbus.recording.replay_transport import URL, ReplayTransport

PATIENCE_SECONDS: Final = 0.1
"""How long, of real time, threads may take to send what was sent when it was recorded."""

MOST_PATIENCE_SECONDS: Final = 1.0
"""The same, of recorded time."""

_CALL: Final = "PocketOption.replay"

Speed = float | Literal["max"]


class Playback:
    """A recording that is being played. ``recording`` is what is known of it before."""

    def __init__(self, file: str | Path, speed: Speed, runtime: Runtime | None) -> None:
        _check(speed, runtime)
        self.recording = Recording(file)
        header = self.recording.header
        pace = 0.0 if speed == "max" else float(speed)
        patience = 0.0
        if runtime is None:
            runtime = ReplayRuntime(header.seed, header.started, header.scale, pace)
            patience = min(PATIENCE_SECONDS * pace, MOST_PATIENCE_SECONDS)
        elif isinstance(runtime, SteppedRuntime):
            runtime.restart_as(header.seed, header.started)
        self.runtime: Runtime = runtime
        self.transport = ReplayTransport(self.recording, runtime.clock, runtime.scheduler, patience)
        self.transport.on_end = self._on_end
        self.prompter = Prompter(self.recording, runtime)
        self.transport.on_heard = self.prompter.prompt
        self._over: Future[None] = Future(runtime, "The end of the recording")

    @property
    def ssid(self) -> Secret:
        """A session of nobody, of the kind that was recorded."""
        is_demo = int(self.recording.header.is_demo)
        return Secret(f'42["auth",{{"session":"replayed-session-of-nobody","isDemo":{is_demo},"uid":1,"platform":2}}]')

    @property
    def is_over(self) -> bool:
        """Whether all of it has been played."""
        return self.transport.is_over

    @property
    def seconds(self) -> float:
        """How much of it has been played."""
        elapsed = self.runtime.clock.monotonic()
        return self.recording.seconds if self.is_over else min(elapsed, self.recording.seconds)

    @property
    def messages_played(self) -> int:
        """How many messages have come in."""
        return self.transport.played

    @property
    def messages_sent(self) -> int:
        """How many messages the client has sent; none of them has left this process."""
        return self.transport.sent

    @property
    def orders_sent(self) -> int:
        """How many of these were orders."""
        return self.transport.orders

    def over(self) -> Future[None]:
        """A future that ends when all of it has been played; in SystemFailed if the client is stopped before."""
        return self._over

    def start(self) -> str:
        """Begin; gives the URL to connect to."""
        if isinstance(self.runtime, ReplayRuntime):
            self.runtime.time.begin()
        self.transport.begin()
        return URL

    def stop(self) -> None:
        """End."""
        self.transport.stop()
        self._over.set_exception(SystemFailed("The client was stopped before the recording had ended."))

    def follow(self, addresses: Callable[[], Iterable[Address[Any]]]) -> None:
        """On threads, go on only where the actors there have done what they were told."""
        if isinstance(self.runtime, ReplayRuntime):
            self.runtime.time.is_settled = lambda: not any(map(_is_busy, addresses()))

    def _on_end(self) -> None:
        self._over.set(None)


def _check(speed: object, runtime: object) -> None:
    if speed != "max" and (not isinstance(speed, int | float) or isinstance(speed, bool) or not 0 <= speed < inf):
        raise InvalidArgument(_CALL, f"Expected speed to be a number from 0 up or 'max', got {speed!r}")
    if not isinstance(runtime, SteppedRuntime | None):
        problem = f"Expected runtime to be a SteppedRuntime or None, got {type(runtime).__name__}"
        raise InvalidArgument(_CALL, problem)
    if runtime is None:
        return
    if speed != 1:
        raise UsageError("speed is for a runtime of the client's own; one that is given has a clock already.")
    if not runtime.is_fresh:
        raise UsageError("A replay needs a runtime on which nothing has happened: give it a new SteppedRuntime().")


def _is_busy(address: Address[Any]) -> bool:
    vitals = address.vitals
    return vitals.state == "running" and (vitals.message is not None or len(address.mailbox) > 0)

"""Actors that die in every way there is, and some that hang: their supervisor has to see each of them.

Decides which ways there are, and that a death is timed from the last thing that the actor did to the report of its
supervisor. The supervisor is the real one, on threads.
"""

import gc
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import ClassVar, Final, assert_never
from unittest.mock import patch

import pykka

from actors.base import Actor, Context
from actors.runtime import ThreadedRuntime
from messages.base import AddressName, Command, Message
from messages.errors import ConnectionLost
from messages.supervision import ActorExited, ActorHung
from optionbus.testing import Probe
from supervisor.health import HangWatch
from supervisor.spec import ChildSpec, Intensity
from tests.faults.figure import Control, Figure, Reading, exactly, p50_and_p99, seconds
from tests.supervisor.troupe import Troupe

HUNG_SECONDS: Final = 2.0
SEEN: Final = "deaths seen"
HUNG: Final = "hung actors reported"
P99_MS: Final = 5.0
PATIENCE_SECONDS: Final = 5.0
HANGING: Final = tuple(AddressName(name) for name in ("H1", "H2", "H3"))


class LastWords(BaseException):
    """Not an Exception."""


def _recurse() -> None:
    _recurse()


def _recurse_for_ever(_actor: "Mortal") -> None:
    gc.disable()  # what is collected at that depth cannot be finalised, and Python complains of it
    try:
        _recurse()
    finally:
        gc.enable()


def _raise(kind: type[BaseException]) -> Callable[["Mortal"], None]:
    def act(_actor: "Mortal") -> None:
        raise kind("boom")

    return act


WAYS: Final[dict[str, Callable[["Mortal"], object]]] = {
    "an exception": _raise(RuntimeError),
    "an expected error": _raise(ConnectionLost),
    "a dead actor asked": _raise(pykka.ActorDeadError),
    "SystemExit": _raise(SystemExit),
    "KeyboardInterrupt": _raise(KeyboardInterrupt),
    "GeneratorExit": _raise(GeneratorExit),
    "a BaseException": _raise(LastWords),
    "endless recursion": _recurse_for_ever,
    "stop() by itself": lambda actor: actor.stop(),
    "stop() by another": lambda actor: actor.actor_ref.stop(block=False),
}
IN_HOOKS: Final = ("on_start", "on_stop", "__init__")


class Die(Command, frozen=True, kw_only=True):
    """Die in that way; in ``hook``, if any, of this life or the next."""

    way: str
    hook: str = ""


class Hang(Command, frozen=True, kw_only=True):
    """Do not come back until then."""

    until: threading.Event


class Deaths:
    """When somebody did the last thing of its life, and in which hook the next life is to end."""

    def __init__(self) -> None:
        self.moments: SimpleQueue[float] = SimpleQueue()
        self.hook = ""

    def note(self) -> None:
        self.moments.put(time.monotonic())

    def in_hook(self, hook: str) -> None:
        """Raise, if it is to end there."""
        if self.hook == hook:
            self.hook = ""
            self.note()
            raise RuntimeError(hook)


class Mortal(Actor[Die | Hang]):
    """Dies as it is told."""

    listens: ClassVar = ()

    def __init__(self, context: Context, deaths: Deaths) -> None:
        super().__init__(context)
        self._deaths = deaths
        deaths.in_hook("__init__")

    def on_start(self) -> None:
        self._deaths.in_hook("on_start")

    def on_stop(self) -> None:
        self._deaths.in_hook("on_stop")

    def on_receive(self, message: Die | Hang) -> None:
        match message:
            case Die():
                self._deaths.hook = message.hook
                if not message.hook:
                    self._deaths.note()
                WAYS[message.way](self)
            case Hang():
                self._deaths.note()
                message.until.wait(PATIENCE_SECONDS)
            case _:
                assert_never(message)


class Coroner(Probe):
    """Hears of deaths and of those that hang, and when."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: SimpleQueue[tuple[float, Message]] = SimpleQueue()

    def tell(self, message: Message) -> None:
        if isinstance(message, ActorExited | ActorHung):
            self.heard.put((time.monotonic(), message))


def measure(is_full: bool) -> Sequence[Reading]:  # noqa: FBT001 - every figure's
    """So many deaths of each kind, then three that hang at once."""
    return _measure(1_000 if is_full else 20)


def _unwatched(_is_full: bool) -> Sequence[Reading]:  # noqa: FBT001
    with patch.object(HangWatch, "check", lambda *_: iter(())):
        return _measure(1)


def _measure(times: int) -> Sequence[Reading]:
    deaths, coroner = Deaths(), Coroner()
    troupe = Troupe(runtime=ThreadedRuntime(seed=0), listener=coroner, intensity=Intensity(max_restarts=1_000_000))
    names = (AddressName("A"), *HANGING)
    troupe.start(*(ChildSpec(name=name, factory=lambda context: Mortal(context, deaths)) for name in names))
    try:
        took = [_die(troupe, deaths, coroner, way) for _ in range(times) for way in (*WAYS, *IN_HOOKS)]
        hung = _hang(troupe, deaths, coroner)
        troupe.stop().get(timeout=PATIENCE_SECONDS)
    finally:
        troupe.system.close()
    seen = [each for each in took if each is not None]
    return [
        exactly(SEEN, len(seen), times * len(WAYS) + times * len(IN_HOOKS)),
        exactly(HUNG, len(hung), len(HANGING)),
        *p50_and_p99(seen, None, P99_MS),
        seconds("a hung actor is reported", max(hung, default=PATIENCE_SECONDS), HUNG_SECONDS),
    ]


def _die(troupe: Troupe, deaths: Deaths, coroner: Coroner, way: str) -> float | None:
    """How long it took to be seen; None where it was not."""
    if way in IN_HOOKS:
        troupe.tell("A", Die(way="stop() by itself", hook=way))
    else:
        troupe.tell("A", Die(way=way))
    try:
        if way in ("on_start", "__init__"):  # the life before it ends first, and well
            coroner.heard.get(timeout=PATIENCE_SECONDS)
        return coroner.heard.get(timeout=PATIENCE_SECONDS)[0] - deaths.moments.get(timeout=PATIENCE_SECONDS)
    except Empty:
        return None


def _hang(troupe: Troupe, deaths: Deaths, coroner: Coroner) -> list[float]:
    """How long each report took; it has to be one of a hung actor."""
    until = threading.Event()
    for name in HANGING:
        troupe.tell(name, Hang(until=until))
    began = min(deaths.moments.get(timeout=PATIENCE_SECONDS) for _ in HANGING)
    reported: dict[AddressName, float] = {}
    with suppress(Empty):
        while len(reported) < len(HANGING):
            moment, message = coroner.heard.get(timeout=PATIENCE_SECONDS)
            if isinstance(message, ActorHung):
                reported.setdefault(message.name, moment - began)
    until.set()
    return list(reported.values())


class StockMortal(pykka.ThreadingActor):
    """pykka's own, with every hook it has to say that it has died."""

    use_daemon_thread = True

    def __init__(self, seen: "SimpleQueue[str]", hook: str = "") -> None:
        super().__init__()
        self._seen = seen
        self._hook = hook

    def on_start(self) -> None:
        if self._hook == "on_start":
            raise RuntimeError(self._hook)

    def on_receive(self, message: BaseException) -> None:
        raise message

    def on_failure(self, *_failure: object) -> None:
        self._seen.put("failed")

    def on_stop(self) -> None:
        if self._hook == "on_stop":
            raise RuntimeError(self._hook)
        self._seen.put("stopped")


def _of_pykka(_is_full: bool) -> Sequence[Reading]:  # noqa: FBT001
    """In a handler that was told, one that was asked, in each hook."""
    seen: SimpleQueue[str] = SimpleQueue()
    told, asked = (StockMortal.start(seen) for _ in range(2))
    told.tell(RuntimeError("boom"))
    asked.ask(RuntimeError("boom"), block=False)
    StockMortal.start(seen, "on_start")
    StockMortal.start(seen, "on_stop").stop()
    count = 0
    with suppress(Empty):
        while count < 4:
            seen.get(timeout=1.0)
            count += 1
    pykka.ActorRegistry.stop_all()
    return [exactly(SEEN, count, 4)]


FIGURE: Final = Figure(
    name="exits",
    what="actors that die in every way there is, and some that hang",
    measure=measure,
    controls=(
        Control(broken="pykka's own actors, with all the hooks they have", measure=_of_pykka, misses=SEEN),
        Control(broken="a supervisor that looks for nobody who hangs", measure=_unwatched, misses=HUNG),
    ),
)

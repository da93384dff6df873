"""A supervisor and children that die on command."""

import threading
from collections.abc import Callable, Iterable
from functools import partial
from queue import SimpleQueue
from typing import Any, ClassVar, TypeVar

from msgspec.structs import replace

from actors.base import Actor, Context
from actors.future import Future
from actors.runtime import Runtime
from actors.system import System
from messages.base import NOBODY, AddressName, Command, Done, Incarnation, Message, Query, Request
from messages.supervision import (
    ActorExited,
    ActorHung,
    ActorRestarted,
    GetHealth,
    Health,
    Restart,
    StartChild,
    StopChild,
    StopSystem,
    SystemStopped,
)
from optionbus.testing import Probe, SteppedRuntime
from supervisor.spec import ChildSpec, Intensity, Strategy
from supervisor.supervisor import SupervisorActor

M = TypeVar("M", bound=Message)
SUPERVISOR = AddressName("Supervisor")
ALPHABET = tuple(AddressName(name) for name in "ABCD")
WAIT_SECONDS = 10.0
"""Tests on threads wait so long at most; what they wait for happens at once."""


class Fail(Command, frozen=True, kw_only=True):
    """Raise this."""

    error: BaseException


class Leave(Command, frozen=True, kw_only=True):
    """Stop by yourself."""


class Greet(Query, frozen=True, kw_only=True):
    """Say Done."""


class Hang(Command, frozen=True, kw_only=True):
    """Do not come back until somebody lets you: ``entered`` says that you are in."""

    entered: threading.Event
    until: threading.Event
    error: BaseException | None = None
    """What it comes back with."""


class Player(Actor[Fail | Leave | Greet | Hang]):
    """Writes in a diary what becomes of it. ``faults`` are the hooks that raise, each in one life only."""

    listens: ClassVar[tuple[type[Message], ...]] = ()

    def __init__(self, context: Context, diary: list[str], faults: dict[str, set[int]]) -> None:
        super().__init__(context)
        self._diary = diary
        self._faults = faults
        self._write("made")

    def on_start(self) -> None:
        self._fail_in("on_start")

    def on_receive(self, message: Fail | Leave | Greet | Hang) -> None:
        match message:
            case Fail():
                raise message.error
            case Leave():
                self.request_stop()
            case Greet():
                self.context.reply(message, Done(request_id=message.request_id))
            case Hang():
                message.entered.set()
                message.until.wait(WAIT_SECONDS)
                if message.error is not None:
                    raise message.error

    def on_stop(self) -> None:
        self._write("stopped")
        self._fail_in("on_stop")

    def on_failure(self, *_failure: object) -> None:
        self._write("failed")

    def _write(self, what: str) -> None:
        self._diary.append(f"{self.context.name} {what}")

    def _fail_in(self, hook: str) -> None:
        if self.context.incarnation in self._faults.get(hook, ()):
            raise RuntimeError(hook)


class Troupe:
    """A system with a supervisor, its children, and somebody who notes what it says."""

    def __init__(
        self,
        *specs: ChildSpec,
        strategy: Strategy = Strategy.ONE_FOR_ONE,
        intensity: Intensity | None = None,
        runtime: Runtime | None = None,
        listener: Probe | None = None,
    ) -> None:
        self.diary: list[str] = []
        self.faults: dict[str, dict[str, set[int]]] = {}
        self.runtime = runtime or SteppedRuntime()
        self.system = System(self.runtime)
        self.said = listener or Probe()
        self.system.routes.listen((ActorExited, ActorRestarted, ActorHung, SystemStopped), self.said)
        self._specs = specs or tuple(self.spec(name) for name in ALPHABET)
        self._options: dict[str, Any] = {"strategy": strategy, "intensity": intensity}

    def spec(self, name: str, restart: Restart = Restart.PERMANENT, shutdown_seconds: float = 1.0) -> ChildSpec:
        """How a child is kept."""
        faults = self.faults.setdefault(name, {})
        factory = partial(Player, diary=self.diary, faults=faults)
        return ChildSpec(name=AddressName(name), factory=factory, restart=restart, shutdown_seconds=shutdown_seconds)

    def start(self, *specs: ChildSpec) -> "Troupe":
        """Start the supervisor, with these children if any are given; gives itself."""
        address = self.system.address(SUPERVISOR)
        address.vitals.incarnation = Incarnation(1)
        context = Context(self.system, address, Incarnation(1), NOBODY)
        SupervisorActor(context, specs or self._specs, **self._options)._start_actor_loop()
        self.ask(SUPERVISOR, GetHealth()).get()  # it answers once it has started them
        return self

    def settle(self) -> None:
        """Let everything happen that is to happen now."""
        if isinstance(self.runtime, SteppedRuntime):
            self.runtime.run_until_idle()

    def advance(self, seconds: float) -> None:
        """Let virtual time pass."""
        assert isinstance(self.runtime, SteppedRuntime)
        self.runtime.advance(seconds)

    def tell(self, name: str, *messages: Message) -> None:
        """Tell somebody things, all at once."""
        for message in messages:
            self.system.directory.tell(AddressName(name), message)
        self.settle()

    def ask(self, name: str, request: Request) -> Future[Any]:
        """Ask somebody."""
        future, reply_to, request_id = self.system.expect(type(request).__name__, WAIT_SECONDS, lambda reply: reply)
        self.tell(name, replace(request, reply_to=reply_to, request_id=request_id))
        return future

    def start_child(self, spec: ChildSpec) -> StartChild:
        """The command to keep one more child."""
        return StartChild(
            name=spec.name, factory=spec.factory, restart=spec.restart, shutdown_seconds=spec.shutdown_seconds
        )

    def stop_child(self, name: str) -> StopChild:
        """The command to let a child go."""
        return StopChild(name=AddressName(name))

    def stop(self) -> Future[Any]:
        """Stop everything."""
        return self.ask(SUPERVISOR, StopSystem())

    def lives(self, name: str) -> bool:
        """Whether somebody of that name answers."""
        answer = self.ask(name, Greet())
        return answer.done and answer.error is None

    def incarnation(self, name: str) -> int:
        """Which life it lives."""
        return self.system.address(AddressName(name)).vitals.incarnation


class Watcher(Probe):
    """A probe that a test can wait at, for what is said on other threads."""

    def __init__(self) -> None:
        super().__init__()
        self._heard: SimpleQueue[Message] = SimpleQueue()

    def tell(self, message: Message) -> None:
        super().tell(message)
        self._heard.put(message)

    def wait_for(self, kind: type[M], which: Callable[[M], bool] = lambda _message: True) -> M:
        """The next message of that kind; raises queue.Empty if there is none."""
        while True:
            message = self._heard.get(timeout=WAIT_SECONDS)
            if isinstance(message, kind) and which(message):
                return message


def names(entries: Iterable[ActorExited | ActorRestarted]) -> list[str]:
    """Whom they are about."""
    return [entry.name for entry in entries]


def names_in(health: Health) -> list[str]:
    """Who there is."""
    return [actor.name for actor in health.actors]

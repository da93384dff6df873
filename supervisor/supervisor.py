"""The supervisor: starts its children in order, restarts them by their specs, stops them in reverse.

Theory of operation. Everything it does is one of two lists being worked off: children to stop, one at a time, each with
its own deadline; then children to start, in the order of their specs. A crash, a command and the end of the system
differ only in what they put on the lists.

Decides who lives. Does not know what its children do.
"""

from collections import deque
from typing import ClassVar, assert_never

from actors.base import Actor, Context
from messages.base import AddressName, Done, Incarnation, Message
from messages.errors import BusError, SystemFailed
from messages.supervision import (
    ActorExited,
    ActorHung,
    ActorRestarted,
    GetHealth,
    Health,
    StartChild,
    StopChild,
    StopSystem,
    SystemStopped,
)
from supervisor.child import Child
from supervisor.intensity import RestartWindow
from supervisor.spec import ChildSpec, Intensity, Strategy
from supervisor.strategy import is_restarted, restarted_with

HANG_CHECK_SECONDS = 0.5
HANG_SECONDS = 1.0


class _StopOverdue(Message, frozen=True, kw_only=True):
    name: AddressName
    incarnation: Incarnation


class _HangCheckDue(Message, frozen=True, kw_only=True):
    pass


Inbox = ActorExited | StartChild | StopChild | StopSystem | GetHealth | _StopOverdue | _HangCheckDue


class SupervisorActor(Actor[Inbox]):
    """Keeps the actors of ``specs`` alive."""

    listens: ClassVar = ()

    def __init__(
        self,
        context: Context,
        specs: tuple[ChildSpec, ...],
        *,
        strategy: Strategy = Strategy.ONE_FOR_ONE,
        intensity: Intensity | None = None,
    ) -> None:
        super().__init__(context)
        self._strategy = strategy
        self._window = RestartWindow(intensity or Intensity())
        self._children = {spec.name: Child(context.system, spec, context.name) for spec in specs}
        self._to_stop: deque[Child] = deque()
        self._to_start: list[Child] = []
        self._to_forget: set[AddressName] = set()
        self._stopping: list[StopSystem] | None = None
        self._error: BusError | None = None

    def on_start(self) -> None:
        """Start the children in order."""
        self._to_start = list(self._children.values())
        self._work_off()
        self.context.after(HANG_CHECK_SECONDS, _HangCheckDue())

    def on_receive(self, message: Inbox) -> None:
        """Handle one message."""
        match message:
            case ActorExited():
                self._on_actor_exited(message)
            case StartChild():
                self._on_start_child(message)
            case StopChild():
                self._on_stop_child(message)
            case StopSystem():
                self._on_stop_system(message)
            case GetHealth():
                self._on_get_health(message)
            case _StopOverdue():
                self._on_stop_overdue(message)
            case _HangCheckDue():
                self._on_hang_check_due()
            case _:
                assert_never(message)

    def _on_actor_exited(self, exit_: ActorExited) -> None:
        child = self._children.get(exit_.name)
        if child is None or not child.is_up or exit_.incarnation != child.incarnation:
            return  # an abandoned one came back
        child.exited()
        self.context.publish(exit_)
        if not child.asked_to_stop:
            self._on_unasked_exit(child, exit_)
        self._work_off()

    def _on_unasked_exit(self, child: Child, exit_: ActorExited) -> None:
        if self._stopping is not None:
            return
        if not is_restarted(child.spec.restart, exit_.reason):
            self._forget(child)
        elif self._window.allows(self.context.clock.monotonic()):
            names = restarted_with(self._strategy, tuple(self._children), child.spec.name)
            self._restart([self._children[name] for name in names])
        else:
            self._give_up(SystemFailed(f"{exit_.name} kept failing ({exit_.failure})"))

    def _restart(self, children: list[Child]) -> None:
        self._to_stop.extend(child for child in reversed(children) if child not in self._to_stop)
        wanted = {*(child.spec.name for child in self._to_start), *(child.spec.name for child in children)}
        self._to_start = [child for name, child in self._children.items() if name in wanted]

    def _give_up(self, error: BusError) -> None:
        self._error = error
        self.context.log("CRITICAL", f"giving up: {error}")
        self.context.system.fail(error)
        self._on_stop_system(StopSystem())

    def _on_start_child(self, command: StartChild) -> None:
        if self._stopping is None and command.name not in self._children:
            spec = ChildSpec(
                name=command.name,
                factory=command.factory,
                restart=command.restart,
                shutdown_seconds=command.shutdown_seconds,
            )
            child = Child(self.context.system, spec, self.context.name)
            self._children[command.name] = child
            self._to_start.append(child)
            self._work_off()
        self.context.reply(command, Done(request_id=command.request_id))

    def _on_stop_child(self, command: StopChild) -> None:
        child = self._children.get(command.name)
        if child is not None:
            self._to_forget.add(command.name)
            self._to_stop.append(child)
            self._work_off()
        self.context.reply(command, Done(request_id=command.request_id))

    def _on_stop_system(self, command: StopSystem) -> None:
        if self._stopping is None:
            self._stopping = []
            self._to_start.clear()
            self._to_stop = deque(reversed(self._children.values()))
        self._stopping.append(command)
        self._work_off()

    def _work_off(self) -> None:
        while self._to_stop and not self._to_stop[0].is_up:
            stopped = self._to_stop.popleft()
            if stopped.spec.name in self._to_forget:
                self._forget(stopped)
        if self._to_stop:
            self._ask_to_stop(self._to_stop[0])
            return
        for child in self._to_start:
            self._start(child)
        self._to_start = []
        if self._stopping is not None:
            self._end(self._stopping)

    def _ask_to_stop(self, child: Child) -> None:
        if not child.asked_to_stop:
            child.request_stop()
            overdue = _StopOverdue(name=child.spec.name, incarnation=child.incarnation)
            self.context.after(child.spec.shutdown_seconds, overdue)

    def _start(self, child: Child) -> None:
        again = child.incarnation > 0
        child.start()
        if again:
            child.restarts += 1
            self.context.publish(ActorRestarted(name=child.spec.name, incarnation=child.incarnation))

    def _on_stop_overdue(self, overdue: _StopOverdue) -> None:
        child = self._children.get(overdue.name)
        if child is not None and child.is_up and child.incarnation == overdue.incarnation:
            self.context.publish(child.abandon())
            self.context.log("ERROR", f"{overdue.name} did not stop within {child.spec.shutdown_seconds:g} s")
            self._work_off()

    def _forget(self, child: Child) -> None:
        name = child.spec.name
        self._to_forget.discard(name)
        self._children.pop(name, None)
        self.context.system.routes.forget(child.address)
        self.context.system.close_address(name)

    def _end(self, commands: list[StopSystem]) -> None:
        for child in self._children.values():
            self.context.system.close_address(child.spec.name)
        self.context.publish(SystemStopped(error=self._error))
        for command in commands:
            self.context.reply(command, Done(request_id=command.request_id))
        self._stopping = []
        super().request_stop()

    def request_stop(self) -> None:
        """Stop the children first."""
        self.mailbox.put(StopSystem())

    def _on_get_health(self, query: GetHealth) -> None:
        now = self.context.clock.monotonic()
        actors = tuple(child.health(now) for child in self._children.values())
        self.context.reply(query, Health(request_id=query.request_id, actors=actors))

    def _on_hang_check_due(self) -> None:
        now = self.context.clock.monotonic()
        for child in self._children.values():
            self._check(child, now)
        self.context.after(HANG_CHECK_SECONDS, _HangCheckDue())

    def _check(self, child: Child, now: float) -> None:
        vitals = child.address.vitals
        message, since = vitals.message, vitals.since
        if message is None or since is None or now - since < HANG_SECONDS or child.hung_since == since:
            return
        child.hung_since = since
        hung = ActorHung(
            name=child.spec.name, incarnation=child.incarnation, message=type(message).__name__, seconds=now - since
        )
        self.context.publish(hung)

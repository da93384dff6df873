"""The supervisor: starts its children in order, restarts them by their specs, stops them in reverse.

Theory of operation. Everything that needs an order is one of two lists being worked off: children to stop, one at a
time, each with its own deadline; then children to start, in the order of their specs. A crash and the end of the system
differ only in what they put on the lists. A single child that is not wanted any more is stopped beside the lists, so
that nobody waits for it.

Decides who lives. Does not know what its children do.
"""

from collections import deque
from typing import Any, ClassVar, assert_never

from actors.address import Address
from actors.base import Actor, Context
from messages.base import AddressName, Done, Incarnation, Message
from messages.errors import BusError, SystemFailed
from messages.supervision import (
    ActorExited,
    ActorRestarted,
    GetHealth,
    Health,
    Restart,
    StartChild,
    StopChild,
    StopSystem,
    SystemStopped,
)
from supervisor.child import Child
from supervisor.health import HangWatch, health_of
from supervisor.intensity import RestartWindow
from supervisor.spec import ChildSpec, Intensity, Strategy
from supervisor.strategy import is_restarted, restarted_with

HANG_CHECK_SECONDS = 0.5


class _StopOverdue(Message, frozen=True, kw_only=True):
    child: Child
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
        watches_hangs: bool = True,
    ) -> None:
        super().__init__(context)
        self._watches_hangs = watches_hangs
        self._strategy = strategy
        self._window = RestartWindow(intensity or Intensity())
        self._hangs = HangWatch()
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
        if self._watches_hangs:
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
        if not child.asked_to_stop and child not in self._to_stop:
            self._on_unasked_exit(child, exit_)
        self._after_end(child)

    def _on_unasked_exit(self, child: Child, exit_: ActorExited) -> None:
        if not is_restarted(child.spec.restart, exit_.reason):
            self._forget(child)
        elif self._window.allows(self.context.clock.monotonic()):
            names = restarted_with(self._strategy, tuple(self._children), child.spec.name)
            self._restart([self._children[name] for name in names])
        else:
            self._give_up(SystemFailed(f"{exit_.name} kept failing ({exit_.failure})"))

    def _after_end(self, child: Child) -> None:
        if child.spec.name in self._to_forget:
            self._forget(child)
        self._work_off()

    def _restart(self, children: list[Child]) -> None:
        """Stop those of them that live, then start them; a temporary one is not started again, whatever stopped it."""
        living = [child for child in children if child.is_up]
        self._to_forget |= {child.spec.name for child in living if child.spec.restart is Restart.TEMPORARY}
        self._to_stop.extend(child for child in reversed(children) if child not in self._to_stop)
        wanted = {*(child.spec.name for child in self._to_start), *(child.spec.name for child in children)}
        self._to_start = [child for name, child in self._children.items() if name in wanted]

    def _give_up(self, error: BusError) -> None:
        self._error = error
        self.context.log("CRITICAL", f"giving up: {error}")
        self.context.system.fail(error)
        self._on_stop_system(StopSystem())

    def _on_start_child(self, command: StartChild) -> None:
        if self._stopping is None:
            self._keep(
                ChildSpec(
                    name=command.name,
                    factory=command.factory,
                    restart=command.restart,
                    shutdown_seconds=command.shutdown_seconds,
                    line=command.line,
                )
            )
        self.context.reply(command, Done(request_id=command.request_id))

    def _keep(self, spec: ChildSpec) -> None:
        child = self._children.get(spec.name)
        if child is None:
            child = self._children[spec.name] = Child(self.context.system, spec, self.context.name)
            self._to_start.append(child)
        elif spec.name in self._to_forget:  # wanted again before it was gone
            self._to_forget.discard(spec.name)
            child.spec = spec
            self._restart([child])
        self._work_off()

    def _on_stop_child(self, command: StopChild) -> None:
        child = self._children.get(command.name)
        if child is not None:
            self._to_forget.add(command.name)
            self._let_go(child)
        self.context.reply(command, Done(request_id=command.request_id))

    def _let_go(self, child: Child) -> None:
        if child.is_up:
            self._ask_to_stop(child)
        else:
            self._after_end(child)

    def _on_stop_system(self, command: StopSystem) -> None:
        if self._stopping is None:
            self._stopping = []
            self._to_start.clear()
            self._to_stop = deque(reversed(self._children.values()))
        self._stopping.append(command)
        self._work_off()

    def _work_off(self) -> None:
        while self._to_stop and not self._to_stop[0].is_up:
            self._to_stop.popleft()
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
            overdue = _StopOverdue(child=child, incarnation=child.incarnation)
            self.context.after(child.spec.shutdown_seconds, overdue)

    def _start(self, child: Child) -> None:
        again = child.incarnation > 0
        child.start()
        if again:
            self.context.publish(ActorRestarted(name=child.spec.name, incarnation=child.incarnation))

    def _on_stop_overdue(self, overdue: _StopOverdue) -> None:
        child = overdue.child
        # A new child may have taken the name, and an old one may live again.
        if child.is_up and child.asked_to_stop and child.incarnation == overdue.incarnation:
            self.context.publish(child.abandon())
            self.context.log("ERROR", f"{child.spec.name} did not stop within {child.spec.shutdown_seconds:g} s")
            self._after_end(child)

    def _forget(self, child: Child) -> None:
        name = child.spec.name
        self._to_forget.discard(name)
        self._children.pop(name, None)
        self._to_start = [other for other in self._to_start if other is not child]
        self.context.system.routes.forget(child.address)
        self.context.system.routes.forget(child.address.unhurried)
        self.context.system.close_address(name)

    def _end(self, commands: list[StopSystem]) -> None:
        self._close_addresses()
        self.context.publish(SystemStopped(error=self._error))
        for command in commands:
            self.context.reply(command, Done(request_id=command.request_id))
        self._stopping = None  # told: the exit that brought the end may come by here once more
        self.request_stop()

    def _close_addresses(self) -> None:
        """Nobody lives any more: neither the children of other supervisors nor, in a moment, this one."""
        system = self.context.system
        for address in system.directory.addresses():
            system.close_address(address.name)

    def on_failure(self, _type: object, error: BaseException | None, _traceback: object) -> None:
        """Let nobody outlive the supervisor, and nobody wait: it is not restarted."""
        system = self.context.system
        system.fail(SystemFailed(f"the supervisor itself failed: {system.redact(repr(error))}"))
        for child in reversed(self._children.values()):
            child.request_stop()
        system.close_address(self.context.name)

    def _on_get_health(self, query: GetHealth) -> None:
        now = self.context.clock.monotonic()
        actors = tuple(health_of(address, now) for address in self._everybody())
        self.context.reply(query, Health(request_id=query.request_id, actors=actors))

    def _on_hang_check_due(self) -> None:
        addresses = self.context.system.directory.addresses()
        for hung in self._hangs.check(addresses, self.context.clock.monotonic()):
            self.context.publish(hung)
        self.context.after(HANG_CHECK_SECONDS, _HangCheckDue())

    def _everybody(self) -> list[Address[Any]]:
        """All who live or have lived: oneself, one's children, then those of other supervisors."""
        ranks = {name: rank for rank, name in enumerate((self.context.name, *self._children))}
        lived = [address for address in self.context.system.directory.addresses() if address.vitals.incarnation]
        return sorted(lived, key=lambda address: ranks.get(address.name, len(ranks)))

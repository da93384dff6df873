"""One child of a supervisor: an address that outlives its incarnations.

Decides how an incarnation is made, asked to stop and given up. Does not decide when.
"""

import pykka

from actors.base import Actor, Context
from actors.failures import summary, trace
from actors.system import System
from messages.base import AddressName, Incarnation
from messages.errors import BusError
from messages.supervision import ActorExited, ExitReason
from supervisor.spec import ChildSpec


class Child:
    """A child and its present incarnation, if it has one."""

    def __init__(self, system: System, spec: ChildSpec, parent: AddressName) -> None:
        self.spec = spec
        self.address = system.address(spec.name)
        self._system = system
        self._parent = parent
        self._actor: Actor[object] | None = None
        self.is_up = False
        """Whether there is an incarnation whose end has not been reported."""
        self.asked_to_stop = False

    @property
    def incarnation(self) -> Incarnation:
        """The present incarnation, or the last."""
        return self.address.vitals.incarnation

    def start(self) -> None:
        """Start the next incarnation. Whatever goes wrong is reported as its exit, like any other."""
        vitals = self.address.vitals
        vitals.incarnation = Incarnation(vitals.incarnation + 1)
        vitals.state, self.is_up, self.asked_to_stop = "starting", True, False
        try:
            context = Context(self._system, self.address, self.incarnation, self._parent, self.spec.line)
            self._actor = actor = self.spec.factory(context)
            self.address.accepts = actor.inbox()
            self._system.routes.listen(map(context.line.topic, actor.listens), self.address)
            self._system.routes.overhear(map(context.line.topic, actor.overhears), self.address.unhurried)
            pykka.ActorRegistry.register(actor.actor_ref)
            actor._start_actor_loop()  # noqa: SLF001 - what pykka's own start() does
        except BaseException as error:  # noqa: BLE001 - a factory is the user's code
            self._system.directory.tell(self._parent, self._stillborn(error))

    def request_stop(self) -> None:
        """Ask the incarnation to end; it reports when it has."""
        self.asked_to_stop = True
        if self._actor is not None:
            self._actor.request_stop()

    def exited(self) -> None:
        """Its end has been reported."""
        self._actor, self.is_up = None, False

    def abandon(self) -> ActorExited:
        """Go on without an incarnation that does not end; its thread, a daemon, is left behind."""
        self.exited()
        self.address.vitals.state = ExitReason.ABANDONED.value
        return ActorExited(
            name=self.spec.name,
            incarnation=self.incarnation,
            reason=ExitReason.ABANDONED,
            messages_left=len(self.address.mailbox),
        )

    def _stillborn(self, error: BaseException) -> ActorExited:
        self.address.vitals.state = ExitReason.FAILED_TO_START.value
        if self._actor is not None:  # there was no thread for it
            pykka.ActorRegistry.unregister(self._actor.actor_ref)
        if not isinstance(error, BusError):
            self._system.log("ERROR", self.spec.name, f"{ExitReason.FAILED_TO_START.value}\n{trace(error)}")
        failure = self._system.redact(summary(error))
        self._system.sort_out(self.address, failure)
        return ActorExited(
            name=self.spec.name,
            incarnation=self.incarnation,
            reason=ExitReason.FAILED_TO_START,
            error=error if isinstance(error, BusError) else None,
            failure=failure,
            messages_left=len(self.address.mailbox),
        )

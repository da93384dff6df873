"""The balance of the account, as the platform last said.

Decides when it has changed, and that who asks before it is known waits, and has the platform asked. Does not know why
it changed.
"""

from decimal import Decimal
from math import inf
from typing import ClassVar, Final, assert_never

from actors.base import Actor, Context
from messages.account import Balance, BalanceChanged, BalanceReported, GetBalance
from messages.session import SessionReady
from messages.wire.commands import get_balance

Inbox = BalanceReported | GetBalance | SessionReady

_ASK_EVERY_SECONDS: Final = 1.0


class BalanceMemory:
    """What outlives a crash: the balance, and who waits for it."""

    def __init__(self) -> None:
        self.amount: Decimal | None = None
        self.is_demo = True
        self.waiting: list[GetBalance] = []


class BalanceActor(Actor[Inbox]):
    """Keeps the balance."""

    listens: ClassVar = (BalanceReported, SessionReady)

    def __init__(self, context: Context, memory: BalanceMemory, *, is_demo: bool) -> None:
        super().__init__(context)
        self._memory = memory
        self._memory.is_demo = is_demo
        self._asked = -inf

    def on_receive(self, message: Inbox) -> None:
        """Handle one message."""
        match message:
            case BalanceReported():
                self._on_balance_reported(message)
            case GetBalance():
                self._on_get_balance(message)
            case SessionReady():
                self._on_session_ready()
            case _:
                assert_never(message)

    def _on_balance_reported(self, event: BalanceReported) -> None:
        memory = self._memory
        if not event.is_of(is_demo=memory.is_demo):
            return
        before, memory.amount = memory.amount, event.amount
        if before != event.amount:
            self.context.publish(BalanceChanged(is_demo=memory.is_demo, amount=event.amount, before=before))
        memory.waiting = self._still_waiting()
        while memory.waiting:
            self._on_get_balance(memory.waiting.pop(0))

    def _on_get_balance(self, query: GetBalance) -> None:
        memory = self._memory
        if memory.amount is None:
            if self.context.clock.monotonic() >= self._asked + _ASK_EVERY_SECONDS:
                self._ask()
            memory.waiting = [*self._still_waiting(), query]
            return
        reply = Balance(request_id=query.request_id, is_demo=memory.is_demo, amount=memory.amount)
        self.context.reply(query, reply)

    def _on_session_ready(self) -> None:
        self._memory.waiting = self._still_waiting()
        if self._memory.waiting:
            self._ask()

    def _ask(self) -> None:
        """What the platform tells after a login may have been lost."""
        if self.context.send(get_balance()):
            self._asked = self.context.clock.monotonic()

    def _still_waiting(self) -> list[GetBalance]:
        """Who waits, without those who gave up."""
        directory = self.context.system.directory
        return [query for query in self._memory.waiting if directory.get(query.reply_to) is not None]

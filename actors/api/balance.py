"""The balance of the account, as the platform last said.

Decides when it has changed, and that who asks before it is known waits, and has the platform asked. Does not know why
it changed.
"""

from decimal import Decimal
from typing import ClassVar, assert_never

from actors.base import Actor, Context
from messages.account import Balance, BalanceChanged, BalanceReported, GetBalance
from messages.wire.commands import get_balance

Inbox = BalanceReported | GetBalance


class BalanceMemory:
    """What outlives a crash: the balance, and who waits for it."""

    def __init__(self) -> None:
        self.amount: Decimal | None = None
        self.is_demo = True
        self.waiting: list[GetBalance] = []


class BalanceActor(Actor[Inbox]):
    """Keeps the balance."""

    listens: ClassVar = (BalanceReported,)

    def __init__(self, context: Context, memory: BalanceMemory, *, is_demo: bool) -> None:
        super().__init__(context)
        self._memory = memory
        self._memory.is_demo = is_demo

    def on_receive(self, message: Inbox) -> None:
        """Handle one message."""
        match message:
            case BalanceReported():
                self._on_balance_reported(message)
            case GetBalance():
                self._on_get_balance(message)
            case _:
                assert_never(message)

    def _on_balance_reported(self, event: BalanceReported) -> None:
        memory = self._memory
        if event.is_demo is not None and event.is_demo != memory.is_demo:
            return  # the platform also reports the account that is not used
        before, memory.amount = memory.amount, event.amount
        if before != event.amount:
            self.context.publish(BalanceChanged(is_demo=memory.is_demo, amount=event.amount, before=before))
        memory.waiting = self._still_waiting()
        while memory.waiting:
            self._on_get_balance(memory.waiting.pop(0))

    def _on_get_balance(self, query: GetBalance) -> None:
        memory = self._memory
        if memory.amount is None:
            self.context.send(get_balance())  # what the platform tells after a login may have been lost
            memory.waiting = [*self._still_waiting(), query]
            return
        reply = Balance(request_id=query.request_id, is_demo=memory.is_demo, amount=memory.amount)
        self.context.reply(query, reply)

    def _still_waiting(self) -> list[GetBalance]:
        """Who waits, without those who gave up."""
        directory = self.context.system.directory
        return [query for query in self._memory.waiting if directory.get(query.reply_to) is not None]

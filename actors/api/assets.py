"""The platform's assets, as it last listed them.

Decides when the list has changed, that who asks before it is known waits, and that a session is restored only once the
platform has listed its assets on it: what is restored after that can be checked against them. Does not know who trades.
"""

from typing import ClassVar, assert_never

from actors.base import Actor, Context
from messages.base import Incarnation
from messages.market import Asset, Assets, AssetsChanged, AssetsReported, GetAssets
from messages.session import RestoreSession, SessionRestored

Inbox = AssetsReported | GetAssets | RestoreSession


class AssetsMemory:
    """What outlives a crash: the assets, the connection they were last listed on, and who waits for them."""

    def __init__(self) -> None:
        self.assets: tuple[Asset, ...] | None = None
        self.listed_on: Incarnation | None = None
        self.waiting: list[GetAssets] = []
        self.restoring: RestoreSession | None = None


class AssetsActor(Actor[Inbox]):
    """Keeps the list of assets."""

    listens: ClassVar = (AssetsReported,)

    def __init__(self, context: Context, memory: AssetsMemory) -> None:
        super().__init__(context)
        self._memory = memory

    def on_receive(self, message: Inbox) -> None:
        """Handle one message."""
        match message:
            case AssetsReported():
                self._on_assets_reported(message)
            case GetAssets():
                self._on_get_assets(message)
            case RestoreSession():
                self._memory.restoring = message
                self._end_restoring()
            case _:
                assert_never(message)

    def _on_assets_reported(self, event: AssetsReported) -> None:
        memory = self._memory
        before, memory.assets = memory.assets, event.assets
        memory.listed_on = self.context.session.incarnation
        if before != event.assets:
            self.context.publish(AssetsChanged(assets=event.assets))
        memory.waiting = self._still_waiting()
        while memory.waiting:
            self._on_get_assets(memory.waiting.pop(0))
        self._end_restoring()

    def _on_get_assets(self, query: GetAssets) -> None:
        assets = self._memory.assets
        if assets is None:
            self._memory.waiting = [*self._still_waiting(), query]
        else:
            self.context.reply(query, Assets(request_id=query.request_id, assets=assets))

    def _still_waiting(self) -> list[GetAssets]:
        """Who waits, without those who gave up."""
        directory = self.context.system.directory
        return [query for query in self._memory.waiting if directory.get(query.reply_to) is not None]

    def _end_restoring(self) -> None:
        command = self._memory.restoring
        if command is not None and command.incarnation == self._memory.listed_on:
            self._memory.restoring = None
            restored = SessionRestored(request_id=command.request_id, incarnation=command.incarnation)
            self.context.reply(command, restored)

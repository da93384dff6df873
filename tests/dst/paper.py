"""What the journal of an account has on disk, from one process of the client to the next.

Theory of operation. As in ``actors.orders.journal``, all words go to one log, which is flushed for an intent and when
the journal is opened: with it everything that was written before becomes durable. What was noted since then is lost
where the machine loses its power, and survives where only the process ends.

Decides what of it survives the end of a process and of a machine, and refuses all work while it is broken. Knows no
order's life (``actors.orders.ledger``).
"""

from actors.orders.memory_journal import MemoryJournal
from messages.order_errors import JournalUnavailable
from messages.orders import OrderRecord, TradingMode
from messages.trading import DealId, OrderId


class Paper:
    """The disk: what is on it, and whether it works."""

    def __init__(self) -> None:
        self.is_broken = False
        self.kept = MemoryJournal()
        """What the next process finds."""
        self.intended: dict[OrderId, OrderRecord] = {}
        """Every intent that was ever written."""
        self._durable: dict[OrderId, OrderRecord] = {}
        self._volatile: dict[OrderId, OrderRecord] = {}

    def open(self) -> "PaperJournal":
        """The journal, for one process. Raises JournalUnavailable."""
        self.check()
        self._flush()
        return PaperJournal(self)

    def check(self) -> None:
        """Raises JournalUnavailable while the disk is broken."""
        if self.is_broken:
            raise JournalUnavailable("on paper", "the disk is broken")

    def intend(self, order: OrderRecord) -> None:
        """Write what outlives the machine, as does all that was written before."""
        self.note(order)
        self.intended[order.order_id] = order
        self._flush()

    def note(self, order: OrderRecord) -> None:
        """Write what outlives the process."""
        self.kept.note(order)
        self._volatile[order.order_id] = order

    def lose_power(self) -> None:
        """What was noted since the last flush is gone."""
        self._volatile.clear()
        self.kept = MemoryJournal()
        for order in self._durable.values():
            self.kept.note(order)

    def _flush(self) -> None:
        self._durable.update(self._volatile)
        self._volatile.clear()


class PaperJournal:
    """The journal as one process has it open."""

    def __init__(self, paper: Paper) -> None:
        self._paper = paper

    @property
    def _kept(self) -> MemoryJournal:
        self._paper.check()
        return self._paper.kept

    @property
    def mode(self) -> TradingMode:
        """Where the kill switch was left."""
        return self._kept.mode

    @mode.setter
    def mode(self, mode: TradingMode) -> None:
        self._kept.mode = mode

    def intend(self, order: OrderRecord) -> None:
        """Write down an order that is to go out."""
        self._paper.check()
        self._paper.intend(order)

    def note(self, order: OrderRecord) -> None:
        """Write down what has become of an order."""
        self._paper.check()
        self._paper.note(order)

    def recent(self) -> tuple[OrderRecord, ...]:
        """All orders without an end and the last ones with one, oldest first."""
        return self._kept.recent()

    def order(self, order_id: OrderId) -> OrderRecord | None:
        """The order of that id."""
        return self._kept.order(order_id)

    def order_of_deal(self, deal_id: DealId) -> OrderRecord | None:
        """The order whose deal it is."""
        return self._kept.order_of_deal(deal_id)

    def close(self) -> None:
        """Nobody else has it."""

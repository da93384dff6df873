"""A short run of the order machine, and clients that break one rule each: what does not catch them guards nothing."""

from math import inf
from typing import Any, ClassVar

import pytest
from hypothesis import Phase
from hypothesis.stateful import rule
from msgspec.structs import replace

from actors.orders.evidence import is_ruled_out
from actors.orders.ledger import OrderEvent, may_be
from actors.orders.reconciliation import Reconciliation
from messages.orders import OrderRecord, OrderState
from tests.order_machine import Client, OrderMachine, run

STEPS = 1_500


class Resending(OrderMachine):
    """Sends again, on a new connection, what was not answered on the one before."""

    @rule()
    def reconnect(self) -> None:
        super().reconnect()
        for order in self.ours():
            if order.state is OrderState.UNKNOWN:
                self.send(order)


class Impatient(Reconciliation):
    """Takes the first full set of lists for the last word."""

    def _is_ruled_out(self, order: OrderRecord) -> bool:
        return self.told.is_complete and order.deal is None


class Trusting(Reconciliation):
    """Looks at the lists in time, but takes any for the whole truth."""

    def _is_ruled_out(self, order: OrderRecord) -> bool:
        told = self.told
        everything = (told.opened, told.closed)
        return all(sheet is not None and sheet.received >= order.expiry + 10 for sheet in everything)


class Synchronous(Reconciliation):
    """Takes the platform's clock for its own."""

    def _is_ruled_out(self, order: OrderRecord) -> bool:
        strangers = (other.deal for other in self._register.ledger if other.is_external)
        is_told = is_ruled_out(order, self.told, self._equity)
        return is_told and not any(deal is not None and may_be(order, deal, inf) for deal in strangers)


class Guessing(Reconciliation):
    """Takes silence for a refusal."""

    def lose(self, *given: Any) -> Any:
        return [
            self._move(change.order, OrderEvent.REFUSE, change.order.updated, reason="no answer")
            for change in super().lose(*given)
        ]


class Forgetful(Client):
    """Sends first and writes down what became of it."""

    def place(self, wanted: OrderRecord, **_given: Any) -> OrderRecord | None:
        if self.around.is_occupied(wanted.symbol) or self.register.ledger.get(wanted.order_id) is not None:
            return None
        sent = replace(wanted, state=OrderState.SENT)
        self.register.ledger.enter(sent)
        return sent


def machine_with(kind: type[Reconciliation], base: type[OrderMachine] = OrderMachine) -> type[OrderMachine]:
    class Reconciled(Client):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            self.reconciliation = kind(self.register, 15.0)

    class Machine(base):  # type: ignore[misc, valid-type]
        client_type = Reconciled

    return Machine


class Unwritten(OrderMachine):
    client_type = Forgetful


class Foul(OrderMachine):
    """One row in each list cannot be read, and ends are not told as they happen."""

    climate: ClassVar = {"unreadable": 0, "absent": "", "settles": False}


@pytest.mark.parametrize("machine", [OrderMachine, Foul], ids=["fair", "foul"])
def test_no_order_is_lost_or_sent_twice_and_none_ends_in_a_false_state(machine: type[OrderMachine]) -> None:
    machine.steps = 0

    run(machine, STEPS, derandomize=True)

    assert machine.steps >= STEPS / 2


@pytest.mark.parametrize(
    "machine",
    [
        *(Resending, Unwritten, machine_with(Impatient), machine_with(Trusting, Foul), machine_with(Guessing)),
        machine_with(Synchronous),
    ],
    ids=["resends", "writes afterwards", "too early", "any list", "silence is a refusal", "one clock for all"],
)
def test_a_client_that_breaks_a_rule_is_caught(machine: type[OrderMachine]) -> None:
    with pytest.raises(AssertionError):
        run(machine, 50_000, derandomize=True, phases=[Phase.generate], report_multiple_bugs=False)

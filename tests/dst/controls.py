"""Negative controls: clients that are broken in one place, each of which its invariant must catch.

Decides what is broken, by overriding one thing, and which invariant has to find it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from msgspec.structs import replace

from actors.api.subscriptions import SubscriptionsActor, _LookDue
from actors.connection import ConnectionActor
from actors.future import Future
from actors.life import Life
from actors.mailbox import Mailbox
from actors.orders.evidence import is_ruled_out
from actors.orders.lookout import Lookout
from actors.orders.reconciliation import Reconciliation
from actors.orders.register import Register
from actors.router import RouterActor
from actors.stepped import _SteppedMailbox
from messages.orders import OrderState
from messages.session import SessionRestored
from messages.trading import PlaceTrade
from messages.wire.commands import open_order


class Control(NamedTuple):
    """What is wrong with the client: what of which class is replaced, and by what, made of the original."""

    says: str
    breaks: str
    """The invariant that has to catch it."""
    owner: type
    name: str
    wrong: Callable[[Any], Any]
    seeds: range = range(12)
    """Some of them show it."""

    @contextmanager
    def broken(self) -> Iterator[None]:
        """While this lasts every client is."""
        original = getattr(self.owner, self.name)
        setattr(self.owner, self.name, self.wrong(original))
        try:
            yield
        finally:
            setattr(self.owner, self.name, original)


def _resend(original: Callable[[Lookout, Any], None]) -> Callable[[Lookout, Any], None]:
    def restore(lookout: Lookout, command: Any) -> None:
        for order in lookout._register.ledger.unresolved:
            if order.state is OrderState.UNKNOWN:
                again = PlaceTrade(
                    order_id=order.order_id,
                    symbol=order.symbol,
                    direction=order.direction,
                    stake=order.stake,
                    duration_seconds=order.duration_seconds,
                    deadline_seconds=1.0,
                )
                lookout._context.send(open_order(again, is_demo=True))
        original(lookout, command)

    return restore


def _restore_nothing(_original: object) -> Callable[[Any, Any], None]:
    def restore(actor: Any, command: Any) -> None:
        done = SessionRestored(request_id=command.request_id, incarnation=command.incarnation)
        actor.context.reply(command, done)

    return restore


def _take_old_frames(original: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    def on_frame_batch(actor: Any, batch: Any) -> None:
        original(actor, replace(batch, incarnation=actor._line.session.incarnation))

    return on_frame_batch


def _write_nothing(_original: object) -> Callable[[Register, Any, float], Any]:
    def intend(register: Register, order: Any, now: float) -> Any:
        register._opened(now)
        intended = replace(order, state=OrderState.JOURNALED, updated=now)
        register.ledger.enter(intended)
        return intended

    return intend


def _look_again(original: Callable[[Any], None]) -> Callable[[Any], None]:
    def on_look_due(actor: Any) -> None:
        original(actor)
        actor.context.address.tell(_LookDue())

    return on_look_due


def _nothing_done(_original: object) -> Callable[..., None]:
    return lambda *_arguments: None


def _believe_silence(_original: object) -> Callable[[Any, Any], bool]:
    return lambda _reconciliation, _order: True


def _go_by_the_clock(_original: object) -> Callable[[Any, Any], bool]:
    return lambda reconciliation, order: is_ruled_out(order, reconciliation.told, reconciliation._equity)


def _wake_for_some(original: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    def put(mailbox: Any, message: Any) -> None:
        if message.sheddable:
            Mailbox.put(mailbox, message)
        else:
            original(mailbox, message)

    return put


CONTROLS = {
    "resend": Control(
        "sends again what was not answered, on the next connection",
        "executed at most once",
        Lookout,
        "restore",
        _resend,
    ),
    "forgets-subscriptions": Control(
        "restores no subscription on a new connection",
        "exactly what is wanted streams",
        SubscriptionsActor,
        "_on_restore_session",
        _restore_nothing,
    ),
    "keeps-old-frames": Control(
        "takes frames of an old connection for those of the present one",
        "ticks in order, none twice",
        RouterActor,
        "_on_frame_batch",
        _take_old_frames,
    ),
    "loses-waiters": Control("lets no future expire", "calls end in time", Future, "expire", _nothing_done),
    "writes-no-intent": Control(
        "sends before anything is in the journal", "never without an intent", Register, "intend", _write_nothing
    ),
    "believes-silence": Control(
        "takes an unanswered order for one that was not placed",
        "nothing false is believed",
        Reconciliation,
        "_is_ruled_out",
        _believe_silence,
    ),
    "goes-by-the-clock": Control(
        "takes a deal that is like the order for another's if the times do not fit, whatever the clock",
        "nothing false is believed",
        Reconciliation,
        "_is_ruled_out",
        _go_by_the_clock,
        range(262, 274),
    ),
    "hides-deaths": Control(
        "does not report the end of an actor", "deaths are reported", Life, "_report", _nothing_done
    ),
    "never-rests": Control(
        "looks at its streams again as soon as it has",
        "the episode ends",
        SubscriptionsActor,
        "_on_look_due",
        _look_again,
    ),
    "keeps-sockets": Control(
        "ends no socket that it leaves", "one live connection", ConnectionActor, "_end", _nothing_done
    ),
    "sleeps-on": Control(
        "wakes nobody for what may be shed", "mailboxes are empty", _SteppedMailbox, "put", _wake_for_some
    ),
}
"""Every broken client by its name."""

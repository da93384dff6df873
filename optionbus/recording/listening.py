"""Listens to strategies, and has it written down what each of them hears and asks, in its own order.

Theory of operation. On threads the scheduler decides in which order ticks, deals and answers reach a strategy, and what
the actors that answer it know by then; the frames of a session do not tell. So a strategy's messages are written down
as it takes them up, on its own thread. What it draws at random is drawn from a generator of its own, which nobody else
takes numbers from.

Decides what is noted of a strategy. Does not know how it is played (``prompter``).
"""

from collections.abc import Callable
from random import Random
from typing import Any

from actors.base import Actor
from actors.context import Context
from actors.runtime import Runtime
from actors.strategies.strategy import Strategy
from messages.base import AddressName, Message, Reply, Request, RequestId
from optionbus.recording.recorder import Recorder
from optionbus.recording.records import Asked, Heard
from optionbus.recording.wording import Questions, kind_of, written


class Listening:
    """Tells a recorder of every strategy."""

    def __init__(self, recorder: Recorder, runtime: Runtime) -> None:
        self._recorder, self._runtime = recorder, runtime
        self._ears: dict[AddressName, _Ear] = {}

    def attend(self, actor: Actor[Any]) -> None:
        """Listen to one life of an actor, if it is a strategy's."""
        if isinstance(actor, Strategy):
            name = actor.context.name
            ear = self._ears.setdefault(name, _Ear(name, self._recorder, self._runtime))
            attach(actor, ear.questions.random, ear.asks, lambda message: ear.hears(actor.context, message))


class _Ear:
    """Listens to one strategy, on its thread."""

    def __init__(self, name: AddressName, recorder: Recorder, runtime: Runtime) -> None:
        self.questions = Questions(runtime.seed, name)
        self._name, self._recorder, self._clock = name, recorder, runtime.clock
        self._open: dict[RequestId, str] = {}

    def asks(self, request: Request) -> None:
        question = self._open[request.request_id] = self.questions.name_of(request)
        order_id = str(getattr(request, "order_id", ""))
        self._recorder.note(Asked(self._clock.monotonic(), self._name, question, order_id))

    def hears(self, context: Context, message: Message) -> Message | None:
        question = self._open.pop(message.request_id, "") if isinstance(message, Reply) else ""
        state, data = context.session.state.value, written(message)
        heard = Heard(self._clock.monotonic(), self._name, state, kind_of(message), question, data)
        self._recorder.note(heard, len(data))
        return message


def attach(
    strategy: Strategy,
    random: Random,
    asks: Callable[[Request], None],
    hears: Callable[[Message], Message | None],
) -> None:
    """Have ``asks`` told of what a strategy asks; it takes up what ``hears`` makes of what it is told."""
    context, receive = strategy.context, strategy.on_receive
    tell_on = context.tell

    def tell(name: AddressName, message: Message) -> None:
        if isinstance(message, Request) and message.reply_to == context.name:
            asks(message)
        tell_on(name, message)

    def on_receive(message: Any) -> None:  # noqa: ANN401 - a strategy's inbox
        heard: Any = hears(message)
        if heard is not None:
            receive(heard)

    context.random, context.tell = random, tell
    strategy.on_receive = on_receive  # type: ignore[method-assign]

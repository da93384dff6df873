"""Lets strategies hear again what they heard, message for message, in the order in which they took it up.

Theory of operation. A strategy whose messages are in the recording is told these, when they are due; what the actors
around it tell it now is left out, for they may tell it in another order. An answer is told to whoever has asked the
same: one to a question that is not asked now is left out, and a question that was not asked then is answered by the
actors of now. So a strategy that decides as it did hears what it heard, and one that decides otherwise has the same
market and its own answers.

Decides what a strategy hears in a replay. Does not know when (``replay_transport``).
"""

from collections.abc import Iterable
from functools import partial
from typing import Any

from msgspec.structs import replace

from actors.address import Address
from actors.base import Actor
from actors.context import Context, Reminder
from actors.line import Line, SessionView
from actors.runtime import Runtime
from actors.strategies.strategy import Strategy
from actors.system import System
from messages.base import AddressName, Message, Reply, Request, RequestId
from messages.session import SessionState
from optionbus.recording.listening import attach
from optionbus.recording.recording import Recording
from optionbus.recording.records import Heard
from optionbus.recording.wording import Questions, read


class Prompted(Message, frozen=True, kw_only=True):
    """What a strategy heard then, as it lies in its mailbox now."""

    heard: Heard


class Prompter:
    """Prompts the strategies of a recording."""

    def __init__(self, recording: Recording, runtime: Runtime) -> None:
        self._recording, self._runtime = recording, runtime
        self._parts: dict[str, _Part] = {}

    def stand_by(self, system: System, strategies: Iterable[AddressName]) -> None:
        """From now on tell these what they heard, those of them that are in the recording."""
        contents = self._recording.contents
        for name in contents.heard.intersection(strategies):
            questions = Questions(self._recording.header.seed, name)
            part = _Part(system.address(AddressName(name)), questions, contents.asked.get(name, {}))
            self._parts[name] = part

    def attend(self, actor: Actor[Any]) -> None:
        """Prompt one life of an actor, if it is a strategy's of which something was heard."""
        part = self._parts.get(actor.context.name)
        if isinstance(actor, Strategy) and part is not None:
            context = actor.context
            session = context.line.session
            context.line = Line(context.line.index)
            context.line.session = session
            attach(actor, part.questions.random, part.asks, partial(part.hears, context))

    def prompt(self, heard: Heard) -> None:
        """This is due."""
        part = self._parts.get(heard.strategy)
        if part is not None:
            part.prompt(heard)


class _Part:
    """What one strategy hears."""

    def __init__(self, address: Address[Any], questions: Questions, asked: dict[str, str]) -> None:
        self.questions = questions
        self._asked = asked
        self._matched: set[RequestId] = set()
        self._numbers: dict[str, RequestId] = {}
        self._orders: dict[bytes, bytes] = {}
        self._put = address.mailbox.put
        address.tell = self._tell

    def prompt(self, heard: Heard) -> None:
        self._put(Prompted(heard=heard))

    def asks(self, request: Request) -> None:
        question = self.questions.name_of(request)
        then = self._asked.get(question)
        if then is None:
            return
        self._matched.add(request.request_id)
        self._numbers[question] = request.request_id
        now = str(getattr(request, "order_id", ""))
        if then != now:
            self._orders[then.encode()] = now.encode()

    def hears(self, context: Context, message: Message) -> Message | None:
        if not isinstance(message, Prompted):
            return message
        heard = message.heard
        incarnation = context.line.session.incarnation
        context.line.session = SessionView(incarnation, SessionState(heard.state))
        message_then = read(heard.kind, self._translated(heard.data))
        if message_then is None:
            context.log("WARNING", f"what it heard then is left out: no {heard.kind} of that form is known now")
        return self._answering(message_then, heard.question)

    def _answering(self, message: Message | None, question: str) -> Message | None:
        if not isinstance(message, Reply):
            return message
        number = self._numbers.get(question)
        return None if number is None else replace(message, request_id=number)

    def _translated(self, data: bytes) -> bytes:
        if self._orders and b'"order_id"' in data:
            for then, now in self._orders.items():
                data = data.replace(then, now)
        return data

    def _tell(self, message: Message) -> None:
        is_own = isinstance(message, Reply) and message.request_id not in self._matched
        if is_own or isinstance(message, Prompted | Reminder):
            self._put(message)

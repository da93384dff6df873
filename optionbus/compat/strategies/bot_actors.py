"""The actors between a moved strategy and the market; both are strategies of this project.

Theory of operation. BotActor has no assets: it trades, and answers what handlers ask. A FeedActor has one asset, and
has a handler called with each of its candles. Handlers do not run on the thread of an actor
(``optionbus.compat.strategies.handlers``), so that none of the two ever waits.

Decides which handler is called when, and with what. Does not know how long a handler takes.
"""

from collections.abc import Callable
from json import dumps
from typing import Any, ClassVar

from actors.base import Context
from actors.strategies.context import DEALS
from actors.strategies.strategy import BALANCE, Inbox, Strategy
from messages.account import GetBalance
from messages.base import AddressName, Reply, Request, RequestFailed, RequestId
from messages.errors import BusError
from messages.market import Candle
from messages.trading import AwaitResult, Deal, DealId, OrderId
from optionbus.compat import shapes
from optionbus.compat.errors import PocketOptionError, UninitializedError, translation
from optionbus.compat.strategies.handlers import STOPPED
from optionbus.compat.strategies.questions import (
    BalanceWanted,
    HandlerFailed,
    LookDue,
    Question,
    ResultWanted,
    TradeWanted,
    text_of,
)
from optionbus.compat.strategies.run import Run

Told = Inbox | Question | HandlerFailed | LookDue


class Caller(Strategy):
    """Has handlers called; one that fails is a line in the log."""

    def __init__(self, context: Context, run: Run) -> None:
        super().__init__(context)
        self.run = run

    @classmethod
    def inbox(cls) -> tuple[type[Any], ...] | None:
        """What a strategy takes, and what is told here besides."""
        return (*(super().inbox() or ()), Question, HandlerFailed, LookDue)

    def call(self, name: str, *arguments: object) -> None:
        """Have a handler called."""
        tell = self.context.address.tell
        self.run.call(name, *arguments, failed=lambda error: tell(HandlerFailed(text=_words(name, error))))

    def on_receive(self, message: Told) -> None:
        """Handle one message."""
        match message:
            case HandlerFailed():
                self.context.log("ERROR", message.text)
            case Question() | LookDue():
                pass  # for the bot alone
            case _:
                super().on_receive(message)


class FeedActor(Caller):
    """Has ``on_candle`` called with each closed candle of one asset."""

    def on_candle(self, candle: Candle) -> None:
        """A candle has closed; that it is not said to be is how the original has it."""
        shape = shapes.candle(candle, self.run.offset_seconds, is_closed=False)
        self.call("on_candle", str(candle.symbol), dumps(shape, separators=(",", ":")))


class BotActor(Caller):
    """Trades for the handlers, and has the other two called."""

    assets: ClassVar = ()

    def __init__(self, context: Context, run: Run) -> None:
        super().__init__(context, run)
        self._orders: dict[OrderId, Question] = {}
        self._asked: dict[RequestId, tuple[Question, Callable[[Any], object]]] = {}

    def on_start(self) -> None:
        """Begin, or go on after a crash."""
        run = self.run
        run.platform.tell = self.context.address.tell
        if not run.has_begun:
            run.has_begun = True
            run.call("on_start", failed=lambda error: run.end(_start_failed(error)))
        if run.market is None:
            self.context.ask(BALANCE, GetBalance(), lambda reply: self._tell_balance(float(reply.amount)))
        self._look()

    def on_stop(self) -> None:
        """Let nobody wait for what will not come."""
        self.run.platform.tell = None
        self.run.handlers.close()
        self._fail_all()
        self.run.end()

    def on_failure(self, exception_type: Any, exception_value: Any, traceback: Any) -> None:  # noqa: ANN401 - pykka's
        """The next life knows nothing of what was asked in this one."""
        super().on_failure(exception_type, exception_value, traceback)
        self._fail_all()

    def on_receive(self, message: Told) -> None:
        """Handle one message."""
        match message:
            case TradeWanted():
                order_id = self.context.trade(message.asset, message.direction, message.stake, message.seconds)
                self._orders[order_id] = message
            case ResultWanted():
                query = AwaitResult(deal_id=DealId(message.deal_id))
                self._ask(DEALS, query, message, lambda reply: text_of(reply.result.deal, self.run.uid))
            case BalanceWanted():
                self._ask(BALANCE, GetBalance(), message, lambda reply: float(reply.amount))
            case LookDue():
                self._look()
            case Reply() if message.request_id in self._asked:
                self._on_asked(message)
            case _:
                super().on_receive(message)

    def on_deal_opened(self, deal: Deal) -> None:
        """An order was placed."""
        question = self._orders.pop(deal.order_id or OrderId(""), None)
        if question is not None:
            self.run.handlers.answer(question.answer, [str(deal.id), text_of(deal, self.run.uid)])

    def on_order_failed(self, order_id: OrderId, error: BusError) -> None:
        """An order was not placed, or nobody knows whether it was."""
        question = self._orders.pop(order_id, None)
        if question is not None:
            self.run.handlers.answer(question.answer, error=translation(error))

    def _ask(self, name: AddressName, request: Request, question: Question, convert: Callable[[Any], object]) -> None:
        self._asked[self.context.put(name, request)] = question, convert

    def _on_asked(self, reply: Reply) -> None:
        question, convert = self._asked.pop(reply.request_id)
        if isinstance(reply, RequestFailed):
            self.run.handlers.answer(question.answer, error=translation(reply.error))
        else:
            self.run.handlers.answer(question.answer, convert(reply))

    def _fail_all(self) -> None:
        questions = [*self._orders.values(), *(question for question, _convert in self._asked.values())]
        self._orders, self._asked = {}, {}
        for question in questions:
            self.run.handlers.answer(question.answer, error=UninitializedError(STOPPED))

    def _look(self) -> None:
        """Say what the balance is where it has changed, and look again later."""
        market, known = self.run.market, self.context.balance
        if market is not None:
            self._tell_balance(market.balance().get())
        elif known is not None:
            self._tell_balance(float(known))
        self.context.after(self.run.interval_seconds / self.context.clock.scale, LookDue())

    def _tell_balance(self, balance: float) -> None:
        if balance != self.run.told_balance:
            self.run.told_balance = balance
            self.call("on_balance", balance)


def _words(name: str, error: Exception) -> str:
    return f"{name} failed: {type(error).__name__}: {error}"


def _start_failed(error: Exception) -> PocketOptionError:
    problem = PocketOptionError(_words("on_start", error))
    problem.__cause__ = error
    return problem

"""The thread that the handlers of a moved strategy run on: one that waits holds up nobody but itself.

Theory of operation. Handlers run one after the other, in the order in which they were to be called. What a handler asks
of the market is told to the bot's actor, and the handler waits for the answer while the actor goes on. Where time is
virtual, actor and handler take turns: the actor stands still while a handler runs, until it has ended or waits for an
answer. So a seed gives the same run each time.

Decides who runs when. Does not know what is asked, nor who answers.
"""

import asyncio
from collections.abc import Callable, Generator
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from queue import SimpleQueue
from threading import Semaphore, Thread, get_ident
from typing import Any, Generic, TypeVar

from optionbus.compat.errors import InvalidParameterError, UninitializedError

T = TypeVar("T")

Job = Callable[[], None]
"""A call of a handler; it must not raise."""

STOPPED = "The bot was stopped; what it has asked for may have been carried out."


class Handlers:
    """The handlers of one strategy. ``takes_turns``: time is virtual."""

    def __init__(self, *, takes_turns: bool) -> None:
        self._takes_turns = takes_turns
        self._jobs: SimpleQueue[Job] = SimpleQueue()
        self._turn = Semaphore(0)
        self._awaited: Future[Any] | None = None
        self._is_idle = True
        self._is_closed = False
        self._thread = Thread(target=self._work, name="PyStrategy", daemon=True)
        self._thread.start()

    # In the actors' threads.

    def call(self, job: Job) -> None:
        """Have it called after those before it; once it is closed nothing is."""
        if self._is_closed:
            return
        was_idle, self._is_idle = self._is_idle, False  # before a quick one is over, and says that it is
        self._jobs.put(job)
        if self._takes_turns and was_idle:
            self._turn.acquire()

    def answer(self, asked: "Future[Any]", value: object = None, error: Exception | None = None) -> None:
        """Answer what was asked; whoever waits for it goes on."""
        is_awaited = asked is self._awaited
        with suppress(InvalidStateError):  # whoever asked has given it up
            if error is None:
                asked.set_result(value)
            else:
                asked.set_exception(error)
        if is_awaited and self._takes_turns:
            self._turn.acquire()

    def close(self) -> None:
        """Call no more of them; the one that runs ends by itself, and what it asks fails."""
        self._is_closed = True
        self._jobs.put(lambda: None)

    # In whatever thread asks.

    @property
    def is_here(self) -> bool:
        """Whether a handler is what runs on this thread."""
        return get_ident() == self._thread.ident

    def wait(self, asked: "Future[T]") -> T:
        """Wait for an answer."""
        if asked.done():
            return asked.result()
        if not self.is_here:
            if self._takes_turns:
                raise InvalidParameterError("Where time is virtual, only handlers can wait; await it elsewhere.")
            return asked.result()
        if self._is_closed:
            raise UninitializedError(STOPPED)
        self._awaited = asked
        self._hand_back()
        try:
            return asked.result()
        finally:
            self._awaited = None

    # In the handlers' own thread.

    def _work(self) -> None:
        while not self._is_closed:
            job = self._jobs.get()
            if not self._is_closed:
                job()
            if self._jobs.empty() or self._is_closed:
                self._is_idle = True
                self._hand_back()

    def _hand_back(self) -> None:
        if self._takes_turns:
            self._turn.release()


class Answer(Generic[T]):
    """What was asked already, and will be answered: wait for it in a handler, await it in asyncio code."""

    def __init__(self, handlers: Handlers | None, asked: "Future[T]") -> None:
        self._handlers = handlers
        self._asked = asked

    def get(self) -> T:
        """Wait for it."""
        return self._asked.result() if self._handlers is None else self._handlers.wait(self._asked)

    def __await__(self) -> Generator[Any, None, T]:
        if self._handlers is None or self._handlers.is_here or self._asked.done():
            return self.get()
        return (yield from asyncio.wrap_future(self._asked).__await__())

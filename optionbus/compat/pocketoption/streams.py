"""What bots iterate over: prices, and raw messages; in plain code and in asyncio code alike.

Decides what an item looks like, and that whoever drops a stream of prices wants it no more. Does not know where items
come from.
"""

import weakref
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from optionbus.compat.errors import PocketOptionError, answer, translated
from optionbus.compat.shapes import Shape
from optionbus.compat.validator import Validator
from optionbus.raw_frame import RawFrame
from optionbus.raw_handler import RawHandler as Frames
from optionbus.raw_iterator import RawIterator
from optionbus.subscription import Subscription


class AsyncSubscription:
    """The ticks or candles of one subscription, each as a dict."""

    def __init__(self, subscription: Subscription[Any], shape: Callable[[Any], Shape]) -> None:
        self.subscription = subscription
        self._shape = shape
        weakref.finalize(self, subscription.close).atexit = False

    def __iter__(self) -> Iterator[Shape]:
        return self

    def __next__(self) -> Shape:
        with translated():
            return self._shape(next(self.subscription))

    def __aiter__(self) -> AsyncIterator[Shape]:
        return self

    async def __anext__(self) -> Shape:
        return self._shape(await answer(self.subscription.__anext__))


class AsyncRawSubscription:
    """The parts of frames that pass a validator, each as a text."""

    def __init__(self, subscription: Frames | RawIterator, validator: Validator) -> None:
        self.subscription = subscription
        self._validator = validator
        self._parts: deque[str] = deque()

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        while not self._parts:
            with translated():
                self.add(next(self.subscription))
        return self._parts.popleft()

    def __aiter__(self) -> AsyncIterator[str]:
        return self

    async def __anext__(self) -> str:
        while not self._parts:
            self.add(await answer(self.subscription.__anext__))
        return self._parts.popleft()

    def add(self, frame: RawFrame) -> None:
        """Keep the parts of a frame that pass."""
        self._parts.extend(self._validator.passing(frame.frame))


class RawHandler:
    """Raw messages that pass a validator, and ways to send; see ``raw_handler`` of the client."""

    def __init__(self, frames: Frames, validator: Validator) -> None:
        self._frames = frames
        self._validator = validator
        self._messages = AsyncRawSubscription(frames, validator)

    async def send_text(self, message: str) -> None:
        """Send a text message as it is."""
        await answer(self._frames.send_text, message)

    async def send_binary(self, data: bytes) -> None:
        """Send a binary message as it is."""
        await answer(self._frames.send_binary, data)

    async def send_and_wait(self, message: str) -> str:
        """Send a message; the first part that passes of what comes from now on."""
        return self._validator.passing((await answer(self._frames.send_and_wait, message)).frame)[0]

    async def wait_next(self) -> str:
        """The next part that passes. Raises PocketOptionError once it is closed."""
        try:
            return await anext(self._messages)
        except StopAsyncIteration:
            raise PocketOptionError("The handler is closed; make another one.") from None

    async def subscribe(self) -> AsyncRawSubscription:
        """An iterator over the parts that pass."""
        return self._messages

    def id(self) -> str:
        """Its name."""
        return self._frames.id

    async def close(self) -> None:
        """Want no more."""
        self._frames.close()

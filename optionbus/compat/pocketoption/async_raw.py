"""The calls for messages that have no call of their own.

Decides which of our calls is behind each. Does not know what is in a message.
"""

from datetime import timedelta

from optionbus.compat.errors import answer, translated
from optionbus.compat.pocketoption.async_base import AsyncBase
from optionbus.compat.pocketoption.streams import AsyncRawSubscription, RawHandler
from optionbus.compat.validator import Validator

RETRIES = 3


class AsyncRaw(AsyncBase):
    """Mixed into the client."""

    async def send_raw(self, message: str) -> None:
        """Send a message as it is."""
        await answer(self.client.send_raw, message)

    async def send_raw_message(self, message: str) -> None:
        """As ``send_raw``."""
        await self.send_raw(message)

    async def subscribe_raw(self) -> AsyncRawSubscription:
        """Every message that comes in."""
        with translated():
            return AsyncRawSubscription(self.client.raw_stream(), Validator())

    async def raw_handler(self, validator: Validator, keep_alive: str | None = None) -> RawHandler:
        """Pick messages.

        Args:
            validator: which.
            keep_alive: sent on every later connection as soon as it is logged in.
        """
        with translated():
            return RawHandler(self.client.raw_handler(validator, keep_alive), validator)

    async def create_raw_handler(self, validator: Validator, keep_alive: str | None = None) -> RawHandler:
        """As ``raw_handler``."""
        return await self.raw_handler(validator, keep_alive)

    async def raw_request(
        self,
        message: str,
        validator: Validator,
        timeout: timedelta | None = None,  # noqa: ASYNC109 - theirs
        retry: bool = False,  # noqa: FBT001, FBT002 - theirs
    ) -> str:
        """Send a message; the first that passes of what comes from then on.

        Args:
            message: the text.
            validator: what an answer is.
            timeout: how long to wait; None: ``timeout_secs``.
            retry: send it again where there is no answer, up to three times; needs a timeout.

        Raises:
            ValueError: ``retry`` without a timeout.
            TimedOut: nothing came.
        """
        if retry and timeout is None:
            raise ValueError("Give a timeout after which it is to be sent again.")
        seconds = None if timeout is None else timeout.total_seconds()
        retries = RETRIES if retry else 0
        found = await answer(self.client.raw_order, message, validator, timeout=seconds, retries=retries)
        return validator.passing(found.frame)[0]

    async def create_raw_order(self, message: str, validator: Validator) -> str:
        """As ``raw_request``."""
        return await self.raw_request(message, validator)

    async def create_raw_order_with_timeout(self, message: str, validator: Validator, timeout: timedelta) -> str:  # noqa: ASYNC109
        """As ``raw_request`` with a timeout."""
        return await self.raw_request(message, validator, timeout)

    async def create_raw_order_with_timeout_and_retry(
        self,
        message: str,
        validator: Validator,
        timeout: timedelta,  # noqa: ASYNC109
    ) -> str:
        """As ``raw_request`` with a timeout and ``retry``."""
        return await self.raw_request(message, validator, timeout, retry=True)

    async def raw_stream(
        self,
        message: str,
        validator: Validator,
        timeout: timedelta | None = None,  # noqa: ASYNC109
    ) -> AsyncRawSubscription:
        """Send a message; every one that passes of what comes from then on.

        Args:
            message: the text.
            validator: which.
            timeout: how long nothing may come until it ends; None: it does not end.
        """
        seconds = None if timeout is None else timeout.total_seconds()
        with translated():
            return AsyncRawSubscription(self.client.raw_iterator(message, validator, timeout=seconds), validator)

    async def create_raw_iterator(
        self,
        message: str,
        validator: Validator,
        timeout: timedelta | None = None,  # noqa: ASYNC109
    ) -> AsyncRawSubscription:
        """As ``raw_stream``."""
        return await self.raw_stream(message, validator, timeout)

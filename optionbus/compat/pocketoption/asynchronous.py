"""The asyncio client of BinaryOptionsToolsV2, on top of this project's.

Decides that the constructor returns logged in, as there, and which of our calls is behind those about the session.
Does not know how values look (``optionbus.compat.shapes``) nor which error becomes which (``optionbus.compat.errors``).
"""

import asyncio
from typing import Any, Self

from messages.secret import Secret
from messages.wire.ssid import Ssid
from optionbus.compat.config import Config, config_of, settings_of
from optionbus.compat.errors import NotAllowedError, answer, translated
from optionbus.compat.not_offered import NOT_OFFERED
from optionbus.compat.pocketoption.async_base import Account
from optionbus.compat.pocketoption.async_prices import AsyncPrices
from optionbus.compat.pocketoption.async_raw import AsyncRaw
from optionbus.compat.pocketoption.async_trading import AsyncTrading
from optionbus.compat.pocketoption.models import Trade, TradeResult
from optionbus.compat.pocketoption.streams import AsyncRawSubscription, AsyncSubscription, RawHandler
from optionbus.compat.tracing import Logger, to_terminal
from optionbus.compat.validator import Validator

__all__ = [
    "AsyncRawSubscription",
    "AsyncSubscription",
    "Config",
    "PocketOptionAsync",
    "RawHandler",
    "Trade",
    "TradeResult",
    "Validator",
]


class PocketOptionAsync(AsyncTrading, AsyncPrices, AsyncRaw):
    """A session with the platform.

    Args:
        ssid: the session, as the browser sends it.
        url: where to connect; None: the platform's own hosts.
        config: a Config, a dict of its fields, or the JSON of one.
        allow_real: say that a session with real money is meant.

    Attributes:
        client: the client of this project that does the work; all that it can do can be used beside this.

    Raises:
        ValueError: the session or the config cannot be used.
        NotAllowedError: it is a session with real money, and ``allow_real`` was not said.
        TimedOut: there was no login within ``connection_initialization_timeout_secs``.
    """

    def __init__(
        self,
        ssid: str,
        url: str | None = None,
        config: Config | dict[str, Any] | str | None = None,
        *,
        allow_real: bool = False,
        **_: Any,  # noqa: ANN401 - whatever other versions took
    ) -> None:
        secret, ssid = Secret(ssid if isinstance(ssid, str) else ""), ""  # a traceback may show it
        self.logger = Logger()
        self.config = config_of(config, url)
        if self.config.terminal_logging:
            to_terminal(self.config.log_level)
        with translated():
            self._uid = int(Ssid.parse(secret).uid)
            self.client = Account(secret, config=settings_of(self.config), allow_real=allow_real)
            self.client.uid = self._uid
            self.config.lock()
            self._log_in()

    def _log_in(self) -> None:
        self.client.start()
        try:
            self.client.wait_ready(self.config.connection_initialization_timeout_secs)
        except BaseException:
            self.client.stop()
            raise

    @classmethod
    async def try_demo(cls, token: str | None = None) -> Self:  # noqa: ARG003 - theirs
        """Refused; the text says what there is instead."""
        raise NotAllowedError(NOT_OFFERED["PocketOptionAsync.try_demo"])

    async def __aenter__(self) -> Self:
        await self.wait_for_assets()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.shutdown()

    def is_demo(self) -> bool:
        """Whether it is a demo account."""
        return self.client.is_demo

    def is_connected(self) -> bool:
        """Whether the session is logged in."""
        return self.client.is_connected

    def is_ssid_valid(self) -> bool:
        """False once the platform has refused the session; one that cannot be read makes no client."""
        return self.client.is_session_valid

    async def get_server_time(self) -> int:
        """The platform's clock, seconds; it runs some hours ahead of UTC."""
        return int((await answer(self.client.server_time)).server_time)

    async def connect(self) -> None:
        """Connect where it is not, and wait for the login."""
        await answer(self.client.connect)
        await answer(self.client.ready, self.config.timeout_secs)

    async def disconnect(self) -> None:
        """Drop the connection; the next one is made at once."""
        await answer(self.client.disconnect)

    async def reconnect(self) -> None:
        """Drop the connection, connect at once, and wait for the login."""
        await answer(self.client.reconnect)
        await answer(self.client.ready, self.config.timeout_secs)

    async def shutdown(self) -> None:
        """End everything; the client cannot be used any more."""
        await asyncio.to_thread(self.client.stop)

"""What all calls of the asyncio client share: the client of this project, and the platform's offset.

Decides nothing else.
"""

from optionbus.client import PocketOption as Client
from optionbus.compat.errors import answer


class Account(Client):
    """The client of this project, and the number of its user: deals are told with it."""

    uid = 0


class AsyncBase:
    """Mixed into the calls."""

    client: Account
    _uid: int

    async def _offset(self) -> float:
        """How far the platform's clock is ahead of UTC, in seconds."""
        return (await answer(self.client.server_time)).offset_seconds

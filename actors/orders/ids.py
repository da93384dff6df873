"""The ids of orders: random UUIDs, as the platform's own clients send them.

Decides their form. Does not know what is ordered.
"""

from random import Random
from typing import Final

from messages.trading import OrderId

_VERSION_BITS: Final = 0xF000 << 64 | 0xC000 << 48
_VERSION_4: Final = 0x4000 << 64 | 0x8000 << 48
"""Version and variant of a UUID that is random otherwise (RFC 9562)."""


def new_order_id(random: Random) -> OrderId:
    """An id that no order has; to write one out costs a fourth of what making an object of it does."""
    bits = random.getrandbits(128) & ~_VERSION_BITS | _VERSION_4
    digits = f"{bits:032x}"
    return OrderId(f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}")

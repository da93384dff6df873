"""The ids that the client made up, and that the platform's answers echo.

Theory of operation. An order carries an id, and so does a request for history. When a session is replayed the ids may
be others. The first order of an asset, direction, stake and duration that is sent now is taken for the first such that
was sent then, and so on; requests for history go by asset and period. In what comes in, the id of then becomes that of
now. Where both are the same, as on the stepped runtime, nothing is changed.

Decides which request stands for which. Does not know when an answer comes.
"""

import re
from collections import defaultdict
from typing import Any, Final

import msgspec

_ORDER: Final = b'42["openOrder",'
_HISTORY: Final = b'42["loadHistoryPeriod",'
_INDEX: Final = re.compile(rb'("index"\s*:\s*)(\d+)')

Key = tuple[object, ...]


class Echoes:
    """Who echoes whom."""

    def __init__(self) -> None:
        self._then: defaultdict[Key, list[bytes]] = defaultdict(list)
        self._now: defaultdict[Key, list[bytes]] = defaultdict(list)
        self._orders: dict[bytes, bytes] = {}
        self._indexes: dict[bytes, bytes] = {}

    def was_sent(self, data: bytes) -> None:
        """This was sent when it was recorded."""
        self._enter(data, self._then)

    def is_sent(self, data: bytes) -> None:
        """This is sent now."""
        self._enter(data, self._now)

    def translated(self, data: bytes) -> bytes:
        """What came in then, as an answer to what is sent now."""
        if self._indexes and b'"index"' in data:
            data = _INDEX.sub(lambda found: found[1] + self._indexes.get(found[2], found[2]), data)
        if self._orders and b'"requestId"' in data:
            for then, now in self._orders.items():
                data = data.replace(then, now)
        return data

    def _enter(self, data: bytes, ids: defaultdict[Key, list[bytes]]) -> None:
        if not data.startswith((_ORDER, _HISTORY)):
            return
        try:
            event, fields = msgspec.json.decode(data[2:], type=tuple[str, dict[str, Any]])
        except msgspec.MsgspecError:
            return
        is_order = data.startswith(_ORDER)
        names, identity = (_WISH, "requestId") if is_order else (_PAGE, "index")
        key = event, *(str(fields.get(name)) for name in names)
        ids[key].append(msgspec.json.encode(fields.get(identity)))
        self._pair(key, min(len(self._then[key]), len(self._now[key])) - 1, self._orders if is_order else self._indexes)

    def _pair(self, key: Key, place: int, pairs: dict[bytes, bytes]) -> None:
        if place >= 0 and self._then[key][place] != self._now[key][place]:
            pairs[self._then[key][place]] = self._now[key][place]


_WISH: Final = ("asset", "action", "amount", "time")
_PAGE: Final = ("asset", "period")

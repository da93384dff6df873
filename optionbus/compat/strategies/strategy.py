"""The strategy of BinaryOptionsToolsV2: handlers to be defined, and a shelf of indicators.

Decides what its methods give without a bot, and how indicators are treated: each is any object with ``update``,
``reset`` and ``period``. Does not know when a handler is called (``optionbus.compat.strategies.bot``).
"""

from typing import Any

from optionbus.compat.errors import NotAllowedError
from optionbus.compat.strategies.action import Action
from optionbus.compat.strategies.context import PyContext


class PyStrategy:
    """Subclass it and define the handlers; one may wait, it has a thread of its own.

    Example:
        >>> class Eager(PyStrategy):
        ...     def on_candle(self, ctx, asset, candle_json):
        ...         deal_id, deal = self.trade(ctx, asset, 1.0, 60, Action.Call)
        ...         print(self.result(ctx, deal_id))
    """

    _shelf: dict[str, Any] | None = None
    _candles = 0

    def on_start(self, _ctx: PyContext) -> None:
        """Called first; where it raises, so does ``PyBot.run``."""

    def on_candle(self, _ctx: PyContext, _asset: str, _candle_json: str) -> None:
        """Called with each closed candle as JSON: prices are texts, ``timestamp`` is on the platform's clock."""

    def on_balance(self, _ctx: PyContext, _balance: float) -> None:
        """Called with the balance after the start, and when it was found to have changed."""

    def trade(self, ctx: PyContext, asset: str, amount: float, timeframe: int, direction: Action) -> list[str]:
        """Place an order and wait until it is open.

        Args:
            ctx: what the handler was given.
            asset: the platform's symbol.
            amount: the stake.
            timeframe: seconds until expiry.
            direction: ``Action.Call`` or ``Action.Put``.

        Returns:
            The deal's id, and the deal as JSON.

        Raises:
            PocketOptionError: it was not placed, or nobody knows whether it was; the text says which.
        """
        if not isinstance(direction, Action):
            raise TypeError(f"{direction!r} is not an instance of Action")
        return _checked(ctx).desk.trade(asset, direction.direction, amount, timeframe).get()

    def result(self, ctx: PyContext, id: str) -> str:  # noqa: A002 - theirs
        """Wait until a deal has ended: the deal as JSON. A virtual market does not wait; see PyVirtualMarket.

        Raises:
            TradeNotFoundError: no such deal is known.
        """
        return _checked(ctx).desk.result(id).get()

    # The shelf.

    @property
    def current_candle(self) -> int:
        """How often ``update`` was called since the last ``reset``."""
        return self._candles

    def add(self, name: str, indicator: Any) -> None:  # noqa: ANN401 - any object
        """Put an indicator on the shelf; one of that name makes room."""
        self._shelf = {**self._indicators(), name: indicator}

    def get(self, name: str) -> Any | None:  # noqa: ANN401
        """The indicator of that name; None where there is none."""
        return self._indicators().get(name)

    def list_indicators(self) -> list[tuple[str, str]]:
        """The name of each, and how it prints itself."""
        return [(name, str(indicator)) for name, indicator in self._indicators().items()]

    def update(self, candle: str) -> None:
        """Call ``update(candle)`` of each. Raises NotAllowedError where one raises."""
        if not isinstance(candle, str):
            raise TypeError(f"{type(candle).__name__!r} object is not an instance of 'str'")
        self._candles += 1
        self._each("update", candle)

    def reset(self) -> None:
        """Call ``reset()`` of each, and count candles anew. Raises NotAllowedError where one raises."""
        self._candles = 0
        self._each("reset")

    def period(self) -> int:
        """The longest ``period()`` of them; 0 where there is none. Raises NotAllowedError where one raises."""
        found = self._each("period")
        if not all(isinstance(period, int) for period in found):
            raise NotAllowedError(f"A period is a whole number, and these are not: {found}")
        return max(found, default=0)

    def _indicators(self) -> dict[str, Any]:
        return self._shelf or {}  # a subclass need not call our constructor

    def _each(self, method: str, *arguments: str) -> list[Any]:
        try:
            return [getattr(indicator, method)(*arguments) for indicator in self._indicators().values()]
        except Exception as error:
            raise NotAllowedError(f"An indicator failed to {method}: {type(error).__name__}: {error}") from error


def _checked(ctx: PyContext) -> PyContext:
    if not isinstance(ctx, PyContext):
        raise TypeError(f"{ctx!r} is not an instance of PyContext")
    return ctx

"""What orders and results look like: dicts, whose fields are attributes as well.

Decides the reading of a trade. Does not know how one is made (``optionbus.compat.shapes``).
"""

from typing import Any


class Trade(dict[str, Any]):
    """A deal as the platform writes it; with ``result`` (win, loss or draw) once it is settled.

    Example:
        >>> trade = Trade(id="7", profit="9.2", result="win")
        >>> trade.id, trade.profit, trade.is_win
        ('7', 9.2, True)
    """

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the field holds
        if name in self:
            return self[name]
        raise AttributeError(name)

    @property
    def result(self) -> str | None:
        """How it ended; None while it is open."""
        return self.get("result")

    @property
    def profit(self) -> float | None:
        """The gain, or minus the stake."""
        return None if self.get("profit") is None else float(self["profit"])

    @property
    def is_win(self) -> bool:
        """Whether it was won."""
        return self.result == "win"

    @property
    def is_loss(self) -> bool:
        """Whether it was lost."""
        return self.result == "loss"

    @property
    def is_draw(self) -> bool:
        """Whether the stake came back."""
        return self.result == "draw"

    @property
    def is_settled(self) -> bool:
        """Whether it has ended."""
        return "result" in self

    def to_dict(self) -> dict[str, Any]:
        """The same as a plain dict."""
        return dict(self)


TradeResult = tuple[str, Trade]
"""The id of a deal, and the deal."""

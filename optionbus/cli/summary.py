"""What came of a run, in words and for programs.

Decides texts. Does not know who counted.
"""

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from optionbus.cli.scoreboard import Score


def as_json(score: Score, errors: int, more: Mapping[str, object] | None = None) -> str:
    """One JSON object, in one line; ``more`` is what else is to be in it."""
    counts = {
        name: getattr(score, name) for name in ("ticks", "candles", "trades_opened", "trades_settled", "reconnects")
    }
    return msgspec.json.encode(counts | {"errors": errors} | dict(more or {})).decode()


def as_text(score: Score, errors: int, seconds: float) -> str:
    """A few lines."""
    balance = "unknown" if score.balance is None else f"{score.balance:.2f}"
    return (
        f"ran {seconds:.1f} s: {score.ticks} ticks, {score.candles} candles, "
        f"{score.reconnects} reconnects, {errors} errors\n"
        f"trades: {trades(score)}\n"
        f"balance: {balance}"
    )


def trades(score: Score) -> str:
    """How the trades went."""
    return (
        f"{score.trades_opened} opened, {score.trades_settled} settled "
        f"({score.won} won, {score.lost} lost, {score.drawn} drawn), profit {money(score.profit)}"
    )


def money(amount: Decimal) -> str:
    """A gain or a loss."""
    return f"{amount:+.2f}"

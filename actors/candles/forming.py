"""The forming candle brought up to date.

Decides what ticks make of candles that the platform took down some time before. Knows neither clock nor actor.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from messages.market import Candle, Tick


def with_ticks(candles: Sequence[Candle], ticks: Sequence[Tick], period_seconds: int) -> tuple[Candle, ...]:
    """The candles with the ticks on top of the last of them, which is stale, and in new ones after it.

    Ticks from before the last candle are in the others already. Where there are no candles, all come from the
    ticks. A candle whose beginning no tick precedes is not complete, nor one that
    the ticks do not reach back to.

    Args:
        candles: Oldest first.
        ticks: Of the same asset, oldest first.
        period_seconds: Of the candles.
    """
    result = list(candles)
    for index, tick in enumerate(ticks):
        if not result or tick.time >= result[-1].time + period_seconds:
            result[-1:] = [replace(last, closed=True, complete=last.complete and index > 0) for last in result[-1:]]
            result.append(_opened(tick, period_seconds, is_complete=index > 0))
        elif tick.time >= result[-1].time:
            result[-1] = _extended(result[-1], tick.price)
    return tuple(result)


def _opened(tick: Tick, period_seconds: int, *, is_complete: bool) -> Candle:
    return Candle(
        symbol=tick.symbol,
        time=tick.time - tick.server_time % period_seconds,  # the platform aligns on its own clock
        period_seconds=period_seconds,
        open=tick.price,
        high=tick.price,
        low=tick.price,
        close=tick.price,
        closed=False,
        complete=is_complete,
    )


def _extended(candle: Candle, price: float) -> Candle:
    return replace(candle, high=max(candle.high, price), low=min(candle.low, price), close=price)

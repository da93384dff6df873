"""Strategies that are swept, in a module that other processes import too."""

import os
import signal
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct

from messages.market import Tick
from optionbus import Strategy


class Swept(Strategy):
    """Trades every so many ticks."""

    class Params(Struct, frozen=True, kw_only=True):
        every: Annotated[int, Meta(ge=2, le=500)] = 10
        seconds: int = 5
        side: Literal["call", "put"] = "call"
        part: Annotated[float, Meta(gt=0, lt=1)] = 0.5
        markers: str = ""
        """A folder in which is written down what was run."""

        def __post_init__(self) -> None:
            if self.every == 13:
                raise ValueError("13 is unlucky")

    runs: ClassVar[list[int]] = []

    def on_start(self) -> None:
        self.count = 0
        self.runs.append(self.params.every)
        self.begin_trial()

    def begin_trial(self) -> None:
        """What it does before it trades."""

    def on_tick(self, _tick: Tick) -> None:
        self.count += 1
        if self.count % self.params.every == 0:
            trade = self.context.buy if self.params.side == "call" else self.context.sell
            trade(self.assets[0], 1, self.params.seconds)

    def marks(self, what: str) -> int:
        """How often that was written down, this time counted in."""
        file = Path(self.params.markers) / what
        with file.open("a") as opened:
            opened.write("x")
        return file.stat().st_size


class DiesOnce(Swept):
    """Kills its process in its third trial, once."""

    def begin_trial(self) -> None:
        if self.marks("trials") == 3:
            os.kill(os.getpid(), signal.SIGKILL)


class DiesOfTwenty(Swept):
    """Kills its process whenever it trades on every twentieth tick."""

    def begin_trial(self) -> None:
        if self.params.every == 20:
            self.marks("deaths")
            os.kill(os.getpid(), signal.SIGKILL)


class Interrupted(Swept):
    """Is interrupted in its third trial, once."""

    def begin_trial(self) -> None:
        if self.marks("trials") == 3:
            os.kill(os.getpid(), signal.SIGINT)


class Fails(Swept):
    """Fails when it trades on every twentieth tick."""

    def on_tick(self, tick: Tick) -> None:
        if self.params.every == 20:
            raise ValueError("it cannot do that")
        super().on_tick(tick)

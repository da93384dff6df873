"""A replay in virtual time: nothing in it waits, and the main thread itself is what moves it on.

Decides when it is looked at. Does not know what is shown.
"""

import time
from collections.abc import Callable
from math import inf
from typing import Final

from actors.stepped import SteppedRuntime
from messages.base import RequestId
from optionbus import PocketOption
from optionbus.cli.main_loop import MainLoop
from optionbus.cli.scoreboard import GetScore, Score
from optionbus.cli.view import View
from optionbus.recording.playback import Playback

_STEPS_AT_ONCE: Final = 20_000


class Hurry:
    """Plays a client's recording to its end."""

    def __init__(self, client: PocketOption, runtime: SteppedRuntime, view: View, loop: MainLoop) -> None:
        self._client, self._runtime, self._view, self._loop = client, runtime, view, loop
        self.score = Score(request_id=RequestId(0))
        """What was seen last."""

    def play(self, on_ready: Callable[[], None], seconds: float | None) -> None:
        """Go on until it is over, interrupted, or the time is up; ``on_ready`` is called once, when it is."""
        until = inf if seconds is None else time.monotonic() + seconds
        playback, ready = self._client.playback, self._client.ready()
        assert playback is not None  # noqa: S101 - it is a replay
        self._runtime.run_until(lambda: ready.done or playback.is_over, inf)
        if ready.done:
            on_ready()
        while not (playback.is_over or self._loop.is_interrupted) and time.monotonic() < until:
            if not self._advance(playback):
                break
            self._look()
        self._look()

    def _advance(self, playback: Playback) -> bool:
        """Play a part; gives whether anything has happened."""
        runtime, before = self._runtime, self._runtime.steps
        runtime.run_until(lambda: playback.is_over or runtime.steps >= before + _STEPS_AT_ONCE, inf)
        return runtime.steps > before

    def end(self) -> None:
        """Close the view."""
        self._view.close()

    def _look(self) -> None:
        self._loop.wait(0.0)
        self.score = self._client.ask("Scoreboard", GetScore()).get()
        self._view.show(self.score, self._client.errors)

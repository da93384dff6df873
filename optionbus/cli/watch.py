"""The thread that looks at the scoreboard and shows what it sees.

Decides when to look. A terminal that takes nothing holds up this thread and no other. Does not know what is shown.
"""

from functools import partial
from threading import Event, Thread

from messages.base import RequestId
from messages.errors import SessionRejected, SystemFailed
from optionbus import BusError, PocketOption
from optionbus.cli.main_loop import MainLoop
from optionbus.cli.scoreboard import GetScore, Score
from optionbus.cli.view import View

LOOK_SECONDS = 0.5
END_SECONDS = 1.0


class Watch:
    """Shows the client's score in the view until it ends; what ends the client, or the view, ends the main loop too."""

    def __init__(self, client: PocketOption, view: View, loop: MainLoop) -> None:
        self._client = client
        self._view = view
        self._loop = loop
        self._is_over = Event()
        self._thread = Thread(target=self._run, name="View", daemon=True)
        self.score = Score(request_id=RequestId(0))
        """What was seen last."""

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def end(self) -> None:
        """Have a last look, and close the view."""
        self._is_over.set()
        self._thread.join(END_SECONDS)

    def _run(self) -> None:
        try:
            while not self._is_over.wait(self._view.interval_seconds):
                self._look()
            self._look()
        except (SystemFailed, SessionRejected, OSError) as error:
            self._loop.post(partial(_raise, error))
        finally:
            self._view.close()

    def _look(self) -> None:
        try:
            self.score = self._client.ask("Scoreboard", GetScore(), LOOK_SECONDS).get()
        except (SystemFailed, SessionRejected):
            raise
        except BusError:  # the scoreboard is busy, or is being restarted
            return
        self._view.show(self.score, self._client.errors)


def _raise(error: Exception) -> None:
    raise error

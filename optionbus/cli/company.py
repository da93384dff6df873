"""What goes along with a session that is watched: a recording that is made of it, or one that it is a replay of.

Decides what is said of either. Does not know how a session is watched.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from messages.errors import BusError
from optionbus import PocketOption
from optionbus.recording.playback import Playback
from optionbus.recording.recorder import Recorder


class Company(Protocol):
    """What has something to say while a session runs, and at its end."""

    title: str

    def introduction(self) -> str:
        """Said before it begins; empty where there is nothing to say."""

    def note(self) -> str:
        """Said again and again, in a few words."""

    def end(self) -> BusError | None:
        """The session has ended: what went wrong, if anything did."""

    def text(self) -> str:
        """What came of it, in words."""

    def summary(self) -> Mapping[str, object]:
        """What came of it, for programs."""


class Alone:
    """Nothing goes along."""

    def __init__(self, title: str) -> None:
        self.title = title

    def introduction(self) -> str:
        """Nothing to say."""
        return ""

    note = text = introduction

    def end(self) -> BusError | None:
        """Nothing went wrong."""
        return None

    def summary(self) -> Mapping[str, object]:
        """Nothing to say."""
        return {}


class BeingRecorded:
    """A recording is made of it."""

    def __init__(self, title: str, recorder: Recorder, ticks: Path | None) -> None:
        self.title = f"{title}, recorded"
        self._recorder, self._ticks = recorder, ticks

    def introduction(self) -> str:
        """Where it goes."""
        also = f", ticks to {self._ticks}" if self._ticks is not None else ""
        return f"recording to {self._recorder.file}{also}"

    def note(self) -> str:
        """How much there is."""
        recorder = self._recorder
        if recorder.error is not None:
            return "NO LONGER RECORDED"
        return f"recorded {recorder.records} records, {recorder.size / 1000:.0f} kB, {recorder.lost} lost"

    def end(self) -> BusError | None:
        """Have all of it on the disk."""
        self._recorder.close()
        return self._recorder.error

    def text(self) -> str:
        """What was written, and how to play it."""
        if self._recorder.error is not None:
            return f"recording: ended early, {self._recorder.records} records are in {self._recorder.file}"
        return f"recording: {self.note().removeprefix('recorded ')}, in {self._recorder.file}"

    def summary(self) -> Mapping[str, object]:
        """What was written."""
        recorder = self._recorder
        counts = {"records": recorder.records, "bytes": recorder.size, "lost": recorder.lost, "ticks": recorder.ticks}
        error = None if recorder.error is None else str(recorder.error)
        return {"recording": {"file": str(recorder.file), **counts, "error": error}}


class Replayed:
    """It is a replay."""

    def __init__(self, playback: Playback) -> None:
        self._playback = playback
        self._recording = playback.recording
        self.title = f"optionbus, REPLAY of {self._recording.file.name}"

    def introduction(self) -> str:
        """What is played, and that nothing is sent."""
        began = datetime.fromtimestamp(self._recording.header.started, UTC)
        length = f"{self._recording.seconds:.1f} s of {began:%Y-%m-%d %H:%M:%S} UTC"
        lines = [f"replay of {self._recording.file}, {length}: no order, and nothing else, is sent anywhere"]
        lines += [f"remark: {remark}" for remark in self._recording.remarks]
        return "\n".join(lines)

    def note(self) -> str:
        """How far it is."""
        return f"replay at {self._playback.seconds:.0f} of {self._recording.seconds:.0f} s"

    def end(self) -> BusError | None:
        """A replay that was ended early is none the worse."""
        return None

    def text(self) -> str:
        """What was played, and what would have been sent."""
        playback = self._playback
        return (
            f"replay: {playback.seconds:.1f} of {self._recording.seconds:.1f} s, {playback.messages_played} messages; "
            f"{playback.messages_sent} ({playback.orders_sent} orders) were sent to nobody, "
            f"{self._recording.contents.messages_sent} ({self._recording.contents.orders}) when it was recorded"
        )

    def summary(self) -> Mapping[str, object]:
        """What was played."""
        playback = self._playback
        counts = {"messages": playback.messages_played, "sent": playback.messages_sent, "orders": playback.orders_sent}
        recorded = {"sent": self._recording.contents.messages_sent, "orders": self._recording.contents.orders}
        said = {"file": str(self._recording.file), "is_over": playback.is_over, "seconds": round(playback.seconds, 3)}
        return {"replay": {**said, **counts, "recorded": recorded, "remarks": self._recording.remarks}}


def company_of(client: PocketOption, out: Path | None, ticks: Path | None) -> Company:
    """Whoever goes along with a client: a recorder where there is a file for it."""
    if client.playback is not None:
        return Replayed(client.playback)
    title = "optionbus, simulated" if client.simulation else "optionbus"
    return Alone(title) if out is None else BeingRecorded(title, client.record(out, ticks=ticks), ticks)

"""How the recording of a client is begun.

Decides what a recorder is given of the client that it records. Does not know how a client is made.
"""

from pathlib import Path

from actors.system import System
from messages.base import AddressName
from messages.market import TicksReceived
from messages.recording_errors import RecordingFailed
from optionbus.recording.buffer import Buffer
from optionbus.recording.recorder import Recorder
from optionbus.recording.records import Header
from optionbus.recording.redaction import Redaction
from optionbus.version import VERSION

_NAME = AddressName("Recorder")


def recorder_of(system: System, file: Path, ticks: Path | None, *, is_demo: bool) -> Recorder:
    """A recorder of all that is going to go over the connections of a system."""
    runtime = system.runtime

    def complain(error: RecordingFailed) -> None:
        if not runtime.is_stepped:  # whose actors nobody may tell anything from another thread
            system.log("ERROR", _NAME, str(error))

    header = Header(
        program=VERSION,
        seed=runtime.seed,
        started=runtime.clock.now(),
        begun=runtime.clock.monotonic(),
        scale=runtime.clock.scale,
        is_demo=is_demo,
        connections=len(system.lines),
    )
    # In virtual time a second may take no time at all, and a disk that takes some is waited for.
    buffer = Buffer(is_patient=runtime.is_stepped)
    redaction = Redaction(system.secrets)
    recorder = Recorder(file, header, redaction, runtime.clock, ticks=ticks, buffer=buffer, on_failure=complain)
    if ticks is not None:
        system.routes.add(TicksReceived, recorder)
    return recorder

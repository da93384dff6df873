"""An actor that gets the frames of its choice: rules and validators compose with ``&``, ``|`` and ``~``.

Run it: ``python examples/frame_picker.py``
"""

from queue import SimpleQueue

from msgspec import Struct

from messages.session import FrameReceived
from optionbus import Actor, PocketOption, Rule, Validator

PICKED: SimpleQueue[str] = SimpleQueue()


class Note(Struct):
    """What a payload may look like."""

    text: str


class PickerActor(Actor[FrameReceived]):
    """Hands on what was picked for it. Text looks at the header of a frame, bytes at its payload."""

    listens = (Rule.event("echo") & (Rule.json_schema(Note) | Validator.ends_with('!"]')) & ~Rule.contains(b"quiet"),)

    def on_receive(self, message: FrameReceived) -> None:
        """Handle one message."""
        PICKED.put(message.frame.payload.decode())


if __name__ == "__main__":
    with PocketOption.simulated(actors=[PickerActor]) as client:
        client.wait_ready(timeout=10)
        for payload in ('"hello"', '"quiet!"', '{"text":"a note"}', '"loud!"'):
            client.send_raw(f'42["echo",{payload}]')
        print(PICKED.get(timeout=10), PICKED.get(timeout=10))

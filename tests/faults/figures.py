"""Which figures there are, in the order in which they are measured. Decides nothing else."""

from typing import Final

from tests.faults import (
    broker_killed,
    clocks,
    dead_peer,
    deadlines,
    descriptors,
    duplex,
    exits,
    frozen,
    pong,
    reconnect,
    streams,
    trickle,
)

FIGURES: Final = {
    figure.name: figure
    for figure in (
        reconnect.FIGURE,
        dead_peer.FIGURE,
        streams.FIGURE,
        duplex.FIGURE,
        trickle.FIGURE,
        exits.FIGURE,
        deadlines.FIGURE,
        pong.FIGURE,
        descriptors.FIGURE,
        clocks.FIGURE,
        broker_killed.FIGURE,
        frozen.FIGURE,
    )
}

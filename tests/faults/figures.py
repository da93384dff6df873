"""Which figures there are, in the order in which they are measured. Decides nothing else."""

from typing import Final

from tests.faults import (
    dead_peer,
    deadlines,
    duplex,
    exits,
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
    )
}

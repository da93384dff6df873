"""Which figures there are, in the order in which they are measured. Decides nothing else."""

from typing import Final

from tests.faults import dead_peer, deadlines, duplex, exits, reconnect, streams, trickle

FIGURES: Final = {
    figure.name: figure
    for figure in (
        reconnect.FIGURE,
        dead_peer.FIGURE,
        streams.FIGURE,
        trickle.FIGURE,
        duplex.FIGURE,
        exits.FIGURE,
        deadlines.FIGURE,
    )
}

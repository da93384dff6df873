"""Which figures there are, in the order in which they are measured. Decides nothing else."""

from typing import Final

from tests.faults import reconnect

FIGURES: Final = {figure.name: figure for figure in (reconnect.FIGURE,)}

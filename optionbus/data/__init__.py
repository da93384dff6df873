"""Prices from files and into files: what backtests play, recordings leave, and exports write.

Decides which names are public: ``TickSource`` is what a backtest asks for, ``read_data`` makes one of a file, ``check``
says what is wrong with it, ``write_ticks`` and ``write_candles`` put prices into one.
"""

from messages.findings import Finding, Severity
from optionbus.data.checks import Findings, check
from optionbus.data.columns import Columns, Decimals
from optionbus.data.data_file import DataFile, read_data
from optionbus.data.source import BATCH, TickSource
from optionbus.data.times import TimeUnit
from optionbus.data.writing import write_candles, write_ticks

__all__ = [
    "BATCH",
    "Columns",
    "DataFile",
    "Decimals",
    "Finding",
    "Findings",
    "Severity",
    "TickSource",
    "TimeUnit",
    "check",
    "read_data",
    "write_candles",
    "write_ticks",
]

"""Prices from files and into files: what backtests play, recordings leave, and exports write.

Decides nothing: the names are those of the modules. ``source`` is what a backtest asks for, ``data_file`` reads it from
a file, ``checks`` says what is wrong with it, ``writing`` puts it into one.
"""

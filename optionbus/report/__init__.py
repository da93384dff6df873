"""What came of a strategy's trades, for people and for programs.

``figures.figures`` counts a run, ``writing.write_report`` writes it as files, ``table.print_report`` shows it on a
terminal. docs/reports.md says what the figures mean.
"""

"""Real faults, with real sockets and processes on the loopback: ``python -m tests.faults --help``."""

"""How fast the client is, beside a native one and beside the bare limit; ``python -m benchmarks --help``."""

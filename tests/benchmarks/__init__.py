"""Covers benchmarks: that the load is what the client understands, and that the verdicts are right."""

"""Deterministic simulation: the whole tree lives through faults on a virtual clock, all drawn from one seed."""

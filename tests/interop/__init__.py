"""Clients that others wrote, against the simulator."""

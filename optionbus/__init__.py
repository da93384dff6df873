"""A supervised actor system for trading binary options: what a user imports."""

from optionbus.client import PocketOption

__all__ = ["PocketOption"]

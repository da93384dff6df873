"""The documentation, and what writes a part of it."""

"""Who restarts whom, and which actors there are."""

"""What may be said: the whole vocabulary of the system.

Frozen Structs and enums, and the tree of errors. No behaviour, no I/O, no threads.
"""

"""The embedded broker: a platform to develop, test and show against, on this machine alone.

Shares the wire's shapes with the client (``messages.wire``), not its logic: nothing of actors, supervisor
or optionbus is imported here.
"""

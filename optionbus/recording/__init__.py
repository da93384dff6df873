"""What went over a session's connections, kept in a file and played again.

``records`` has what a file says, ``blocks`` how it is laid out, ``recording`` reads it. ``recorder`` writes it, on a
thread of its own, and ``recording_transport`` listens for it. ``replay_transport`` plays it to a client that cannot
tell; ``replay_time`` and ``timetable`` are the time in which it does.
"""

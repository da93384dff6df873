"""Structure-aware fuzzing of whatever reads what somebody else wrote: parsers, and the frames of the WebSocket."""

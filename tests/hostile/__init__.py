"""A hostile network, a hostile server and an eavesdropper: what they are told, what they cost, and what gets out."""

"""The simulated platform, spoken to as a client does."""

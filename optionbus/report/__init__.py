"""What came of a strategy's trades, for people and for programs."""

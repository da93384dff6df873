"""Strategies: what they are, what they have of the market, and a market that is not there."""

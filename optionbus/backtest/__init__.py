"""Strategies on prices of the past, as fast as they can be handled."""

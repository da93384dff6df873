"""Tests of strategies and of the market that is not there."""

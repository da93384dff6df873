"""Tests of actors.candles."""

"""Ticks into candles: where periods begin, how candles are built, and the actor that does it."""

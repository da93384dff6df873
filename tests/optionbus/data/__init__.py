"""Tests of optionbus.data."""

"""Tests of optionbus."""

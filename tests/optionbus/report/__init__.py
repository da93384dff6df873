"""Tests of optionbus.report."""

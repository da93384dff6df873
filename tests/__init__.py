"""Tests of every package, one folder each."""

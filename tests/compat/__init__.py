"""Tests of the drop-in for BinaryOptionsToolsV2."""

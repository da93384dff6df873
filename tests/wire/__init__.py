"""Tests of messages.wire."""

"""Tests of actors.api."""

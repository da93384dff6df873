"""Tests of what makes an order safe."""

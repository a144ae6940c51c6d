"""Losses: pure tensor functions."""

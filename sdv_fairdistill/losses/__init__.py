"""Losses: pure tensor functions; networks, loops and tables stay out."""

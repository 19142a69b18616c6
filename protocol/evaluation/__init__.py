"""Ranks, metrics, statistics and the full ranking."""

"""Interactions: where they come from, how files are read, and the dataset."""

"""Describing a plug-in in a process of its own: asking, the process, the inspector in it, the outcome, the cache."""

"""Fetch and read interactions, and make datasets of them."""

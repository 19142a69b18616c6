"""The recommenders: one model, one file, and what they are built from."""

"""The lists of what can be chosen: recommenders and datasets."""

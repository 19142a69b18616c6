"""What a recommender really used: which files and which versions of libraries, and whether they are still the same."""

"""A study: recommenders on several datasets, from its file to ranks, win rates and tests over the datasets."""

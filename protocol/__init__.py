"""What every recommender is measured by: data, split, candidates, ranks, metrics. See ``protocol/README.md``."""

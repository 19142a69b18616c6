"""The protocol that measures every recommender: data, split, candidates, ranks and metrics (``protocol/README.md``)."""

"""Split rules, candidates, and the task on which every recommender is measured."""

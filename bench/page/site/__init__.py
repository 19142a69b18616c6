"""The pages of a board: one over all, and one for each dataset, recommender and record."""

"""Split rules, candidates, and the task that everyone is measured by."""

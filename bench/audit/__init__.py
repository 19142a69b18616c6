"""Whether stored results are whole, plausible and of their task: what `recbench verify` checks."""

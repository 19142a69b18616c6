"""Hyper-parameter search on the validation task: spaces, trials, and the file of what was found."""

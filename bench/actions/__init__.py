"""What recbench does, one action per module; Python and the command line call the same functions."""

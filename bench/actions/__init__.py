"""The actions of recbench, one per module; Python and the command line call the same functions."""

"""What recbench does, one action per module: run, score, export, tune."""

"""What is measured: one model, one file."""

"""What is shown while jobs run."""

"""The progress that is shown while jobs run."""

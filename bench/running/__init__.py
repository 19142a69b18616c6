"""Jobs: what is planned, run in processes of their own, trained and timed."""

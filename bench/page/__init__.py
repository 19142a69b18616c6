"""The page that ``recbench report`` writes: one file, no network, a pure function of records."""

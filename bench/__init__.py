"""The measuring: jobs, records, the table, the command line."""

"""The command line: one parser, its options, and one module per command."""

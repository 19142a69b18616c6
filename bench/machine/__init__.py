"""This machine: its hardware and software, and the memory of processes."""

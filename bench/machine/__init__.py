"""The machine of a measurement: its hardware and software, and the memory of processes."""

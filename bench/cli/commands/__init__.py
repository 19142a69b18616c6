"""The commands of ``recbench``, one module each: its options, its help, and what it calls."""

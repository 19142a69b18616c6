"""What this machine is, and what its processes hold."""

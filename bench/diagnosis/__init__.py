"""Is this installation fit to measure? What `recbench doctor` examines."""

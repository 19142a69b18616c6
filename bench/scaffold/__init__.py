"""What `recbench new` writes: the beginning of a plug-in project."""

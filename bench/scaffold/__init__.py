"""The beginning of a plug-in project, which `recbench new` writes."""
